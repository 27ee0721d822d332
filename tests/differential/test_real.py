"""Engine against oracle on the real orders."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.differential.engine import ask_engine, ask_oracle, differences
from warehouse.home import Home

NOW = datetime(2025, 11, 6, 8)


@pytest.mark.real
def test_real_orders(real: Path, home: Home) -> None:
    told = ask_engine(real, home, NOW)
    assert told.packages, "nothing was read"
    assert differences(told, ask_oracle(real, NOW, home.registers)[0]) == []
