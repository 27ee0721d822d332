"""Labour protection, flows, contracts, disputes, programmes and contributions: a whole night against plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from data_samples.sample import write_sample
from pipelines.nightly import nightly
from tests.oracle.__main__ import read_book
from tests.oracle.book import Book
from tests.oracle.indicators_work import work_indicators
from warehouse.home import Home
from warehouse.indicators import compute, load
from warehouse.snapshot import open_snapshot

BREAKDOWNS = (
    "",
    "month",
    "month,province,platform",
    "quarter,region",
    "platform,industry",
    "month,programme",
)
NOW = datetime(2025, 7, 6, 8)
DISPUTES = """case_no,platform_code,province_code,received_at,stage,closed_at,outcome,topic
G1,P02,310000,2025-06-30 23:59:59,closed,2025-07-02 00:00:00,调解成功,报酬
G2,P02,310000,2025-07-01 00:00:00,mediation,,,报酬
G3,P04,350000,2025-07-02 09:00:00,closed,2025-07-30 09:00:00,撤回,工时
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Book, Home]]:
    """Seven days over the first of July 2025, platforms and other submitters, with all honest imperfections."""
    folder = tmp_path_factory.mktemp("work")
    write_sample(
        folder / "inbox", days=7, start=date(2025, 6, 28), orders_per_day=500, seed=5, claims_per_million=4000,
        platforms=("P02", "P04", "P08", "W01", "Y01"), provinces=("310000", "350000"),
    )  # fmt: skip
    for old in (folder / "inbox").glob("disputes-*.csv"):
        old.unlink()
    (folder / "inbox" / "disputes-20250705.csv").write_text(DISPUTES, encoding="utf-8")
    home = Home(folder / "home")
    nightly(home, folder / "inbox", now=NOW, data_docs=False)
    yield read_book(folder / "inbox", NOW, home.registers), home


@pytest.mark.parametrize("by", BREAKDOWNS)
def test_a_night_says_what_the_definitions_say(sample: tuple[Book, Home], by: str) -> None:
    book, home = sample
    keys = [name for name in by.split(",") if name]
    with open_snapshot(home) as connection:
        rows = compute(connection, by=keys).iter_rows(named=True)
        mine = {(row["indicator"], tuple(row[key] for key in keys)): row for row in rows}
    lines = []
    told = work_indicators(book, keys)
    for (name, cell), figure in told.items():
        row = mine.get((name, cell))
        if row is None or set(row["flags"]) & set("xz"):
            if figure.value not in (None, 0):
                lines.append(f"{name} {cell}: {float(figure.value)} expected, got {row and row['flags']!r}")
        elif (row["value"] is None) != (figure.value is None) or (
            figure.value is not None
            and row["value"] != pytest.approx(float(figure.value), rel=1e-9, abs=1e-12)
        ):
            lines.append(f"{name} {cell}: {row['value']}, expected {figure.value and float(figure.value)}")
    assert not lines, f"{len(lines)} of {len(told)}:\n" + "\n".join(lines[:20])
    assert len(told) > 10


def test_every_monthly_indicator_says_x_for_days(sample: tuple[Book, Home]) -> None:
    with open_snapshot(sample[1]) as connection:
        rows = compute(connection, by=["day"], indicators=[i.id for i in load().values() if i.is_monthly])
        cut = compute(
            connection, by=["month"], date_from=date(2025, 7, 2), indicators=["commission_rate", "cover_days"]
        )
    assert set(rows["flags"]) == {"x"}
    assert set(cut["flags"]) == {"x"}, "a month cut short by --from is no whole month"
