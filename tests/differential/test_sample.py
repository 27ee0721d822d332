"""Engine against oracle on small samples: honest ones, and ones with planted faults."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from data_samples.sample import write_sample
from tests.differential.engine import ask_engine, ask_oracle, differences
from warehouse.home import Home

FIRST = date(2025, 10, 6)
NOW = datetime(2025, 10, 11, 8)  # a day after the last date's deadline, when late packages are in too
FAULTS = (
    "X01:0.02:P02:310000:2025-10-07",
    "C07:0.01:P01:440000:2025-10-07",
    "V01:0.05:P01:310000:2025-10-07",
    "T03:0.01:P04:440000:2025-10-08",
    "S02:1:P04:310000:2025-10-09",
    "F15:0.2:P02:440000:2025-10-07",
    "F24:0.02:P01:440000:2025-10-08",
    "F25:0.5:P04:440000:2025-10-07",
)


@pytest.mark.parametrize("faults", [(), FAULTS], ids=["honest", "faulty"])
def test_sample(faults: tuple[str, ...], tmp_path: Path, home: Home) -> None:
    inbox = tmp_path / "inbox"
    write_sample(
        inbox,
        days=4,
        start=FIRST,
        orders_per_day=2000,
        platforms=["P01", "P02", "P04"],
        provinces=["310000", "440000"],
        seed=3 + len(faults),
        falsify=faults,
    )
    told = ask_engine(inbox, home, NOW)
    if faults:
        assert {"X01", "C07", "V01", "T03", "S02", "V09", "T04", "X13"} <= {key[0] for key in told.findings}
    assert differences(told, ask_oracle(inbox, NOW, home.registers)[0]) == []
