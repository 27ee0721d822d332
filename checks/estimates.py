"""How many orders, workers and injuries are probably missing (漏报估计): estimates with bounds beside what was reported.

Per platform × province (null = nationally) × measure, each method by itself, the best one marked:
- orders, `checks`: the share of the bureau's sampled and test orders that was not reported, Korn–Graubard (Clopper–Pearson on
  the effective number of draws; workers are the clusters), on reported orders: missing = reported · s / (1 − s). For one look at
  a window fixed beforehand; the nightly alarm is D02's, not this. A draw without a known province counts nationally alone.
- orders, `serials`: numbers missing between first and last of what was reported: a count, and a lower bound only (an order left
  out before numbering leaves no hole).
- workers, `tax` or `survey`: an outside count of persons less those reported with orders in the same span; a tax count is taken as
  exact, a survey states no error, so it has no bounds.
- injuries, `two_lists`: the platform's claims and the agency's cases, Chapman with bounds over odds ratios: the lists depend on each
  other (a claim makes a case), so the middle is rather too low. Under 7 matches, or where one list lies
  within the other (cases made from claims), only what the agency knows in excess is told.
Where no list exists the outcome is not_identifiable: that is not the same as nothing missing.
Sources: Korn and Graubard, Survey Methodology 24 (1998) 193; checks.statistics.capture for the lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import polars as pl
from scipy import special

from checks.statistics.capture import chapman_bounds
from warehouse.engine import frame

DAYS = 90  # the window: long enough for some hundred drawn orders, short enough to speak of the present
ORDER_GRACE_DAYS = 2  # an order may come with a correction of the next night (as D02)
INJURY_GRACE_DAYS = 14  # a claim may reach the platform later than the agency
CONFIDENCE = 0.95
MOST = 0.95  # an upper end of the share beyond which it bounds nothing

# inputs by name; {since} and {night} are dates. province_code null = unknown
INPUTS: Mapping[str, str] = {
    "orders": "select platform_code, province_code, business_date, sum(orders) as orders from marts.order_day "
    "where business_date between {since} and {night} and province_code is not null group by all",
    "checks": """select w.platform_code, coalesce(w.province_code, k.province_code) as province_code, w.order_id, w.worker_id, w.draw,
        cast(coalesce(w.accepted_at, w.checked_at) as date) as day, w.is_found
        from marts.worker_check w
        left join (select platform_code, worker_id, min(province_code) as province_code from core.cover group by all) k
            on k.platform_code = w.platform_code and k.worker_id = w.worker_id
        where w.draw in ('sampled', 'test')
            and cast(coalesce(w.accepted_at, w.checked_at) as date) between {since} and {night}""",
    "serials": "select platform_code, province_code, business_date, first_serial, last_serial, serials from core.unit "
    "where business_date between {since} and {night} and first_serial is not null",
    "workers": """select s.source, s.platform_code, s.province_code, s.date_from, s.date_to, s.value,
        (select count(distinct d.worker_id) from core.worker_day d where d.platform_code = s.platform_code
            and d.province_code = s.province_code and d.business_date between s.date_from and s.date_to and d.orders > 0) as ours,
        (select count(distinct u.business_date) from core.unit u where u.platform_code = s.platform_code
            and u.province_code = s.province_code and u.business_date between s.date_from and s.date_to) as days
        from (select *, row_number() over (partition by source, platform_code, province_code, measure order by date_to desc, date_from) as newest_no
            from marts.witness where date_to <= {night}) s
        where s.newest_no = 1 and s.measure = 'workers' and s.source in ('tax', 'survey') and s.platform_code <> '' and s.province_code <> ''
            and s.date_to between {since} and {night}""",
    "claims": "select platform_code, province_code, claim_id, cast(injured_at as date) as day from core.claims "
    "where programme = 'oip' and cast(injured_at as date) between {since} and {night}",
    "cases": "select platform_code, nullif(province_code, '') as province_code, case_no, claim_id, cast(injured_at as date) as day "
    "from marts.agency_case where cast(injured_at as date) between {since} and {night}",
}  # fmt: skip


@dataclass(frozen=True)
class Estimate:
    """One method on one cell. Null numbers where the method has none; flags e = estimate."""

    platform_code: str
    province_code: str | None
    measure: str
    method: str
    outcome: str  # estimated, lower_bound, not_applicable (too little), not_identifiable (no list)
    period_from: date
    period_to: date
    reported: float
    missing: float | None = None
    missing_low: float | None = None
    missing_high: float | None = None
    n: int = 0
    reason_zh: str = ""
    reason_en: str = ""
    is_best: bool = False
    flags: str = "e"


@dataclass(frozen=True)
class Share:
    """A share with its interval and the effective number of draws behind it."""

    value: float
    low: float
    high: float
    worth: float


def share(absent: Sequence[float], drawn: Sequence[float], *, confidence: float = CONFIDENCE) -> Share:
    """Share absent from clusters (absent, drawn by cluster): Clopper–Pearson on n / design effect (Korn and Graubard 1998).

    Where none, or all, are absent nothing tells how they cluster: each cluster then counts as one draw."""
    k, n = np.asarray(absent, float), np.asarray(drawn, float)
    total, clusters = n.sum(), len(n)
    if not total:
        return Share(float("nan"), 0.0, 1.0, 0.0)
    p = float(k.sum() / total)
    worth = float(clusters)
    if 0 < p < 1 and clusters > 1:
        variance = clusters / (clusters - 1) * ((k - p * n) ** 2).sum() / total**2
        worth = min(total, max(p * (1 - p) / variance, 1.0)) if variance > 0 else total
    tail = (1 - confidence) / 2
    a, b = p * worth, (1 - p) * worth
    low = float(special.betaincinv(a, b + 1, tail)) if a > 0 else 0.0
    high = float(special.betaincinv(a + 1, b, 1 - tail)) if b > 0 else 1.0
    return Share(p, low, high, worth)


def estimate(tables: Mapping[str, pl.DataFrame], since: date, night: date) -> list[Estimate]:
    """All methods on all cells from the frames of INPUTS; pure."""
    reported = tables["orders"]
    cells: list[tuple[str, str | None]] = []
    for platform in sorted(reported["platform_code"].unique().to_list()):
        own = reported.filter(pl.col("platform_code") == platform)
        cells += [(platform, v) for v in sorted(own["province_code"].unique().to_list())] + [(platform, None)]
    found = []
    for cell in cells:
        of = {name: _of(rows, cell) for name, rows in tables.items()}
        for measure in (
            _orders(of, cell, since, night),
            _workers(of, cell, since, night),
            _injuries(of, cell, since, night),
        ):
            found += _marked(list(measure))  # fmt: skip
    return found


def _of(rows: pl.DataFrame, cell: tuple[str, str | None]) -> pl.DataFrame:
    own = rows.filter(pl.col("platform_code") == cell[0])
    return own if cell[1] is None else own.filter(pl.col("province_code") == cell[1])


def _marked(rows: list[Estimate]) -> list[Estimate]:
    """The best of a measure: one with both bounds, else the first that says something, else the first."""
    order = ("estimated", "lower_bound", "not_applicable", "not_identifiable")
    best = min(rows, key=lambda r: (order.index(r.outcome), r.missing_high is None, rows.index(r)))
    return [Estimate(**{**asdict(row), "is_best": row is best}) for row in rows]


def _orders(
    of: Mapping[str, pl.DataFrame], cell: tuple[str, str | None], since: date, night: date
) -> Iterator[Estimate]:
    reported, until = float(of["orders"]["orders"].sum()), night - timedelta(days=ORDER_GRACE_DAYS)
    gap = _gaps(of["serials"])
    days = of["orders"].select("province_code", pl.col("business_date").alias("day")).unique()
    drawn = of["checks"].filter(pl.col("day") <= until)
    if cell[1] is None:  # a day on which nothing at all was reported is T01's
        drawn = drawn.join(days.select("day").unique(), on="day", how="semi")
    else:
        drawn = drawn.join(days, on=["province_code", "day"], how="semi")
    head = (*cell, "orders", "checks")
    if drawn.height == 0:
        yield Estimate(*head, "not_identifiable", since, night, reported, reason_zh="没有抽查或测试单", reason_en="no sampled checks or test orders")  # fmt: skip
    else:
        # an inspector's order is its own cluster; a worker's orders hang together
        by = drawn.with_columns(
            pl.when(pl.col("draw") == "test")
            .then(pl.col("order_id"))
            .otherwise(pl.col("worker_id"))
            .alias("by")
        )
        counted = (
            by.group_by("by", "draw")
            .agg((~pl.col("is_found")).sum().alias("k"), pl.len().alias("n"))
            .sort("by")
        )
        s = share(counted["k"].to_list(), counted["n"].to_list())
        high = None if s.high > MOST else reported * s.high / (1 - s.high)
        low = max(reported * s.low / (1 - s.low), float(gap)) if s.low < 1 else float(gap)
        middle = max(reported * s.value / (1 - s.value), low) if s.value < 1 else None
        if high is None:
            yield Estimate(*head, "not_applicable", since, night, reported, n=drawn.height, missing_low=low,
                           reason_zh="抽查太少，上界无意义", reason_en="too few checks to bound it from above")  # fmt: skip
        else:
            yield Estimate(*head, "estimated", since, night, reported, middle, low, max(high, low), drawn.height,
                           f"有效抽样数 {s.worth:.0f}；省份不明的抽查只计入全国", f"effective draws {s.worth:.0f}; a draw whose province is unknown counts nationally alone")  # fmt: skip
    yield Estimate(*cell, "orders", "serials", "lower_bound", since, night, reported, None, float(gap), None, int(of["serials"]["serials"].sum()),
                   "断号是实数，为下界；编号前剔除不留痕迹", "holes are a count and a lower bound: what is left out before numbering leaves none")  # fmt: skip


def _gaps(units: pl.DataFrame) -> int:
    """Serials missing within days and between a day and the next reported one (only where that is the next day)."""
    missing = 0
    for _, rows in units.sort("business_date").group_by("platform_code", "province_code"):
        last: tuple[date, int] | None = None
        for day, first, final, held in rows.select(
            "business_date", "first_serial", "last_serial", "serials"
        ).iter_rows():
            missing += final - first + 1 - held
            if last is not None and day - last[0] == timedelta(days=1):
                missing += max(first - last[1] - 1, 0)
            last = (day, final)
    return missing


def _workers(
    of: Mapping[str, pl.DataFrame], cell: tuple[str, str | None], since: date, night: date
) -> Iterator[Estimate]:
    """The latest span of each source whose days were all reported; nationally the sum of provinces (a worker of two counts twice)."""
    told = False
    for source in ("tax", "survey"):
        spans = of["workers"].filter(
            (pl.col("source") == source) & (pl.col("days") >= (pl.col("date_to") - pl.col("date_from")).dt.total_days() + 1)
        )  # fmt: skip
        if spans.height == 0:
            continue
        told = True
        to = spans["date_to"].max()
        rows = spans.filter(pl.col("date_to") == to)
        start = rows["date_from"].min()
        assert isinstance(start, date) and isinstance(to, date)
        value, ours = float(rows["value"].sum()), float(rows["ours"].sum())
        missing, exact = max(value - ours, 0.0), source == "tax"
        yield Estimate(
            *cell, "workers", source, "estimated", start, to, ours, missing, missing if exact else None, missing if exact else None,
            int(value), "税务身份数视为准确；跨省者各计一次" if exact else "调查未说明误差，无上下界",
            "tax identities are taken as exact; who works in two provinces counts in each" if exact else "the survey states no error: no bounds",
        )  # fmt: skip
    if not told:
        yield Estimate(*cell, "workers", "none", "not_identifiable", since, night, 0.0, flags="x",
                       reason_zh="没有覆盖整段的税务或调查人数", reason_en="no tax or survey count over a span that was reported throughout")  # fmt: skip


def _injuries(
    of: Mapping[str, pl.DataFrame], cell: tuple[str, str | None], since: date, night: date
) -> Iterator[Estimate]:
    until = night - timedelta(days=INJURY_GRACE_DAYS)
    claims, cases = of["claims"].filter(pl.col("day") <= until), of["cases"].filter(pl.col("day") <= until)
    head = (*cell, "injuries", "two_lists")
    first, second, both = claims.height, cases.height, _both(claims, cases)
    if second == 0:
        yield Estimate(*head, "not_identifiable", since, until, first, reason_zh="没有经办案件可比", reason_en="no agency cases to compare with")  # fmt: skip
        return
    size = chapman_bounds(first, second, both)
    known = float(second - both)
    if not size.applicable or not min(first, second) - both:
        few = not size.applicable
        yield Estimate(*head, "lower_bound", since, until, first, None, known, None, second,
                       f"两表共有仅 {both} 件，只计经办多出者" if few else "一表全在另一表之内，并非各自独立得知，不能推算两表之外者",
                       f"only {both} on both lists: what the agency knows in excess is told" if few
                       else "one list lies within the other: they do not know by themselves, so nothing is said of what is on neither")  # fmt: skip
        return
    yield Estimate(*head, "estimated", since, until, first, size.total - first, max(size.low - first, known), max(size.high - first, known), second,
                   f"两表共有 {both} 件；两表相关（比值比 0.5–3）计入上下界", f"{both} on both lists; bounds hold for odds ratios from 0.5 to 3 between them")  # fmt: skip


def _both(claims: pl.DataFrame, cases: pl.DataFrame) -> int:
    matched = cases.filter(pl.col("claim_id").is_not_null()).select("claim_id").unique()
    return matched.join(claims.select("claim_id"), on="claim_id", how="semi").height


# -- in the night ------------------------------------------------------------------------------------


def night(connection: duckdb.DuckDBPyConnection, until: date | None = None) -> None:
    """Write checks.estimate anew from the warehouse as it stands, up to the clock's night or `until`. Within no transaction of the caller's."""
    found = connection.execute(
        "with told as (select coalesce(?, max(night)) as night from checks.clock) "
        "select min(u.business_date), max(u.business_date), max(a.night) from told a left join core.unit u on u.business_date <= a.night",
        [until],
    ).fetchall()
    first, last, at = found[0]
    rows: list[Estimate] = []
    if last is not None:
        since = max(first, last - timedelta(days=DAYS - 1))
        dates = {"since": f"date '{since}'", "night": f"date '{at}'"}
        rows = estimate(
            {name: frame(connection, query.format(**dates)) for name, query in INPUTS.items()}, since, at
        )
    connection.execute("begin; delete from checks.estimate")
    if rows:
        given = pl.DataFrame([asdict(row) for row in rows], infer_schema_length=None).to_arrow()
        connection.register("estimate_given", given)
        connection.execute("insert into checks.estimate by name select * from estimate_given")
        connection.unregister("estimate_given")
    connection.execute("commit")
