"""Detectors on a country they were not made for: honest platforms stay silent, whoever falsifies is found and named."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.budget import THOROUGH
from tests.strangers.country import Country, Habits, Liar, drop, drop_nights, round_income

SEEDS = (1, 2, 3) if THOROUGH else (1,)
PROVINCES = 4 if THOROUGH else 2
NIGHTS = 45 if THOROUGH else 32
CALM = Habits(
    nights=NIGHTS, unrest=0.05, common=0.05, excess=0, weekend=0.15, holiday=0, storm=0, hiring=0.01, heavy=False, checks=8
)  # fmt: skip


def told(folder: Path, habits: Habits, seed: int, liars: dict[str, Liar]) -> list[dict[str, Any]]:
    """What the detectors of a night-by-night backfill found, by the command line."""
    Country(folder / "inbox", habits, seed, PROVINCES, liars).write()
    home = ["--home", str(folder / "home")]
    command = [sys.executable, "-m", "pipelines.cli"]
    inbox = ["--inbox", str(folder / "inbox"), "--no-data-docs", "--now", "2025-10-18T08:00:00+08:00"]
    night = subprocess.run([*command, "nightly", *home, *inbox], capture_output=True, text=True, check=False)
    assert night.returncode in (0, 3), night.stderr[-500:]
    asked = subprocess.run([*command, "findings", *home, "--format", "json"], capture_output=True, text=True, check=True)  # fmt: skip
    return [found for found in json.loads(asked.stdout) if found["kind"] == "detector"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("habits", [
    Habits(nights=NIGHTS),
    *([Habits(nights=NIGHTS, unrest=0.3, common=0.25, excess=0.3, holiday=-0.4), Habits(nights=NIGHTS, whole_minutes=True), CALM] if THOROUGH else []),
], ids=str)  # fmt: skip
def test_an_honest_country_is_silent(habits: Habits, seed: int, tmp_path: Path) -> None:
    found = told(tmp_path, habits, seed, {})
    assert [(f["rule_id"], f["platform_code"], f["province_code"], f["detected_on"]) for f in found] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_who_falsifies_is_found_and_named_and_nobody_else(seed: int, tmp_path: Path) -> None:
    liars = {
        "P02": Liar(drop(0.1), since=20),
        "P05": Liar(drop(0.1), since=20, renumbers=True),
        "P01": Liar(drop_nights(0.7), since=18),
        "P08": Liar(round_income(0.3), since=20),
    }
    named = {"P02": "F02", "P05": "F02", "P01": "F04", "P08": "F27"}
    found = told(tmp_path, CALM, seed, liars)
    assert {f["platform_code"] for f in found} == set(liars)
    for platform, scheme in named.items():
        mine = [f for f in found if f["platform_code"] == platform]
        best = max(mine, key=lambda f: (f["score"], f["province_code"] is None))
        assert best["scheme"][0]["id"] == scheme, (platform, best["scheme"])
        assert all(f["detected_on"] >= f"2025-09-{1 + liars[platform].since:02d}" for f in mine)
