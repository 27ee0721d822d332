"""The small detection benchmark, held against a committed floor: it fails when a scheme is lost or an honest platform accused.

The floor only moves by a commit that says why. `ZHIBAO_THOROUGH=1` runs every world of the small size, else the first.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from data_samples import worlds
from pipelines.benchmark import measure, run
from tests.budget import THOROUGH
from warehouse.strict_yaml import parse

FLOOR = parse(
    (Path(__file__).parent / "detection_floor.yaml").read_text(encoding="utf-8"), "detection_floor.yaml"
)
PLAN = {world.name: world for world in worlds.plan(worlds.load(), worlds.load().sizes["small"], 1)}


def test_every_world_has_its_floor() -> None:
    assert set(FLOOR) == set(PLAN)
    for name, world in PLAN.items():
        assert set(FLOOR[name]["found"]) <= {trial.scheme for trial in world.trials}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PLAN) if THOROUGH else sorted(PLAN)[:1])
def test_the_floor_holds(name: str, tmp_path: Path) -> None:
    run.world(PLAN[name], tmp_path, rules=False)
    done = measure.read(tmp_path)[0]
    assert not done.record["errors"]
    assert all(count > 0 for count in done.record["touched"].values())
    rows = {row["scheme"]: row for row in measure.outcomes(done, done.alerts)}
    lost = {scheme for scheme in FLOOR[name]["found"] if not rows[scheme]["found"]}
    assert not lost, f"no longer found: {lost}"
    late = {
        scheme: rows[scheme]["nights"]
        for scheme, most in FLOOR[name]["found"].items()
        if rows[scheme]["nights"] > most
    }
    assert not late, f"found later than before: {late}"
    wrong = measure.false_alerts(done, done.alerts)
    assert wrong.height <= FLOOR[name]["false_alerts"], wrong
