"""Random streams by name, and day numbers: nothing here depends on the order in which anything is worked off."""

from __future__ import annotations

import zlib
from datetime import date, timedelta

import numpy as np

EPOCH = date(1970, 1, 1)


def rng(seed: int, *parts: str | int) -> np.random.Generator:
    """An independent stream for every name, such as rng(seed, "orders", platform, province, day number)."""
    words = [part if isinstance(part, int) else zlib.crc32(part.encode()) for part in parts]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, *words])))


def day_number(on: date) -> int:
    return (on - EPOCH).days


def from_number(number: int) -> date:
    return EPOCH + timedelta(days=number)
