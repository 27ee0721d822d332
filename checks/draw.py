"""How many orders the bureau must draw, and where (抽样方案): sizes for a wished power, spread over provinces and nights.

Every platform gets its own size, whatever its share of the market: a small platform that drops orders is not to hide behind
a large one. Provinces share it by the square root of their reported orders (power allocation, Bankier 1988: between equal
and proportional), at least one each where the size allows; test orders and calls are allocated apart.
One worker gives one order, so the drawn orders are unclustered and 299 of them, all present, exclude 1% at 95%.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks.statistics.sampling import draw_to_exclude, draw_to_see

POWER = 0.5  # of the allocation: 0 = equal, 1 = by reported orders


@dataclass(frozen=True)
class Size:
    """Orders to draw of each platform. `see`: so that a dropped `share` gives evidence against `tolerated` with `power`, at which
    `deviations` are expected to be enough; `exclude`: so that none missing excludes the share. `total` is the larger."""

    share: float
    power: float
    tolerated: float
    see: int
    deviations: int
    exclude: int

    @property
    def total(self) -> int:
        return max(self.see, self.exclude)


@dataclass(frozen=True)
class Cell:
    """What is drawn of one platform × province over all nights, and the smallest share that this alone would show."""

    platform_code: str
    province_code: str
    calls: tuple[int, ...]  # a night: workers to call, non-response allowed for
    answers: int  # calls expected to be answered, all nights
    tests: tuple[int, ...]  # a night: test orders
    visible_share: float


def size(share: float, power: float, *, tolerated: float) -> Size:
    """Sizes for one platform; ValueError where the share cannot be told from the tolerated one."""
    if not 0 < share < 1 or not 0 < power < 1 or not 0 < tolerated < 1:
        raise ValueError("share, power and tolerated lie between 0 and 1")
    plan = draw_to_see(share, tolerated=tolerated, power=power)
    if not plan.applicable:
        raise ValueError(f"share {share:g} against tolerated {tolerated:g}: {plan.reason}")
    return Size(share, power, tolerated, plan.n, plan.deviations, draw_to_exclude(share, confidence=power))


def allocate(total: int, reported: Mapping[str, float]) -> dict[str, int]:
    """`total` over provinces by reported orders to the POWER, at least one each if it suffices; largest remainders; adds up."""
    if total <= 0 or not reported:
        return dict.fromkeys(reported, 0)
    least = 1 if total >= len(reported) else 0
    weights = {name: max(float(count), 1.0) ** POWER for name, count in reported.items()}
    free, mass = total - least * len(reported), sum(weights.values())
    exact = {name: free * weight / mass for name, weight in weights.items()}
    given = {name: math.floor(part) for name, part in exact.items()}
    order = sorted(exact, key=lambda name: (given[name] - exact[name], name))
    for name in order[: free - sum(given.values())]:
        given[name] += 1
    return {name: given[name] + least for name in sorted(given)}


def spread(total: int, nights: int, salt: str) -> tuple[int, ...]:
    """`total` over nights as evenly as whole numbers allow; where the odd ones fall follows from the salt."""
    offset = uniform(salt)
    return tuple(
        math.floor((night + 1) * total / nights + offset) - math.floor(night * total / nights + offset)
        for night in range(nights)
    )


def plan(
    sized: Size,
    reported: Mapping[tuple[str, str], float],
    *,
    nights: int,
    test_share: float,
    response: float,
    salt: str,
) -> list[Cell]:
    """The cells of all platforms; `reported` = orders reported of late by (platform, province)."""
    if nights < 1 or not 0 <= test_share <= 1 or not 0 < response <= 1:
        raise ValueError("at least one night, a test share from 0 to 1, a response above 0 and at most 1")
    cells = []
    for platform in sorted({platform for platform, _ in reported}):
        provinces = {v: count for (p, v), count in reported.items() if p == platform}
        tests = allocate(round(sized.total * test_share), provinces)
        answers = allocate(sized.total - sum(tests.values()), provinces)
        for province in sorted(provinces):
            calls, name = math.ceil(answers[province] / response), f"{salt}|{platform}|{province}"
            n = answers[province] + tests[province]
            cells.append(
                Cell(
                    platform,
                    province,
                    spread(calls, nights, f"{name}|call"),
                    answers[province],
                    spread(tests[province], nights, f"{name}|test"),
                    visible_share(n, sized.power),
                )
            )
    return cells


def visible_share(n: int, power: float) -> float:
    """The smallest dropped share of which n drawn orders show at least one with this power; 1 where nothing is drawn."""
    return 1 - (1 - power) ** (1 / n) if n else 1.0


def slots(counts: Sequence[int], salt: str) -> list[int]:
    """The night (from 0) of each drawn unit, in an order that the salt shuffles."""
    every = [night for night, count in enumerate(counts) for _ in range(count)]
    return [
        night for _, _, night in sorted((uniform(f"{salt}|{i}"), i, night) for i, night in enumerate(every))
    ]


def uniform(text: str) -> float:
    """A number in [0, 1) that follows from the text alone; whoever does not know the salt in it cannot foretell it."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big") / 2**56
