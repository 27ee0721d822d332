"""The expectation model (期望模型): what each cell's signal should have been, from its own past and from its peers.

Every signal is a series per platform × province (and per platform, nationally). A night's residual is what is left
after the cell's own level and weekday, and after the shock that its peers share: first that of all other platforms,
then what the province has besides (weather, a holiday, a typhoon are inferred from the peers, not read anywhere).
It is divided by a standard deviation that holds the sampling error and the cell's own day-to-day unrest, which is
estimated, never assumed Poisson, and whitened by the autocorrelation of the signal, which is estimated too. The
residuals run into a mixture CUSUM of likelihood ratios (an e-detector: average run length ≥ the threshold; Shin,
Ramdas & Rinaldo 2024), for each direction. While evidence stands the level learns a tenth as fast, so that a falsified
present does not become its own past; levels learn through clipped residuals, so that a falsified past has little say.

All signals run in one pass over the days, vectorised: array axes are signal × platform × province × day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from checks.frames import Frames

Array = NDArray[np.float64]

LAMBDAS = np.array(
    [1.0, 1.5, 2.0]
)  # shifts, in standard deviations, that the mixture is made for; smaller ones are honest drift
CLIP = 4.0  # one night says no more than this many standard deviations: real days have heavy tails
BURN_IN = 14  # days of its own that a cell needs before it is judged: two of each weekday
SPECIAL = 9.0  # how many times the usual unrest (variance) a holiday or a make-up working day has
MEMORY = 28.0  # days over which a level is learnt
PRIOR_DAYS = 10.0  # weight of the peers' unrest in a cell's own
CEILING = 30.0  # evidence is not piled up beyond this many nats, so that it can fall again when a scheme ends
UNREST = 0.75  # an effect below this share of a cell's usual unrest is not told from honest drift
SUSPICION = 5.0  # nats from which a cell learns slowly
TREND = 0.05  # of what a level learns goes into its slope: market shares drift
DAMPED = 0.99
STEEPEST = 0.01  # slope a day, in units of y
SLOW = 0.15  # how much slower
MIN_PEERS = 3

Kind = Literal["count", "share", "mean"]
Source = str | Callable[[Frames], Array]


@dataclass(frozen=True)
class Signal:
    """One series to watch.

    count: `top` is counted, y = log(count + ½). share: `top` out of `base`, y = log odds. mean: `top`/`base` with
    `square` the sum of squares, y = the mean. Columns are "table.column"; several joined by + are added, a - takes away;
    what no column holds is a function of the frames that returns the cube (platform × (province…, national) × day).
    `min_effect`: smallest lasting change of y that matters, whatever its p-value (peers' honest drifts lie below it).
    `min_n`: smallest base (or count) of a night that is looked at.
    """

    name: str
    kind: Kind
    top: Source
    base: Source = ""
    square: Source = ""
    min_effect: float = 0.05
    min_n: float = 30
    alike: float = 0  # how alike the orders of one worker are in this (0–1); see patterns.by_few_workers
    min_top: float = 0  # smallest usual count of `top` a night: the shape of a handful of orders is nobody's
    caution: float = 0.0  # nats taken off: series that drift honestly more than the model knows


@dataclass(frozen=True)
class Track:
    """What became of a signal, as arrays platform × (province…, national) × day."""

    signal: Signal
    y: Array
    n: Array
    expected: Array
    residual: Array
    up: Array  # log e-value
    down: Array
    effect_up: Array  # mean residual since the evidence began to grow, in units of y
    effect_down: Array
    start_up: NDArray[np.int64]  # day index at which it began to grow
    start_down: NDArray[np.int64]
    tested: NDArray[np.bool_]
    unrest: Array  # standard deviation of the cell's own day-to-day unrest, in units of y


def log_mean(log_m: Array) -> Array:
    """The logarithm of the mean e-value over the first axis."""
    top = log_m.max(axis=0)
    mean: Array = top + np.log(np.exp(log_m - top).mean(axis=0))
    return mean


@dataclass
class _Side:
    """The running evidence of one direction."""

    sign: float
    log_m: Array
    start: NDArray[np.int64]
    total: Array
    days: Array
    history: list[tuple[Array, Array, NDArray[np.int64]]] = field(default_factory=list)

    def step(self, z: Array, residual: Array, tested: NDArray[np.bool_], day: int) -> None:
        shift = LAMBDAS[:, None, None, None]
        grown = np.minimum(np.maximum(self.log_m, 0) + shift * self.sign * z - shift * shift / 2, CEILING)
        self.log_m = np.where(tested, grown, self.log_m)
        log_e = log_mean(self.log_m)
        begins = tested & (self.days == 0) & (log_e > 0)
        runs = tested & (log_e > 0)
        self.start = np.where(begins, day, self.start)
        self.total = np.where(runs, self.total + residual, np.where(tested, 0, self.total))
        self.days = np.where(runs, self.days + 1, np.where(tested, 0, self.days))
        effect = self.total / np.maximum(self.days, 1)
        self.history.append((log_e, effect, self.start.copy()))


def matters(track: Track, side: str) -> NDArray[np.bool_]:
    """Where the mean effect of the run is large enough: the signal's own bound, and the cell's own day-to-day unrest."""
    bound = np.maximum(track.signal.min_effect, UNREST * track.unrest)
    return track.effect_up >= bound if side == "up" else track.effect_down <= -bound


def columns(frames: Frames, source: Source) -> Array:
    """The sum of columns "table.column", + and - between them; or what the function says."""
    if not isinstance(source, str):
        return source(frames)
    total: Array | None = None
    text = source
    for sign, part in _terms(text):
        table, column = part.split(".")
        cube = frames.cube(table, column)
        total = sign * cube if total is None else total + sign * cube
    assert total is not None
    return total


def _terms(text: str) -> list[tuple[float, str]]:
    words = text.replace("-", " - ").replace("+", " + ").split()
    terms, sign = [], 1.0
    for word in words:
        if word in "+-":
            sign = 1.0 if word == "+" else -1.0
        else:
            terms.append((sign, word))
    return terms


def measure(frames: Frames, signal: Signal) -> tuple[Array, Array, Array]:
    """(y, its sampling variance, n) of a signal, NaN where it is not reported or too small to be looked at."""
    top = columns(frames, signal.top)
    with np.errstate(divide="ignore", invalid="ignore"):
        if signal.kind == "count":
            n, y, variance = top, np.log(top + 0.5), 1 / (top + 0.5)
            usual = _usual(n)
            small = usual < signal.min_n
        else:
            n = columns(frames, signal.base)
            if signal.kind == "share":
                rest = np.maximum(n - top, 0)
                y, variance = np.log((top + 0.5) / (rest + 0.5)), 1 / (top + 0.5) + 1 / (rest + 0.5)
            else:
                mean = top / n
                spread = np.maximum(columns(frames, signal.square) / n - mean * mean, 1e-9)
                y, variance = mean, spread / n
            small = (n < signal.min_n) | (_usual(top) < signal.min_top)
    return np.where(small, np.nan, y), np.where(small, np.nan, variance), n


def _usual(n: Array) -> Array:
    """A cell's usual count: the mean of its days so far, so that a fall to nothing is still looked at."""
    known = np.isfinite(n)
    days = np.maximum(np.cumsum(known, axis=-1), 1)
    usual: Array = np.cumsum(np.nan_to_num(n), axis=-1) / days
    return usual


def run(frames: Frames, signals: Sequence[Signal]) -> Mapping[str, Track]:
    """Every signal's track through all days of the frames."""
    if not signals or not frames.days:
        return {}
    parts = [measure(frames, signal) for signal in signals]
    y, variance, n = (np.stack([part[i] for part in parts]) for i in range(3))
    industry = frames.industry()
    groups = [
        np.array([i for i, name in enumerate(industry) if name == wanted]) for wanted in sorted(set(industry))
    ]
    weekday = [day.weekday() for day in frames.days]
    special = _special_days(frames)
    shape = y.shape[:3]
    level, trend, seen, unrest = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    week, week_seen = np.zeros((*shape, 7)), np.zeros((*shape, 7))
    before, had_before = np.zeros(shape), np.zeros(shape, dtype=bool)
    cross, power = np.full((shape[0], 1, 1), 60.0), np.full((shape[0], 1, 1), 200.0)
    sides = [
        _Side(sign, np.full((len(LAMBDAS), *shape), 0.0), np.zeros(shape, dtype=np.int64), np.zeros(shape), np.zeros(shape))
        for sign in (1.0, -1.0)
    ]  # fmt: skip
    expected_all, residual_all, tested_all, unrest_all = [], [], [], []
    for day in range(y.shape[3]):
        now, dow = y[..., day], weekday[day]
        there = np.isfinite(now)
        known = there & (seen >= 3)
        deviation = np.where(known, now - level - week[..., dow], np.nan)
        shock = _shock(deviation, groups, np.sqrt(unrest + np.nan_to_num(variance[..., day]) + 1e-9))
        residual = np.where(known, deviation - shock, 0.0)
        pooled = _pooled(unrest, seen, groups)
        own = (PRIOR_DAYS * pooled + seen * unrest) / (PRIOR_DAYS + seen)
        doubt = 1 + 1 / np.maximum(np.minimum(seen, MEMORY), 1)  # the level is itself an estimate
        wide = (
            SPECIAL if special[day] else 1.0
        )  # industries and platforms answer to holidays in their own ways
        sigma2 = np.nan_to_num(variance[..., day]) + own * doubt * wide + 1e-9
        sigma = np.sqrt(sigma2)
        phi = np.clip(cross / power, 0.0, 0.8)
        linked = np.where(had_before, phi, 0.0)
        z = (residual / sigma - linked * before) / np.sqrt(1 - linked * linked)
        tested = known & (seen >= BURN_IN)
        z = np.where(tested, np.clip(z, -CLIP, CLIP), 0.0)
        for side in sides:
            side.step(z, residual, tested, day)
        calm = np.maximum(*(side.history[-1][0] for side in sides)) < SUSPICION
        bounded = np.clip(residual, -2 * sigma, 2 * sigma)
        speed = np.where(calm, 1.0, SLOW) * (SLOW if special[day] else 1.0)
        gain = speed / np.minimum(seen + 1, MEMORY)
        fresh = there & (seen < 3)
        trend = np.where(
            known, np.clip(DAMPED * trend + speed * TREND / MEMORY * bounded, -STEEPEST, STEEPEST), trend
        )
        level = np.where(known, level + gain * (bounded + np.nan_to_num(shock)), level) + np.where(
            seen >= 3, np.where(calm, trend, 0.0), 0.0
        )
        level = np.where(fresh, (level * seen + np.nan_to_num(now)) / (seen + 1), level)
        week_gain = speed / (week_seen[..., dow] + 3)
        week[..., dow] = np.where(known, week[..., dow] + week_gain * (1 - gain) * bounded, week[..., dow])
        week_seen[..., dow] += known
        excess = np.clip(residual * residual, 0, 9 * sigma2) - np.nan_to_num(variance[..., day])
        unrest = np.where(
            known, np.maximum(unrest + speed / np.minimum(seen + 1, MEMORY) * (excess - unrest), 0), unrest
        )
        standard = np.clip(residual / sigma, -3, 3)
        pair = known & had_before & calm & (not special[day])
        cross = 0.98 * cross + (np.where(pair, standard * before, 0)).sum(axis=(1, 2), keepdims=True)
        power = 0.98 * power + (np.where(pair, standard * standard, 0)).sum(axis=(1, 2), keepdims=True)
        before, had_before = np.where(known, standard, before), known
        seen = seen + there
        expected_all.append(np.where(known, now - residual, np.nan))
        residual_all.append(np.where(known, residual, np.nan))
        tested_all.append(tested)
        unrest_all.append(np.sqrt(own))
    expected, residuals, tested_days, unrests = (
        np.stack(part, axis=-1) for part in (expected_all, residual_all, tested_all, unrest_all)
    )
    up, down = ([np.stack([h[i] for h in side.history], axis=-1) for i in range(3)] for side in sides)
    return {
        s.name: Track(s, y[i], n[i], expected[i], residuals[i], up[0][i], down[0][i], up[1][i], down[1][i],
                      up[2][i], down[2][i], tested_days[i], unrests[i])
        for i, s in enumerate(signals)
    }  # fmt: skip


def _special_days(frames: Frames) -> list[bool]:
    """Days that are no usual weekday by the calendar: holidays, and weekends worked to make up for one."""
    calendar = frames.tables.get("calendar")
    if calendar is None or calendar.height == 0:
        return [False] * len(frames.days)
    held = {
        day: bool(holiday) or (bool(works) and day.weekday() >= 5)
        for day, works, holiday in calendar.select("date", "is_workday", "holiday_en").iter_rows()
    }
    return [held.get(day, False) for day in frames.days]


def _shock(deviation: Array, groups: Sequence[NDArray[np.int64]], sigma: Array) -> Array:
    """The peers' common movement for each cell, without the cell itself: all of its industry, then its province.

    A cell's peers are the other platforms of its industry, or all others where these are fewer than MIN_PEERS.
    Medians throughout: a falsifying peer is one of several, however much it moves.
    """
    shock = np.zeros(deviation.shape)
    everyone = np.arange(deviation.shape[1])
    for group in groups:
        members = group if len(group) > MIN_PEERS else everyone
        of = deviation[:, members]
        weight = np.isfinite(of[:, :, :-1]) / np.square(np.maximum(sigma[:, members, :-1], 1e-6))
        spoken = weight.sum(axis=2, keepdims=True)
        platform = (np.nan_to_num(of[:, :, :-1]) * weight).sum(axis=2, keepdims=True) / np.maximum(
            spoken, 1e-12
        )
        national, peers = _others(np.where(spoken > 0, platform, np.nan))
        national = np.where(peers >= MIN_PEERS - 1, national, 0.0)
        local, others = _others(of - national)
        part = national + np.where(others >= 2, local * others / (others + 2.0), 0.0)
        shock[:, group] = part[:, np.searchsorted(members, group)]
    return np.where(np.isfinite(deviation), np.nan_to_num(shock), 0.0)


def _others(values: Array) -> tuple[Array, Array]:
    """(median over the other platforms, how many of them speak) for each platform; axis 1 is the platform."""
    finite = np.isfinite(values)
    if values.shape[1] == 1:
        return np.zeros(values.shape), np.zeros(finite.shape)
    middle = np.stack(
        [median(np.delete(values, i, axis=1), axis=1)[:, 0] for i in range(values.shape[1])], axis=1
    )
    return middle, finite.sum(axis=1, keepdims=True) - finite


def median(values: Array, axis: int) -> Array:
    """Median without NaN along an axis, kept; 0 where there is nothing (numpy's own is slow on short axes)."""
    ordered = np.sort(values, axis=axis)
    count = np.isfinite(values).sum(axis=axis, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum((count - 1) // 2, 0), axis=axis)
    high = np.take_along_axis(
        ordered, np.maximum(count // 2, 0) - (count // 2 == values.shape[axis]), axis=axis
    )
    middle: Array = np.where(count > 0, (low + high) / 2, 0.0)
    return middle


def _pooled(unrest: Array, seen: Array, groups: Sequence[NDArray[np.int64]]) -> Array:
    """The usual unrest of a signal among a cell's industry; national series by themselves."""
    pooled = np.zeros(unrest.shape)
    judged = np.where(seen >= 5, unrest, np.nan)
    everyone = np.arange(unrest.shape[1])
    for group in groups:
        members = group if len(group) >= MIN_PEERS else everyone
        cells = judged[:, members, :-1].reshape(unrest.shape[0], -1)
        pooled[:, group, :-1] = median(cells, axis=1)[:, :, None]
        pooled[:, group, -1:] = median(judged[:, members, -1:], axis=1)
    return pooled
