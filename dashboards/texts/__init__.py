"""Every word on screen, by key: `words("overview.title")`. Two files, the same keys (a test sees to it)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

FOLDER = Path(__file__).parent


class Words:
    """The texts of one language. An unknown key raises KeyError: a missing word must not reach a screen."""

    def __init__(self, lang: str, texts: Mapping[str, str]) -> None:
        self.lang = lang
        self.texts = texts

    def __call__(self, key: str, **values: object) -> str:
        text = self.texts[key]
        return text.format(**values) if values else text

    def has(self, key: str) -> bool:
        return key in self.texts

    def section(self, prefix: str) -> Mapping[str, str]:
        """The texts under a prefix, for the pure figures that know no keys of ours."""
        start = f"{prefix}."
        return {key[len(start) :]: text for key, text in self.texts.items() if key.startswith(start)}


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, str):
            yield f"{prefix}{name}", value
        else:
            yield from _flat(value, f"{prefix}{name}.")


@cache
def load(lang: str) -> Words:
    """The words of a language ('zh' or 'en')."""
    tree = tomllib.loads((FOLDER / f"{lang}.toml").read_text(encoding="utf-8"))
    return Words(lang, MappingProxyType(dict(_flat(tree))))
