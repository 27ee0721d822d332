"""Every word on screen: both languages have the same keys, each is used, none is missing, and code holds no words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards import texts
from dashboards.app import all_pages
from dashboards.state import Notice, decode
from dashboards.view import View

FOLDER = Path(texts.__file__).parent.parent
SOURCES = sorted(FOLDER.rglob("*.py"))
ZH, EN = texts.load("zh"), texts.load("en")
CODES = ("consequence", "status_of", "dimension", "responsible")  # words of codes that come with the data
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def patterns(path: Path) -> Iterator[str]:
    """Every string of a file as a regular expression: what is put in at run time matches anything."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.escape(node.value)
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in node.values
            )


def sections() -> set[str]:
    """The sections that some file takes as a whole: words.section("…")."""
    found = set(CODES)
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "section"
            ):
                found |= {
                    arg.value
                    for arg in node.args
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                }
    return found - {"figure"}


def test_both_languages_have_the_same_keys() -> None:
    assert sorted(ZH.texts) == sorted(EN.texts)


def test_both_languages_put_in_the_same_values() -> None:
    for key, text in ZH.texts.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", EN.texts[key])), key


def test_english_has_no_chinese_and_chinese_has_some() -> None:
    assert [key for key, text in EN.texts.items() if CHINESE.search(text)] == []
    bare = [key for key, text in ZH.texts.items() if not CHINESE.search(text)]
    assert [
        key
        for key in bare
        if not key.startswith(("mark.", "status.undefined", "submissions.sign.", "labour.unit.share"))
        and not key.endswith(".parts")
    ] == []


def test_every_text_is_used() -> None:
    used = [
        re.compile(pattern)
        for path in SOURCES
        for pattern in patterns(path)
        if "\\." in pattern and re.search(r"[a-z_]{3,}", pattern.replace(".+", " "))
    ]
    in_figures = {pattern for path in SOURCES if path.parent.name == "figures" for pattern in patterns(path)}
    whole = sections()
    unused = [
        key
        for key in ZH.texts
        if key.split(".")[0] not in whole
        and not any(pattern.fullmatch(key) for pattern in used)
        and not (key.startswith("figure.") and re.escape(key.removeprefix("figure.")) in in_figures)
    ]
    assert unused == []


def test_every_text_that_is_asked_for_exists() -> None:
    known = {key.split(".")[0] for key in ZH.texts}
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        parts = {
            id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values
        }
        for node in ast.walk(tree):
            if id(node) in parts or not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            if re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)+", node.value) and node.value.split(".")[0] in known:
                assert node.value in ZH.texts, f"{path.name}: {node.value}"


def test_every_page_and_card_has_a_title() -> None:
    for page in all_pages():
        assert ZH.has(f"{page.name}.title")
        for card in page.cards:
            assert ZH.has(f"{page.name}.{card.name}.title") and ZH.has(f"{page.name}.{card.name}.help"), (
                card.name
            )


def test_no_words_in_the_code() -> None:
    """Chinese in a string of the code is a word that nobody can translate; docstrings and the brand may have it."""
    allowed = re.compile(r"职保( zhibao)?|菜单 Menu|中文|[①-⑩]+")
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = {id(node.body[0].value) for node in ast.walk(tree)
                      if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
                      and isinstance(node.body[0], ast.Expr)}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documented:
                assert not CHINESE.search(node.value) or allowed.fullmatch(node.value), (
                    f"{path.name}: {node.value}"
                )


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        ZH("overview.no_such_thing")


def test_every_notice_has_its_words() -> None:
    told = decode("?x=1&lang=fr&from=2025-02-01&to=2025-01-01&by=day&by=day")[1]
    for notice in [*told, Notice("unknown_code", "province", "999999")]:
        assert ZH.has(f"notice.{notice.reason}"), notice
    assert View.__doc__
