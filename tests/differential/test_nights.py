"""Engine against oracle on drawn nights; `python -m tests.differential.sweep` draws many more."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.budget import THOROUGH, examples
from tests.differential.engine import ask_engine, ask_oracle, differences
from tests.differential.nights import Night, night
from tests.differential.rows import CENTRES
from tests.differential.writing import write
from warehouse.home import Home

Agree = Callable[[Night], None]
FEW = settings(
    max_examples=examples(2),
    phases=[Phase.generate, Phase.shrink] if THOROUGH else [Phase.generate],
    suppress_health_check=list(HealthCheck),
)
draws = st.randoms(use_true_random=False)


@pytest.fixture
def agree(new_home: Path, tmp_path: Path) -> Agree:
    """Write a night, ask both sides, and let them agree."""

    def check(made: Night) -> None:
        root = tmp_path / "night"
        shutil.rmtree(root, ignore_errors=True)
        home = Home(Path(shutil.copytree(new_home, root / "home")))
        (home.registers / "city_centre.csv").write_text(CENTRES, encoding="utf-8")
        write(made, root / "inbox")
        told = ask_engine(root / "inbox", home, made.now)
        assert differences(told, ask_oracle(root / "inbox", made.now, home.registers)[0]) == []

    return check


@FEW
@given(rng=draws)
def test_shrinkable_nights(agree: Agree, rng: Random) -> None:
    agree(night(rng, pairs=2))


@FEW
@given(seed=st.integers(0, 1 << 32))
def test_crowded_nights(agree: Agree, seed: int) -> None:
    agree(night(Random(seed), pairs=10))


@FEW
@given(rng=draws)
def test_calm_nights(agree: Agree, rng: Random) -> None:
    """No broken cells, keys or packages: only cover, premiums, claims and scope."""
    agree(night(rng, wild=False, pairs=4))
