"""The detectors' catalogue for auditors: Markdown derived from the detector files, in Chinese or English.

`python -m checks.detectorbook docs` writes both pages (`make docs`). `zhibao detectors --page zh` prints the page of one
home, with what every detector could say there last night. Findings are leads; the page says when each errs.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from checks.detectors import Detector, load
from checks.schemes import SCHEMES

LANGUAGES = {"zh": "zh-CN", "en": "en"}
Told = Mapping[str, Mapping[str, Any]]  # detector → its row of marts.detector_catalogue

_TEXTS = {
    "zh": {
        "title": "识别器目录（供审计人员）",
        "derived": "本页由 `checks/detectors/` 各文件生成（`make docs`），请勿手改。共 {count} 个识别器。识别器给出的是线索与证据强度，"
        "不是事实认定；数据不足为“不适用”，数据无法显示为“不可识别”，二者都不等于“清白”。",
        "looks": "看什么", "errs": "何时会错", "ask": "向平台问什么", "schemes": "可能指向", "unit": "效应单位", "source": "出处",
        "home": "本库上一夜", "list": "作假方式与识别器", "list_note": "没有识别器的方式：目前的数据与程序不能发现，列出以免误以为已查。",
        "header": ("方式", "名称", "什么能显示它", "识别器"), "none": "（尚无）", "version": "版本",
        "counts": "疑点 {findings}（未了结 {findings_open}）；单元：有证据 {cells_evidence}，无 {cells_clean}，不适用 "
        "{cells_not_applicable}，不可识别 {cells_not_identifiable}，出错 {cells_error}",
    },
    "en": {
        "title": "Catalogue of detectors (for auditors)",
        "derived": "Derived from the files of `checks/detectors/` (`make docs`); do not edit. {count} detectors. A detector gives a lead "
        "and the strength of its evidence, never a finding of fact. Too little data is “not applicable”, data that cannot show it "
        "“not identifiable”: neither means clean.",
        "looks": "What it looks at", "errs": "When it errs", "ask": "What to ask the platform", "schemes": "May speak for",
        "unit": "Unit of the effect", "source": "Source", "home": "This home, last night", "list": "Schemes and their detectors",
        "list_note": "A scheme without a detector cannot be found by the data and programs as they are; it is listed so that nobody takes it as checked.",
        "header": ("scheme", "name", "what would show it", "detectors"), "none": "(none yet)", "version": "version",
        "counts": "{findings} findings ({findings_open} open); cells: evidence {cells_evidence}, none {cells_clean}, not applicable "
        "{cells_not_applicable}, not identifiable {cells_not_identifiable}, crashed {cells_error}",
    },
}  # fmt: skip


def render(language: str, detectors: Sequence[Detector] | None = None, told: Told | None = None) -> str:
    """The page as Markdown; `told` adds what became of each detector in one home. ValueError on another language."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} (expected {', '.join(LANGUAGES)})")
    if detectors is None:
        detectors = [module.header for module in load()]
    texts: Mapping[str, Any] = _TEXTS[language]
    parts = [f"# {texts['title']}", texts["derived"].format(count=len(detectors))]
    parts += [f"## {texts['list']}", texts["list_note"], _schemes(language, detectors)]
    for each in detectors:
        parts += [f"## {each.id} {_of(each, 'title', language)}", _lines(each, language)]
        if told is not None and each.id in told:
            parts.append(f"{texts['home']}: {texts['counts'].format(**told[each.id])}")
    return "\n\n".join(parts) + "\n"


def write(folder: Path) -> list[Path]:
    """Write detectors.<language>.md for both languages; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for language, tag in LANGUAGES.items():
        path = folder / f"detectors.{tag}.md"
        path.write_text(render(language), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def list_detectors(connection: duckdb.DuckDBPyConnection) -> None:
    """checks.detector, checks.scheme, checks.detector_scheme: the detectors as this code has them, for marts.detector_catalogue."""
    heads = [module.header for module in load()]
    connection.execute(
        "begin; delete from checks.detector; delete from checks.scheme; delete from checks.detector_scheme"
    )
    connection.executemany(
        f"insert into checks.detector values ({', '.join('?' * 13)})",
        [
            (d.id, d.version, d.title_zh, d.title_en, d.looks_zh, d.looks_en, d.errs_zh, d.errs_en, d.ask_zh, d.ask_en, d.unit,
             d.source, ", ".join(d.schemes))
            for d in heads
        ],
    )  # fmt: skip
    connection.executemany(
        "insert into checks.scheme values (?, ?, ?, ?, ?)",
        [
            (name, scheme.title_zh, scheme.title_en, scheme.shown_zh, scheme.shown_en)
            for name, scheme in SCHEMES.items()
        ],
    )
    connection.executemany(
        "insert into checks.detector_scheme values (?, ?)",
        [(d.id, name) for d in heads for name in d.schemes],
    )
    connection.execute("commit")


def _of(detector: Detector, field: str, language: str) -> str:
    return str(getattr(detector, f"{field}_{language}"))


def _lines(detector: Detector, language: str) -> str:
    texts: Mapping[str, Any] = _TEXTS[language]
    stop, colon = ("；", "：") if language == "zh" else ("; ", ": ")
    schemes = stop.join(
        f"{name} {SCHEMES[name].title_zh if language == 'zh' else SCHEMES[name].title_en}"
        for name in detector.schemes
    )
    lines = [(texts[field], _of(detector, field, language)) for field in ("looks", "errs", "ask")]
    lines += [
        (texts["schemes"], schemes),
        (texts["unit"], detector.unit),
        (texts["source"], f"{detector.source} ({texts['version']} {detector.version})"),
    ]
    return "\n".join(f"- **{label}**{colon}{text}" for label, text in lines)


def _schemes(language: str, detectors: Sequence[Detector]) -> str:
    texts: Mapping[str, Any] = _TEXTS[language]
    zh = language == "zh"
    lines = ["| " + " | ".join(texts["header"]) + " |", "|---|---|---|---|"]
    for name, scheme in SCHEMES.items():
        speakers = ", ".join(d.id for d in detectors if name in d.schemes) or texts["none"]
        title, shown = (scheme.title_zh, scheme.shown_zh) if zh else (scheme.title_en, scheme.shown_en)
        lines.append(f"| {name} | {title} | {shown} | {speakers} |")
    return "\n".join(lines)


if __name__ == "__main__":
    for written in write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")):
        print(written)
