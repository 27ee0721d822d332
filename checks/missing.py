"""What missing orders have in common (缺单的共同点): when they were accepted, as far as anybody knows of them.

Three sources tell how many of how many orders are missing in a stretch of time: orders that the bureau drew (there or not), holes
between the serials reported (by the hour), and serials that others saw beside those reported (where orders were numbered anew, the
distance between the two grows by one with every order taken out). None of them raises an alarm here: detectors of missing orders
ask what scheme their pattern points at.

Compared are likelihoods of k missing of n: the same share always; at night alone; on some days alone, which come and go with the
days off.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from checks.evidence import weights
from checks.frames import Frames
from checks.panel import Array

LOOK_DAYS = 60
NIGHT = (22, 6)  # from, to (excluded)
GRACE_DAYS = 2  # an order may come with a correction of the next night
SILENT_DAYS = 7  # nights for which a silent province may be in an outage
BACKGROUND = 0.0008  # share missing where nothing was taken out: faults, mistypes
NEEDED = 3.0  # nats by which an explanation must be better than a constant share
DAYS = 2  # on and off days that coming and going needs
MOST, FEW = 0.75, 0.5  # of the days off are on, of the others not more
SHARES = (0.15, 0.35, 0.5, 0.7, 0.85)  # of days that are on, tried
TIMES = (1.0, 1.5, 2.0, 3.0, 5.0, 8.0)  # share missing on such days over the share of all days, tried
MISREAD = 0.03  # of serials on worker checks: typed by hand
APART = timedelta(hours=36)  # known orders further apart say nothing of the hours between them

# source: drawn, hole or distance; until: its last day; day, is_night null: a stretch over several days, by day and night
STRETCH = {
    "source": pl.String, "platform_code": pl.String, "province_code": pl.String, "until": pl.Date, "day": pl.Date, "is_night": pl.Boolean,
    "n": pl.Float64, "missing": pl.Float64, "hours": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """What missing orders may have in common: the words that tell it, and the weights of the schemes that it points at."""

    zh: str
    en: str
    schemes: Mapping[str, float] = field(hash=False)


AT_NIGHT = Pattern("；缺失集中在夜间", "; they lie at night", weights(F04=1.0, F01=0.35, F02=0.35))
ON_DAYS_OFF = Pattern(
    "；缺失随休息日时有时无",
    "; they come and go with the days off",
    weights(F07=1.0, F26=0.35, F02=0.35, F01=0.15),
)


class Common:
    """What the missing orders of each cell have in common; read when it is first asked for."""

    def __init__(self, frames: Frames) -> None:
        self.frames = frames
        self._patterns: dict[tuple[int, int], Pattern | None] = {}

    @cached_property
    def stretches(self) -> pl.DataFrame:
        """One row a stretch of time of a cell and source: how many orders there were, how many of them are missing."""
        return pl.concat([_of_drawn(self.frames), holes(self.frames), distances(self.frames)])

    @cached_property
    def _days_off(self) -> frozenset[date]:
        calendar = self.frames.tables["calendar"].filter(~pl.col("is_workday"))
        return frozenset(calendar["date"].to_list())

    def schemes(self, p: int, v: int, otherwise: Mapping[str, float]) -> dict[str, float]:
        """Scheme weights of a cell's missing orders; `otherwise` where they are spread evenly, or too few to tell."""
        pattern = self._pattern(p, v)
        return dict(pattern.schemes if pattern else otherwise)

    def said(self, p: int, v: int) -> tuple[str, str]:
        """What a sentence on a cell's missing orders adds (zh, en); empty where they are spread evenly, or too few to tell."""
        pattern = self._pattern(p, v)
        return (pattern.zh, pattern.en) if pattern else ("", "")

    def _pattern(self, p: int, v: int) -> Pattern | None:
        if (p, v) not in self._patterns:
            mine = self._of_cell(p, v)
            fits = {AT_NIGHT: at_night(mine), ON_DAYS_OFF: on_days_off(mine, self._days_off)}
            best = max(fits, key=lambda pattern: fits[pattern])
            self._patterns[p, v] = best if fits[best] >= NEEDED else None
        return self._patterns[p, v]

    def _of_cell(self, p: int, v: int) -> pl.DataFrame:
        """A cell's stretches since the first missing order, of those sources that know of any missing."""
        mine = self.stretches.filter(pl.col("platform_code") == self.frames.platforms[p])
        if v < len(self.frames.provinces):
            mine = mine.filter(pl.col("province_code") == self.frames.provinces[v])
        mine = mine.filter(pl.col("missing").sum().over("source") > 0)
        began = mine.filter(pl.col("missing") > 0)["until"].min()
        return mine.filter(pl.col("until") >= began) if began is not None else mine


def at_night(stretches: pl.DataFrame) -> float:
    """Nats by which `at night alone` explains the missing better than `always`."""
    gained = 0.0
    for rows in stretches.partition_by("source"):
        always = _share(rows)
        for is_night in (True, False):
            part = rows.filter(pl.col("is_night") == is_night)
            k, n = float(part["missing"].sum()), float(part["n"].sum())
            own = _share(part) if is_night else BACKGROUND
            gained += float(_fit(k, n, own) - _fit(k, n, always))
    return gained


def on_days_off(stretches: pl.DataFrame, days_off: Collection[date]) -> float:
    """Nats by which `on some days alone, days off among them` explains the missing better than `every day`.

    0 where the days do not come and go, or not with the days off: the orders of a few workers come and go as well.
    """
    by_day = (
        stretches.filter(pl.col("day").is_not_null())
        .group_by("day")
        .agg(pl.col("missing").sum(), pl.col("n").sum())
        .sort("day")
    )
    k, n = by_day["missing"].to_numpy(), by_day["n"].to_numpy()
    if not k.sum():
        return 0.0
    always = max(float(k.sum() / n.sum()), BACKGROUND)
    every_day, off = _fit(k, n, always).sum(), _fit(k, n, BACKGROUND)
    best, on_days = 0.0, np.zeros(len(k), dtype=bool)
    for times in TIMES:
        on = _fit(k, n, min(always * times, 0.95))
        for share in SHARES:
            together = np.logaddexp(np.log(share) + on, np.log1p(-share) + off)
            gained = float(together.sum() - every_day)
            if gained > best:
                best, on_days = gained, np.log(share) + on > np.log1p(-share) + off
    where = np.flatnonzero(on_days)
    if len(where) < DAYS or (~on_days[where[0] : where[-1]]).sum() < DAYS:
        return 0.0  # one beginning, or one end, is no coming and going
    is_off = np.array([day in days_off for day in by_day["day"].to_list()])[where[0] :]
    off_days, workdays = on_days[where[0] :][is_off], on_days[where[0] :][~is_off]
    told = min(len(off_days), len(workdays)) >= DAYS
    return best if told and off_days.mean() >= MOST and workdays.mean() <= FEW else 0.0


def _share(rows: pl.DataFrame) -> float:
    n = float(rows["n"].sum())
    return max(float(rows["missing"].sum()) / n, BACKGROUND) if n else BACKGROUND


def _fit(k: Array | float, n: Array | float, share: float) -> Array:
    """Log likelihood of k missing of n."""
    q = min(share, 0.99)
    return np.asarray(k * np.log(q) + (n - k) * np.log1p(-q))


def drawn(frames: Frames) -> pl.DataFrame:
    """The orders that the bureau drew, of days and cells that were reported (a night not sent is T01's): platform_code, province_code, day, is_found, order_id, hour, is_worker_covered."""
    checks = frames.tables["worker_check"].filter(pl.col("draw").is_in(["sampled", "test"])).select(
        "platform_code",
        pl.coalesce("province_code", "worker_province_code").alias("province_code"),
        # where the check does not say when, it asked for the orders of the day before
        pl.coalesce("accepted_at", pl.col("checked_at") - timedelta(days=1)).cast(pl.Date).alias("day"),
        "is_found",
        "order_id",
        pl.col("accepted_at").dt.hour().alias("hour"),
        "is_worker_covered",
    )  # fmt: skip
    return reported(checks, frames)


def reported(known: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """Known orders that must have come by now, of days that were reported: where an order was found, in its province; else in all
    provinces that the platform reports, since a worker of one may have taken it in another. One that fell silent is
    waited for SILENT_DAYS."""
    known = known.filter(pl.col("day") <= frames.night - timedelta(days=GRACE_DAYS))
    days = (
        frames.tables["unit"]
        .select("platform_code", "province_code", pl.col("business_date").alias("day"))
        .unique()
    )
    spans = days.group_by("platform_code", "province_code").agg(
        pl.col("day").min().alias("first"), pl.col("day").max().alias("last")
    )
    is_live = (pl.col("first") <= pl.col("day")) & (
        (pl.col("last") >= pl.col("day")) | (pl.col("last") >= frames.night - timedelta(days=SILENT_DAYS))
    )
    cells = days.group_by("platform_code", "day").agg(pl.len().alias("cells"))
    whole = (
        cells.join(spans, on="platform_code")
        .filter(is_live)
        .group_by("platform_code", "day", "cells")
        .agg(pl.len().alias("live"))
        .filter(pl.col("cells") >= pl.col("live"))
        .select("platform_code", "day")
    )
    is_placed = pl.col("is_found") & pl.col("province_code").is_not_null()
    placed = known.filter(is_placed).join(days, on=["platform_code", "province_code", "day"], how="semi")
    unplaced = known.filter(~is_placed).join(whole, on=["platform_code", "day"], how="semi")
    return pl.concat([placed, unplaced])


def _of_drawn(frames: Frames) -> pl.DataFrame:
    rows = drawn(frames).filter(pl.col("day") >= _since(frames))
    return _stretches(
        rows, "drawn", day=pl.col("day"), is_night=_is_night(pl.col("hour")), n=pl.lit(1.0), missing=~pl.col("is_found")
    )  # fmt: skip


def holes(frames: Frames) -> pl.DataFrame:
    """Serials missing inside an hour, and between it and the hour before: these were given halfway between the two."""
    cell = ["platform_code", "province_code"]
    hours = (
        frames.tables["cell_serial_hour"]
        .filter(pl.col("business_date") >= _since(frames))
        .with_columns(at=pl.col("business_date").cast(pl.Datetime) + pl.duration(hours=pl.col("hour_no")))
        .sort(*cell, "at")
        .with_columns(
            before=pl.col("last_serial").shift(1).over(cell),
            since=pl.col("at").shift(1).over(cell),
        )
        # where numbers do not follow time, hours say nothing of them
        .filter(pl.col("before").is_null() | (pl.col("first_serial") > pl.col("before")))
    )
    span = pl.col("last_serial") - pl.col("first_serial") + 1
    inside = _stretches(
        hours, "hole", day=pl.col("business_date"), is_night=_is_night(pl.col("hour_no")), n=span, missing=(span - pl.col("numbered_orders")).clip(0)
    )  # fmt: skip
    halfway = (pl.col("since") + (pl.col("at") - pl.col("since")) / 2).dt.truncate("1h")
    gap = pl.col("first_serial") - pl.col("before") - 1
    between = _stretches(
        hours.filter((gap > 0) & (pl.col("at") - pl.col("since") <= APART)),
        "hole", day=halfway.cast(pl.Date), is_night=_is_night(halfway.dt.hour()), n=gap, missing=gap,
    )  # fmt: skip
    return pl.concat([inside, between])


def distances(frames: Frames) -> pl.DataFrame:
    """Between two known orders of a cell: how many serials were given, and how many of them are not in what was reported."""
    cell = ["platform_code", "province_code"]
    unit = (
        frames.tables["unit"]
        .select(*cell, "business_date", "first_serial", "last_serial")
        .filter(pl.col("first_serial").is_not_null())
        .sort(*cell, "business_date")
        .with_columns(step=pl.col("first_serial") - pl.col("last_serial").shift(1).over(cell) - 1)
        # a day numbered from its own first order anew leaves a step to the day before
        .with_columns(steps=pl.col("step").fill_null(0).cum_sum().over(cell))
        .select(*cell, "business_date", "steps")
    )
    known = (
        frames.tables["worker_check"]
        .filter(
            pl.col("serial").is_not_null()
            & pl.col("reported_serial").is_not_null()
            & pl.col("accepted_at").is_not_null()
            & (pl.col("accepted_at").cast(pl.Date) >= _since(frames))
        )
        .select(*cell, "business_date", "serial", "accepted_at", "reported_serial")
        .sort(*cell, "serial", "accepted_at", "reported_serial")  # whatever order the rows came in
        .unique([*cell, "serial"], keep="first", maintain_order=True)
        .filter(
            (pl.col("serial") != pl.col("reported_serial")).mean().over(cell) > MISREAD
        )  # else numbers were kept
        .join(unit, on=[*cell, "business_date"], how="inner")
        .sort(*cell, "serial")
        .with_columns(distance=pl.col("serial") - pl.col("reported_serial") + pl.col("steps"))
        # orders are taken out, never put back: a serial misread is told by the distances after it
        .filter(pl.col("distance") <= pl.col("distance").reverse().cum_min().reverse().over(cell))
        .with_columns(
            n=pl.col("serial") - pl.col("serial").shift(1).over(cell),
            missing=pl.col("distance") - pl.col("distance").shift(1).over(cell),
            since=pl.col("accepted_at").shift(1).over(cell),
        )
        .filter(
            pl.col("since").is_not_null()
            & (pl.col("n") > 0)
            & (pl.col("missing") <= pl.col("n"))
            & (pl.col("accepted_at") > pl.col("since"))
            & (pl.col("accepted_at") - pl.col("since") <= APART)
        )
    )
    by_day = (~_is_night(pl.col("since").dt.hour())) & (~_is_night(pl.col("accepted_at").dt.hour()))
    one_day = pl.col("since").cast(pl.Date) == pl.col("accepted_at").cast(pl.Date)
    return _stretches(
        known, "distance", until=pl.col("accepted_at").cast(pl.Date), day=pl.when(one_day).then(pl.col("accepted_at").cast(pl.Date)),
        is_night=pl.when(one_day & by_day).then(pl.lit(False)), n=pl.col("n"), missing=pl.col("missing"),
        hours=(pl.col("accepted_at") - pl.col("since")).dt.total_seconds() / 3600,
    )  # fmt: skip


def _stretches(rows: pl.DataFrame, source: str, **columns: pl.Expr) -> pl.DataFrame:
    known = {"source": pl.lit(source), "hours": pl.lit(None), "until": columns["day"], **columns}
    made = rows.select(
        pl.col("platform_code"),
        pl.col("province_code"),
        *(value.alias(name) for name, value in known.items()),
    )
    return made.select(pl.col(name).cast(kind) for name, kind in STRETCH.items())


def _is_night(hour: pl.Expr) -> pl.Expr:
    return (hour >= NIGHT[0]) | (hour < NIGHT[1])


def _since(frames: Frames) -> date:
    return frames.night - timedelta(days=LOOK_DAYS)
