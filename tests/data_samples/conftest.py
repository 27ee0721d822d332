"""Two samples, written once for all tests of this folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from data_samples.sample import write_sample

SMALL = {"days": 6, "start": date(2025, 10, 7), "orders_per_day": 2500, "claims_per_million": 3000.0}


@pytest.fixture(scope="session")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six days with honest imperfections."""
    out = tmp_path_factory.mktemp("honest") / "inbox"
    write_sample(out, **SMALL)  # type: ignore[arg-type]
    return out


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without them."""
    out = tmp_path_factory.mktemp("pristine") / "inbox"
    write_sample(out, pristine=True, **SMALL)  # type: ignore[arg-type]
    return out
