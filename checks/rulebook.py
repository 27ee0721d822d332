"""The published rule catalogue: Markdown derived from the rule files, in Chinese or English.

`python -m checks.rulebook docs` writes both pages; a test keeps them up to date. `zhibao rules --page zh` prints the same
page of one home, with how often each rule fired.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from checks.catalogue import Rule, load
from warehouse.parameters import load as load_parameters

LANGUAGES = {"zh": "zh-CN", "en": "en"}
Fired = Mapping[tuple[str, int], Mapping[str, Any]]  # (rule, version) → its row of marts.rule_catalogue

_TEXTS = {
    "zh": {
        "title": "校验规则目录",
        "derived": "本页由 `checks/rules/` 各文件生成（`make docs`），请勿手改。共{count}条。依据等级：S 项目来源文件，V 官方文本核实，"
        "W 单一弱来源，A 未核实（项目约定，可配置）。规则命中是线索，不是事实认定。",
        "assumption": "未核实",
        "open": "起",
        "always": "不限日期",
        "none": "无",
    },
    "en": {
        "title": "Rule catalogue",
        "derived": "Derived from the files of `checks/rules/` (`make docs`); do not edit. {count} rules. Grades of a basis: S source "
        "document, V verified in an official text, W one weak source, A assumption (configurable). A hit is a lead, not a "
        "finding of fact.",
        "assumption": "assumption",
        "open": "on",
        "always": "any date",
        "none": "none",
    },
}
_HEADER = {
    "zh": ("规则", "标题", "后果", "责任方", "依据", "参数", "版本与施行", "处理"),
    "en": ("rule", "title", "consequence", "responsible", "basis", "parameters", "version, in force", "what to do"),
}  # fmt: skip
_FIRED = {
    "zh": ("命中", "未了结", "违反行数", "金额（元）", "通过/不适用/未执行/出错"),
    "en": ("hits", "open", "violations", "yuan", "pass/n.a./skipped/error"),
}
_CLASSES = {
    "S": ("报送结构", "Structure of submissions"),
    "V": ("取值与主键", "Values and keys"),
    "C": ("范围与缴费", "Scope and premium"),
    "X": ("交叉核对", "Cross-checks"),
    "T": ("时效与版本", "Time and versions"),
    "P": ("各保障项目", "Programmes"),
    "M": ("汇总与发布", "Aggregates and releases"),
}
_CONSEQUENCE = {
    "refuse": "拒收",
    "quarantine": "隔离",
    "defect": "失实（不予认证）",
    "breach": "违规",
    "suspect": "疑点",
}
_RESPONSIBLE = {
    "platform": "平台",
    "agency": "经办机构",
    "tax": "税务",
    "insurer": "承保机构",
    "worker": "从业人员",
}


def render(language: str, rules: Sequence[Rule] | None = None, fired: Fired | None = None) -> str:
    """The catalogue as Markdown; `fired` adds what became of each rule in one home. ValueError on another language."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} (expected {', '.join(LANGUAGES)})")
    rules = load() if rules is None else rules
    texts = _TEXTS[language]
    parts = [f"# {texts['title']}", texts["derived"].format(count=len({rule.id for rule in rules}))]
    header = (*_HEADER[language], *(_FIRED[language] if fired is not None else ()))
    for letter, titles in _CLASSES.items():
        chosen = [rule for rule in rules if rule.id[0] == letter]
        if chosen:
            rows = [(*_row(rule, language), *_counts(rule, fired)) for rule in chosen]
            parts += [f"## {letter} {titles[language == 'en']}", _markdown(header, rows)]
    return "\n\n".join(parts) + "\n"


def write(folder: Path) -> list[Path]:
    """Write rules.<language>.md for both languages; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for language, tag in LANGUAGES.items():
        path = folder / f"rules.{tag}.md"
        path.write_text(render(language), encoding="utf-8", newline="\n")
        paths.append(path)
    return paths


def _row(rule: Rule, language: str) -> tuple[str, ...]:
    texts, zh = _TEXTS[language], language == "zh"
    grade = f"{rule.basis.grade} {texts['assumption']}" if rule.basis.grade == "A" else rule.basis.grade
    return (
        rule.id,
        rule.title_zh if zh else rule.title_en,
        _CONSEQUENCE[rule.consequence] if zh else rule.consequence,
        _RESPONSIBLE[rule.responsible] if zh else rule.responsible,
        f"{rule.basis.text} ({grade})",
        ", ".join(_parameter(name, language) for name in rule.parameters) or texts["none"],
        f"{rule.version}: {_period(rule.effective_from, rule.effective_to, texts)}",
        rule.message_zh if zh else rule.message_en,
    )


def _parameter(name: str, language: str) -> str:
    """`name (title, grades)`, the grades of all its values."""
    found = {parameter.id: parameter for parameter in load_parameters()}[name]
    grades = "/".join(sorted({value.grade for value in found.values}, key="SVWA".index))
    return f"`{name}` ({found.title_zh if language == 'zh' else found.title_en}, {grades})"


def _period(start: date | None, end: date | None, texts: Mapping[str, str]) -> str:
    if start is None and end is None:
        return texts["always"]
    return f"{start or '…'} {texts['open']}" if end is None else f"{start or '…'} … {end}"


def _counts(rule: Rule, fired: Fired | None) -> tuple[str, ...]:
    if fired is None:
        return ()
    row = fired.get((rule.id, rule.version), {})
    states = [str(row.get(f"cells_{name}") or 0) for name in ("pass", "not_applicable", "skipped", "error")]
    amount = row.get("amount_yuan")
    return (
        *(str(row.get(name) or 0) for name in ("findings", "findings_open", "violations_open")),
        "" if amount is None else f"{amount:,.2f}",
        "/".join(states),
    )


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


if __name__ == "__main__":
    for written in write(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")):
        print(written)
