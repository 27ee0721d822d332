"""When did the level change, seen in retrospect? PELT on the mean of a series, for the report that follows an alarm.

Assumes independent errors of one variance about a piecewise constant mean: whiten and standardise first. Not for alarms:
it looks at the whole series; detector.py is what watches. Minimum n: 20. Effect: size of each step in the series' unit.
Penalty: 3 log n times the error variance (SIC-like for a step: position, level), variance from differences unless given.
Sources: Killick, Fearnhead and Eckley, JASA 107 (2012) 1590; the Nile 1871–1970 changes at 28 (1899); Truong 2020 (ruptures)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from checks.statistics.result import Floats, Ints

MINIMUM_LENGTH = 20


@dataclass(frozen=True)
class Changes:
    """`at`: index of the first value of each new level; `step`: the change of mean there; `level`: means of all segments."""

    at: Ints
    step: Floats
    level: Floats
    applicable: bool = True
    reason: str = ""


def pelt(
    series: npt.ArrayLike, *, penalty: float | None = None, smallest: int = 3, variance: float | None = None
) -> Changes:
    """Changes of mean of one series; nan nights are skipped and the indices count the whole series."""
    x = np.asarray(series, np.float64)
    place = np.nonzero(~np.isnan(x))[0]
    y = x[place]
    nothing = np.zeros(0)
    if y.size < MINIMUM_LENGTH:
        return Changes(np.zeros(0, np.int64), nothing, nothing, False, f"fewer than {MINIMUM_LENGTH} nights")
    noise = variance if variance is not None else float(np.median(np.abs(np.diff(y))) / 0.6745) ** 2 / 2
    if noise == 0:
        return Changes(
            np.zeros(0, np.int64), nothing, nothing, False, "the series does not vary from night to night"
        )
    import ruptures  # a quarter of a second: only who reports pays it

    cost = penalty if penalty is not None else 3 * np.log(y.size) * noise
    # with a linear kernel the cost is the sum of squares about the mean: the same PELT, but compiled
    ends = ruptures.KernelCPD(kernel="linear", min_size=smallest).fit(y[:, None]).predict(pen=cost)
    at = np.array(ends[:-1], np.int64)
    level = np.array([part.mean() for part in np.split(y, at)])
    return Changes(place[at], np.diff(level), level)
