"""YAML without surprises: plain mappings and lists, no duplicate keys, and named complaints about unknown ones."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml


class StrictError(ValueError):
    """A data file of the project is not what its reader expects; the text names the file and what to change."""


class _Loader(yaml.CSafeLoader):
    """SafeLoader (libyaml: ten times faster) that refuses a key given twice (YAML itself keeps the last one in silence)."""


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
    seen: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise StrictError(f"line {key_node.start_mark.line + 1}: key {key!r} must be text (quote it)")
        if key in seen:
            raise StrictError(f"line {key_node.start_mark.line + 1}: key {key!r} is given twice")
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def parse(text: str, name: str) -> Any:
    """The value of a YAML text; raises StrictError naming `name` and the line."""
    try:
        return yaml.load(text, Loader=_Loader)
    except StrictError as error:
        raise StrictError(f"{name} {error}") from None
    except yaml.YAMLError as error:
        raise StrictError(f"{name}: not YAML: {error}") from None


def read(path: Path) -> Any:
    """The value of a YAML file in UTF-8."""
    return parse(path.read_text(encoding="utf-8"), path.name)


def expect_keys(
    value: Any, where: str, required: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, Any]:
    """`value` as a mapping with exactly these keys; raises StrictError naming the place, and what is allowed."""
    if not isinstance(value, dict):
        raise StrictError(f"{where}: expected a mapping, found {type(value).__name__}")
    needed, allowed = list(required), [*required, *optional]
    if unknown := [key for key in value if key not in allowed]:
        raise StrictError(f"{where}: unknown key {', '.join(unknown)} (expected {', '.join(allowed)})")
    if missing := [key for key in needed if key not in value]:
        raise StrictError(f"{where}: missing key {', '.join(missing)}")
    return value
