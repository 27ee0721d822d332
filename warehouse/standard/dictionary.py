"""The published data dictionary: Markdown derived from the standard alone, in Chinese or English.

`python -m warehouse.standard.dictionary docs` writes both pages; a test keeps them up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from warehouse.standard import REGISTER_CODES, Column, Extract, Standard, load

LANGUAGES = {"zh": "zh-CN", "en": "en"}

_TEXTS = {
    "zh": {
        "title": "数据字典：报送规范 {version}",
        "derived": "本页由 `warehouse/standard/v{version}.yaml` 生成，请勿手改。项目约定：公布的文件只列出数据种类，未列字段。",
        "manifest": "清单 manifest.json",
        "keys": "键",
        "reason": "reason 对象",
        "signature": "signature 对象",
        "extract": "extracts 各项",
        "totals": "totals（{name}）",
        "witness": "佐证文件与时报",
        "codes": "代码表",
        "file": "文件名",
        "key": "主键",
        "package": "批次名称",
        "yes": "是",
        "no": "否",
        "register": "登记表 {name}",
    },
    "en": {
        "title": "Data dictionary: reporting standard {version}",
        "derived": "Derived from `warehouse/standard/v{version}.yaml`; do not edit. Project convention: the published "
        "texts name the kinds of data, not the fields.",
        "manifest": "The manifest, manifest.json",
        "keys": "Keys",
        "reason": "The reason object",
        "signature": "The signature object",
        "extract": "Each of the extracts",
        "totals": "totals ({name})",
        "witness": "Witness files and pulses",
        "codes": "Code lists",
        "file": "File name",
        "key": "Key",
        "package": "Package name",
        "yes": "yes",
        "no": "no",
        "register": "register {name}",
    },
}
_COLUMN_HEADER = {
    "zh": ("列", "类型", "可空", "取值", "含义"),
    "en": ("column", "type", "may be empty", "values", "meaning"),
}
_CODE_HEADER = {"zh": ("代码", "含义"), "en": ("code", "meaning")}
_TYPES = {
    "zh": {
        "text": "文本",
        "integer": "整数",
        "decimal": "小数",
        "date": "日期",
        "timestamp": "时间",
        "instant": "带偏移时间",
        "code": "代码",
        "identity": "公民身份号码",
        "credit_code": "统一社会信用代码",
        "boolean": "布尔",
        "object": "对象",
        "list": "列表",
    },
    "en": {
        "instant": "timestamp with offset",
        "identity": "identity number",
        "credit_code": "credit code",
    },
}


def render(language: str, standard: Standard | None = None) -> str:
    """The dictionary as Markdown; language is zh or en (ValueError otherwise)."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} (expected {', '.join(LANGUAGES)})")
    standard = standard or load()
    texts = _TEXTS[language]
    parts = [
        f"# {texts['title'].format(version=standard.version)}",
        texts["derived"].format(version=standard.version),
    ]
    parts.append(f"{texts['package']}: `{{platform_code}}-{{province_code}}-{{YYYYMMDD}}-{{sequence}}`")
    for extract in standard.extracts.values():
        parts += _extract(extract, language)
    manifest = standard.manifest
    parts.append(f"## {texts['manifest']}")
    for name in ("keys", "reason", "signature", "extract"):
        parts += [f"### {texts[name]}", _table(getattr(manifest, name), language)]
    for name, columns in manifest.totals.items():
        parts += [f"### {texts['totals'].format(name=name)}", _table(columns, language)]
    parts.append(f"## {texts['witness']}")
    for extract in standard.witness_files.values():
        parts += _extract(extract, language, level="###")
    parts.append(f"## {texts['codes']}")
    for name, codes in standard.codes.items():
        rows = [(f"`{code.code}`", code.zh if language == "zh" else code.en) for code in codes.values()]
        parts += [f'<a id="codes-{name}"></a>\n\n### {name}', _markdown(_CODE_HEADER[language], rows)]
    return "\n\n".join(parts) + "\n"


def write(folder: Path) -> list[Path]:
    """Write data-dictionary.<language>.md for both languages; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for language, tag in LANGUAGES.items():
        path = folder / f"data-dictionary.{tag}.md"
        path.write_text(render(language), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def _extract(extract: Extract, language: str, level: str = "##") -> list[str]:
    texts = _TEXTS[language]
    title, meaning = (
        (extract.title_zh, extract.meaning_zh) if language == "zh" else (extract.title_en, extract.meaning_en)
    )
    facts = f"{texts['key']}: {', '.join(f'`{name}`' for name in extract.key)}"
    if extract.file_pattern:
        facts += f"  \n{texts['file']}: `{extract.file_pattern}`"
    return [f"{level} {title} `{extract.name}`", meaning, facts, _table(extract.columns, language)]


def _table(columns: Iterable[Column], language: str) -> str:
    texts = _TEXTS[language]
    rows = [
        (
            f"`{column.name}`",
            _type(column, language),
            texts["yes" if column.null else "no"],
            _values(column, texts),
            column.zh if language == "zh" else column.en,
        )
        for column in columns
    ]
    return _markdown(_COLUMN_HEADER[language], rows)


def _type(column: Column, language: str) -> str:
    name = _TYPES[language].get(column.type, column.type)
    if column.type == "decimal":
        return f"{name}({column.precision},{column.scale})"
    return f"{name} ≤{column.max_length}" if column.max_length else name


def _values(column: Column, texts: dict[str, str]) -> str:
    if column.codes in REGISTER_CODES:
        return texts["register"].format(name=column.codes)
    if column.codes:
        return f"[{column.codes}](#codes-{column.codes})"
    if column.minimum is not None and column.maximum is not None:
        return f"{column.minimum}–{column.maximum}"
    return f"≥ {column.minimum}" if column.minimum is not None else ""


def _markdown(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    for written in write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")):
        print(written)
