"""Text that strangers wrote, made fit to be stored and shown: no identity numbers, nothing a database cannot hold."""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any

KEPT = 1000  # characters of an original text that quarantine keeps

# any run of 14 and more digits, also written with single blanks or hyphens in between, or in full width
_DIGITS = re.compile(r"(?:\d[ \-\u3000]?){14,}[\dXx]?")
# what has the shape of an identity number: area, birth date, sequence, check; digests (64 hex) are left alone
_SHAPED = re.compile(
    r"\b[0-9a-fA-F]{64}\b|[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
)

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def mask(text: str) -> str:
    """Hide whatever may be an identity number: for texts of rows, where a hidden order number does no harm."""
    return _DIGITS.sub(lambda found: "*" * len(found[0]), text)


def safe(text: str, limit: int | None = None) -> str:
    """Fit to be stored: identity numbers hidden, lone surrogates and control characters replaced, cut at `limit` characters.

    Digests and credit codes stay readable: only what has the shape of an identity number is hidden.
    """
    found = _SHAPED.sub(lambda hit: hit[0] if len(hit[0]) == 64 else "*" * len(hit[0]), text)
    found = _CONTROLS.sub("\ufffd", found.encode("utf-8", "replace").decode("utf-8"))
    return found if limit is None else found[:limit]


def safe_json(value: Any) -> Any:
    """A JSON value with every text in it made safe, keys too; a number that has the shape becomes a masked text."""
    if isinstance(value, dict):
        return {safe(key): safe_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [safe_json(inner) for inner in value]
    if isinstance(value, str):
        return safe(value)
    return (
        value
        if isinstance(value, bool) or value is None or safe(str(value)) == str(value)
        else safe(str(value))
    )


def safe_name(name: str) -> str:
    """The name of a file or folder as it is stored; two names never become one."""
    found = safe(name)
    return found if found == name else f"{found}~{hashlib.sha256(os.fsencode(name)).hexdigest()[:12]}"
