"""D04: night orders that grow rare, where enough people work for a profile to be the platform's."""

from __future__ import annotations

import numpy as np
import pytest

from checks.frames import Frames
from tests.checks.detectors import content_frames as world

PLATFORM, PROVINCE, SINCE = 2, 1, 40
SHARES = np.array([0.3 / 8] * 6 + [0.7 / 16] * 16 + [0.3 / 8] * 2)  # 22 to 6 holds three tenths


def hours(kept_at_night: float, workers: float) -> Frames:
    """Hourly orders; from a day on one cell keeps only a part of its night orders."""
    random = world.draw(5)
    counts = random.poisson(world.orders(800.0)[..., None] * SHARES).astype(float)
    night = np.r_[0:6, 22:24]
    cut = counts[PLATFORM, PROVINCE, SINCE:][:, night]
    counts[PLATFORM, PROVINCE, SINCE:][:, night] = np.floor(cut * kept_at_night)
    return world.framed(
        cell_hour=world.by(counts, "hour_no", range(24), "orders"),
        cell_worker=world.table({"workers": np.full(world.SHAPE, workers)}),
    )


@pytest.mark.parametrize(
    ("kept", "workers", "speaks"), [(0.5, 2000.0, True), (1.0, 2000.0, False), (0.5, 12.0, False)]
)
def test_a_hole_is_found_where_enough_people_work(kept: float, workers: float, speaks: bool) -> None:
    row = world.of(world.answer("D04", hours(kept, workers)), PLATFORM, PROVINCE)
    assert (row["outcome"] == "tested" and row["matters"] and row["log_e"] > 15) is speaks
    if speaks:
        assert "22–6" in row["sentence_en"]
