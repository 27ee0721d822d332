"""The world file and what follows from it: strict, repeatable, honest where nobody falsifies."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from data_samples import nature, worlds
from data_samples.injectors import ADVERSARIES, modules
from data_samples.package import SCHEMAS, Sent
from data_samples.sample import write_sample
from data_samples.stream import Stream, specs
from data_samples.world import Settings, build_cells

FILE = worlds.load()


def small(days: int, **changes: Any) -> Settings:
    return Settings(
        days, date(2025, 9, 1), 900.0, 7, False, "parquet", 1500.0, replace(FILE.nature, **changes)
    )


def sent(settings: Settings, falsify: tuple[str, ...] = ()) -> list[Sent]:
    cells = build_cells(settings, ("P01", "P02"), ("310000", "440000"))
    return [each for night in Stream(settings, cells, specs(falsify, cells)).nights() for each in night.sent]


def test_every_scheme_has_its_line_and_every_adversary_a_mark() -> None:
    assert set(FILE.schemes) == {name for name in modules() if name.startswith("F")}
    for scheme in FILE.schemes.values():
        assert set(scheme.identifiable) == set(ADVERSARIES)
        assert scheme.why


def test_every_target_of_the_full_run_has_a_trial_against_every_adversary() -> None:
    plan = worlds.plan(FILE, FILE.sizes["full"], 1)
    targets = Counter((t.scheme, t.adversary) for world in plan for t in world.trials if t.is_target)
    assert targets == {(scheme, who): 1 for scheme in FILE.schemes for who in ADVERSARIES}
    for world in plan:
        falsifying = [trial.platform for trial in world.trials]
        assert len(set(falsifying)) == len(falsifying) <= len(world.platforms) // 2, (
            "most platforms are honest"
        )


def test_an_unknown_magnitude_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown luck"):
        nature.parse({"luck": 1})


def test_a_stream_gives_what_packages_hold(tmp_path) -> None:  # type: ignore[no-untyped-def]
    settings = Settings(5, date(2025, 10, 6), 900.0, 7, False, "parquet", 400.0)
    falsify = ("F22:0.2:P02:310000:2025-10-07",)
    write_sample(
        tmp_path / "inbox", days=5, orders_per_day=900, seed=7, platforms=["P01", "P02"], provinces=["310000", "440000"],
        formats="parquet", falsify=falsify,
    )  # fmt: skip
    streamed = sent(settings, falsify)
    for each in streamed:
        for extract in SCHEMAS:
            written = pl.read_parquet(tmp_path / "inbox" / each.name / f"{extract}.parquet")
            assert written.equals(getattr(each, extract)), f"{each.name}/{extract}"
    assert {each.name for each in streamed} <= {path.name for path in (tmp_path / "inbox").iterdir()}
    assert len(streamed) > 20


def test_an_outage_ends_and_everything_comes() -> None:
    by_name = {each.name: each for each in sent(small(12, outage_nights=0.2))}
    assert max((each.submitted_at.date() - each.business_date).days for each in by_name.values()) >= 3
    first = {(each.cell.name, each.business_date) for each in by_name.values() if each.sequence == 1}
    assert {day for _, day in first} >= {date(2025, 9, 1), date(2025, 9, 5)}


def test_demand_has_a_memory_and_provinces_share_their_shocks() -> None:
    days = [date(2025, 9, 1).toordinal() + i for i in range(400)]
    walk = [nature.series(3, nature.Noise(0.05, 0.7), "x", "y", day=day) for day in days]
    series = pl.Series(walk)
    assert 0.03 < float(series.std()) < 0.07  # type: ignore[arg-type]
    kept = pl.DataFrame({"now": walk[1:], "before": walk[:-1]}).select(pl.corr("now", "before")).item()
    assert 0.55 < kept < 0.82


def test_nothing_of_a_nature_reaches_a_plain_sample() -> None:
    plain = replace(small(2), nature=None)
    assert [each.orders.height for each in sent(plain)] != [each.orders.height for each in sent(small(2))]
    assert nature.Nature() == nature.parse({})
