"""How each industry works: hours, loads, distances, speeds, fares. All figures are assumptions (A) made
for the sample; they only have to be plausible, and lie inside the bounds that the rules call
implausible."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Industry:
    """One industry. Triples are for full-time, part-time and crowdsourced workers."""

    hours: tuple[float, ...]  # relative demand by hour on working days
    hours_off: tuple[float, ...]  # the same on days off
    weekday: tuple[float, ...]  # Monday … Sunday
    holiday: float
    rain: float  # factor on wet days
    mix: tuple[float, float, float]
    load: tuple[float, float, float]  # mean orders of an active day
    active: tuple[float, float, float]  # share of days worked
    night_share: float
    km: tuple[float, float, float]  # median, sigma of the logarithm, longest
    kmh: tuple[float, float, float, float]  # mean, deviation, least, greatest
    wait_minutes: tuple[float, float]  # median and sigma: acceptance to pick-up
    dwell_minutes: float  # unloading, hand-over
    fare: tuple[float, float, float]  # base, per km, sigma of the logarithm
    worker_share: tuple[float, float]  # worker's share of the customer's fare, deviation
    cancelled: float
    overlap: int  # an order ends before the worker's next-but-(overlap-1) one starts
    spacing: int  # least seconds between two acceptances of a worker


RIDE = Industry(
    hours=(1.2, .8, .5, .4, .5, 1.2, 2.6, 5.2, 6.2, 4.8, 4.0, 4.0, 4.2, 4.3, 4.1, 4.2, 4.7, 6.0, 6.4, 5.2, 4.8, 4.6, 3.6, 2.2),
    hours_off=(1.8, 1.3, .8, .5, .5, .9, 1.6, 2.8, 3.9, 4.6, 5.0, 5.1, 4.9, 5.1, 5.2, 5.3, 5.5, 5.8, 5.7, 5.2, 5.0, 5.0, 4.2, 3.0),
    weekday=(.97, .96, .98, 1.0, 1.10, 1.04, .95), holiday=1.12, rain=1.10,
    mix=(.35, .30, .35), load=(16, 9, 5), active=(.86, .5, .25), night_share=.18,
    km=(6.5, .65, 80), kmh=(27, 7, 8, 100), wait_minutes=(5, .5), dwell_minutes=0,
    fare=(9, 2.3, .18), worker_share=(.78, .04), cancelled=.055, overlap=2, spacing=60,
)  # fmt: skip
DELIVERY = Industry(
    hours=(.7, .4, .3, .2, .3, .5, 1.6, 3.4, 3.6, 3.4, 5.4, 11.0, 10.4, 5.8, 4.2, 4.0, 4.8, 8.6, 10.2, 7.4, 5.2, 4.2, 3.0, 1.6),
    hours_off=(.9, .6, .4, .3, .3, .4, 1.0, 2.4, 3.2, 4.0, 6.0, 10.0, 9.8, 6.6, 5.2, 4.8, 5.4, 8.8, 10.0, 7.6, 5.8, 4.8, 3.6, 2.0),
    weekday=(1.0, .99, .99, 1.0, 1.03, 1.02, .98), holiday=.96, rain=1.14,
    mix=(.20, .30, .50), load=(36, 19, 9), active=(.86, .5, .22), night_share=.13,
    km=(2.4, .55, 22), kmh=(17, 4, 6, 42), wait_minutes=(9, .45), dwell_minutes=4,
    fare=(3.6, 1.15, .22), worker_share=(.82, .05), cancelled=.035, overlap=6, spacing=30,
)  # fmt: skip
FREIGHT = Industry(
    hours=(.4, .3, .3, .3, .5, 1.4, 3.6, 6.6, 8.6, 9.0, 8.4, 7.0, 5.2, 7.2, 7.8, 7.4, 6.8, 5.4, 3.6, 2.6, 2.0, 1.4, .9, .6),
    hours_off=(.4, .3, .3, .3, .4, 1.0, 2.8, 5.6, 8.0, 9.0, 8.6, 7.2, 5.6, 7.0, 7.6, 7.2, 6.4, 5.2, 3.8, 2.8, 2.0, 1.4, .9, .6),
    weekday=(1.05, 1.06, 1.05, 1.05, 1.06, .93, .80), holiday=.68, rain=.93,
    mix=(.30, .35, .35), load=(6, 3.5, 2), active=(.82, .45, .22), night_share=.05,
    km=(14, .75, 160), kmh=(32, 8, 10, 75), wait_minutes=(28, .5), dwell_minutes=14,
    fare=(42, 3.6, .25), worker_share=(.86, .03), cancelled=.06, overlap=2, spacing=240,
)  # fmt: skip

INDUSTRIES = {
    "ride_hailing": RIDE,
    "instant_delivery": DELIVERY,
    "food_delivery": DELIVERY,
    "intracity_freight": FREIGHT,
    "other": DELIVERY,  # submitters: their day work is laid out in daywork.py
}

# Shares of the national total (A): a few large platforms and provinces, the others alike.
PLATFORM_WEIGHT = {"P01": .10, "P02": .34, "P03": .16, "P04": .12, "P05": .05, "P06": .07, "P07": .03, "P08": .26,
                   "P09": .11, "P10": .04, "P11": .04}  # fmt: skip
PROVINCE_WEIGHT = {"110000": 1.0, "310000": 1.15, "320000": 1.3, "330000": 1.2, "350000": .75, "440000": 1.8, "460000": .3,
                   "510000": 1.0, "500000": .7, "370000": .9, "420000": .8, "640000": .15, "120000": .5}  # fmt: skip
OTHER_PLATFORM, OTHER_PROVINCE = 0.03, 0.6

MINUTES = np.arange(0, 48 * 60 + 1) / 60.0  # two days, as a shift may run past midnight


@cache
def cumulative(industry: str, off: bool, next_off: bool) -> Floats:
    """Demand accumulated over 48 hours at every full minute, rising without a flat stretch; the unit is
    arbitrary."""
    return accumulated(industry, off, next_off, np.ones(48))


def accumulated(industry: str, off: bool, next_off: bool, own: Floats) -> Floats:
    """The same where a day has `own` factors on its 48 hours."""
    shape = INDUSTRIES[industry]
    hours = own * np.array(
        [*(shape.hours_off if off else shape.hours), *(shape.hours_off if next_off else shape.hours)]
    )
    centres = np.arange(48) + 0.5
    rate = np.interp(MINUTES[:-1] + 1 / 120, centres, hours)
    return np.concatenate([[0.0], np.cumsum(rate)])
