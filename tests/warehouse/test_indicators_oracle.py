"""The indicators against the oracle: every figure of a night, over several breakdowns, but for what 004 decided otherwise."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from data_samples.sample import write_sample
from pipelines.nightly import nightly
from tests.oracle.__main__ import read_book
from tests.oracle.book import Book
from tests.oracle.indicators import indicators
from warehouse.home import Home
from warehouse.indicators import compute
from warehouse.snapshot import open_snapshot

BREAKDOWNS = ("", "day", "province,platform", "city,industry", "day,region,programme", "platform,industry")
# decisions/004: 8 (denials close a case), 14 (nested witness periods), 18 (quarantine by rules)
READ_OTHERWISE = re.compile(
    r"days_to_.*|on_time_share:(confirm|total):.*|population_coverage|certified_share"
)
CLAIMS = re.compile(
    r"claims_.*|benefit.*|fund_gap_yuan|on_time_share:pay:5"
)  # 13: other programmes have their own


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Book, Home]]:
    """Five days around the first of July 2025, when industries, provinces and platforms came in."""
    folder = tmp_path_factory.mktemp("indicators")
    write_sample(
        folder / "inbox", days=5, start=date(2025, 6, 28), orders_per_day=500, seed=11, platforms=("P01", "P02", "P04", "P08"),
        provinces=("310000", "330000"), falsify=("X01:0.1:P08:310000:2025-06-29", "C07:0.1:P02:310000:2025-06-29"), pristine=False,
    )  # fmt: skip
    yield night(folder / "inbox", Home(folder / "home"), datetime(2025, 7, 4, 8))


def night(inbox: Path, home: Home, now: datetime) -> tuple[Book, Home]:
    nightly(home, inbox, now=now, data_docs=False)
    return read_book(inbox, now, home.registers), home


def differences(book: Book, home: Home, by: str) -> list[str]:
    """What the two tell differently, one line each."""
    keys = [name for name in by.split(",") if name]
    with open_snapshot(home) as connection:
        rows = compute(connection, by=keys).iter_rows(named=True)
        mine = {(row["indicator"], tuple(row[key] for key in keys)): row for row in rows}
    lines = []
    for (name, cell), figure in indicators(book, keys).items():
        if READ_OTHERWISE.fullmatch(name) or (
            CLAIMS.fullmatch(name) and "programme" in keys and "oip" not in cell
        ):
            continue
        row = mine.get((name, cell))
        if row is None or set(row["flags"]) & set("xz"):  # 15, 16: absence is no 0
            if figure.value not in (None, 0) and not name.startswith("growth_rate"):
                lines.append(
                    f"{name} {cell}: the oracle says {float(figure.value)}, here {row and row['flags']}"
                )
            continue
        for part, exact in (("value", figure.value), ("like_for_like", figure.like_for_like)):
            if not same(row[part], exact):
                lines.append(f"{name} {cell}: {part} is {row[part]}, the oracle says {exact}")
    return lines


def same(value: float | None, exact: Any) -> bool:
    if value is None or exact is None:
        return value is None and exact is None
    return abs(value - float(exact)) <= 1e-9 * max(1.0, abs(float(exact)))


@pytest.mark.slow
@pytest.mark.parametrize("by", BREAKDOWNS)
def test_sample(sample: tuple[Book, Home], by: str) -> None:
    assert differences(*sample, by) == []


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, Home]:
    inbox = os.environ.get("ZHIBAO_REAL")
    if not inbox:
        pytest.skip("ZHIBAO_REAL is not set: the real orders were not compared")
    return night(Path(inbox), Home(tmp_path_factory.mktemp("real")), datetime(2025, 11, 6, 8))


@pytest.mark.real
@pytest.mark.parametrize("by", BREAKDOWNS)
def test_real_orders(real: tuple[Book, Home], by: str) -> None:
    assert differences(*real, by) == []
