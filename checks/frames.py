"""What detectors see: the small feature tables of the warehouse as they stand on a night, and the axes they share.

`Frames` holds Polars frames by name and the axes platform × province × day; a detector takes nothing else, so it
can be tried on frames that a test writes down. Nothing here knows a scheme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import duckdb
import numpy as np
import polars as pl
from numpy.typing import NDArray

from warehouse.engine import frame

WINDOW_DAYS = 180  # the past that a night looks back on; older days have no say
NATIONAL = "000000"  # the column of all provinces of a platform together, after the provinces

# name → SELECT of the rows that are known; {since} and {night} are dates
TABLES: Mapping[str, str] = {
    **{
        f"cell_{name}": f"select * from core.cell_{name} where business_date between {{since}} and {{night}}"
        for name in (
            "city", "copy", "day", "enrollment", "hour", "hours", "key", "pattern", "revision", "running", "serial_hour",
            "shape", "twin", "worker",
        )
    },
    # twins under two numbers, and those of them of which one was first covered within a month of that day (not with the platform's first days)
    "twin_new": """select t.platform_code, t.province_code, t.business_date, cast(sum(t.contents) as bigint) as twins,
        cast(sum(case when coalesce(greatest(a.covered_on, b.covered_on), a.covered_on, b.covered_on)
            > greatest(t.business_date - 31, u.first_date + 3) then t.contents else 0 end) as bigint) as twins_new
        from core.cell_twin_pair t
        join (select platform_code, min(business_date) as first_date from core.unit group by platform_code) u on u.platform_code = t.platform_code
        left join (select platform_code, worker_id, min(cast(covered_from as date)) as covered_on from core.cover
            where worker_id in (select first_worker_id from core.cell_twin_pair) group by platform_code, worker_id) a
            on a.platform_code = t.platform_code and a.worker_id = t.first_worker_id
        left join (select platform_code, worker_id, min(cast(covered_from as date)) as covered_on from core.cover
            where worker_id in (select last_worker_id from core.cell_twin_pair) group by platform_code, worker_id) b
            on b.platform_code = t.platform_code and b.worker_id = t.last_worker_id
        where t.business_date between {since} and {night}
        group by t.platform_code, t.province_code, t.business_date""",
    "unit": "select * from core.unit where business_date between {since} and {night}",
    "submission": "select platform_code, province_code, business_date, sequence, status, submitted_at, known_at, night, reason_code "
    "from staging.submission where status <> 'refused' and business_date between {since} and {night}",
    "platform": "select p.platform_code, min(p.industry) as industry, min(p.joined_on) as joined_on from ref.platform p "
    "where p.valid_from <= {night} and (p.valid_to is null or p.valid_to > {night}) group by p.platform_code",
    "calendar": "select date, day_of_week, is_workday, holiday_en from ref.calendar where date between {since} and {night}",
    "claim": """select c.platform_code, c.province_code, c.claim_id, c.worker_id, c.coverage_id, c.order_id, c.programme, c.injured_at,
        c.reported_at, c.reported_by, c.applied_at, c.confirmed_at, c.paid_at, c.outcome, c.injury_class, c.disability_grade, c.medical_yuan,
        c.benefit_yuan, c.first_business_date, c.business_date, o.order_id is not null as is_order_known, o.province_code as order_province_code,
        o.city_code as order_city_code, o.industry as order_industry, o.business_date as order_date, o.accepted_at, o.picked_up_at,
        o.finished_at, o.status as order_status, o.premium_yuan as order_premium_yuan,
        v.registered_at as cover_registered_at, v.covered_from, v.covered_to, v.first_business_date as cover_first_date,
        h.held_registered_at, h.held_undated, h.held_seen_on, h.held_s, f.first_covered_from
        from core.claims c
        left join core.known_order o on o.platform_code = c.platform_code and o.order_id = c.order_id
        left join core.cover v on v.platform_code = c.platform_code and v.coverage_id = c.coverage_id
        left join (select k.platform_code, k.claim_id, min(s.registered_at) as held_registered_at,
            count(*) - count(s.registered_at) as held_undated, min(s.first_business_date) as held_seen_on,
            max(date_diff('second', s.covered_from, coalesce(s.covered_to, s.covered_from + interval 1000 day))) as held_s
            from core.claims k
            join core.cover s on s.platform_code = k.platform_code and s.worker_id = k.worker_id and s.programme = 'oip'
                and s.covered_from <= k.injured_at and (s.covered_to is null or s.covered_to > k.injured_at)
            group by k.platform_code, k.claim_id) h on h.platform_code = c.platform_code and h.claim_id = c.claim_id
        left join (select s.platform_code, s.worker_id, min(s.covered_from) as first_covered_from from core.cover s
            where s.programme = 'oip' and s.worker_id in (select worker_id from core.claims)
            group by s.platform_code, s.worker_id) f on f.platform_code = c.platform_code and f.worker_id = c.worker_id
        where c.first_business_date between {since} and {night}""",
    "worker_check": """select w.platform_code, w.worker_id, w.order_id, w.serial, w.accepted_at, w.checked_at, coalesce(w.draw, 'self') as draw,
        w.known_at, o.order_id is not null as is_found, o.serial as reported_serial, o.accepted_at as reported_at, o.status as reported_status,
        o.premium_yuan as reported_premium_yuan, o.business_date, k.province_code as worker_province_code, o.province_code,
        o.worker_id as reported_worker_id,
        exists (select 1 from core.cover c where c.platform_code = w.platform_code and c.worker_id = w.worker_id and c.programme = 'oip'
            and c.covered_from <= coalesce(w.accepted_at, w.checked_at)
            and (c.covered_to is null or c.covered_to > coalesce(w.accepted_at, w.checked_at))) as is_worker_covered
        from core.checked_order w
        left join core.known_order o on o.platform_code = w.platform_code and o.order_id = w.meant_order_id
        left join (select platform_code, worker_id, min(province_code) as province_code from core.cover
            where worker_id in (select worker_id from staging.worker_check) group by platform_code, worker_id) k
            on k.platform_code = w.platform_code and k.worker_id = w.worker_id
        where cast(w.checked_at as date) between {since} and {night}""",
    "agency_case": """select a.case_no, a.platform_code, a.person, a.order_id, a.injured_at, a.received_at, a.confirmed_at, a.paid_at,
        a.benefit_yuan, a.known_at, o.order_id is not null as is_order_known, o.province_code as order_province_code,
        coalesce(o.province_code, w.province_code) as province_code, o.accepted_at, o.finished_at, o.status as order_status,
        coalesce(b.claims, p.claims, 0) > 0 as is_claimed, coalesce(b.reported_at, p.reported_at) as claim_reported_at,
        coalesce(b.first_business_date, p.first_business_date) as claim_first_date,
        coalesce(b.paid_at, p.paid_at) as claim_paid_at, coalesce(b.benefit_yuan, p.benefit_yuan) as claim_benefit_yuan,
        coalesce(b.oip, p.oip) as claims_oip, coalesce(b.injured_at, p.injured_at) as claim_injured_at
        from (select n.*, row_number() over (partition by n.platform_code, n.case_no order by n.known_at desc, n.file desc, n.row_no desc)
            as newest_no from staging.agency_case n) a
        left join core.known_order o on o.platform_code = a.platform_code and o.order_id = a.order_id
        left join (select platform_code, person, min(province_code) as province_code from core.cover
            where person in (select person from staging.agency_case)
            group by platform_code, person) w on w.platform_code = a.platform_code and w.person = a.person
        left join (select platform_code, order_id, count(*) as claims, min(reported_at) as reported_at, max(paid_at) as paid_at,
            min(first_business_date) as first_business_date, max(benefit_yuan) as benefit_yuan,
            count(case when programme = 'oip' then 1 end) as oip, max(injured_at) as injured_at
            from core.claims where order_id is not null group by platform_code, order_id
        ) b on b.platform_code = a.platform_code and b.order_id = a.order_id
        left join (select platform_code, person, cast(injured_at as date) as injured_on, count(*) as claims, min(reported_at) as reported_at,
            max(paid_at) as paid_at, min(first_business_date) as first_business_date, max(benefit_yuan) as benefit_yuan,
            count(case when programme = 'oip' then 1 end) as oip, max(injured_at) as injured_at
            from core.claims where person is not null group by platform_code, person, cast(injured_at as date)
        ) p on p.platform_code = a.platform_code and p.person = a.person and p.injured_on = cast(a.injured_at as date)
        where a.newest_no = 1 and cast(a.received_at as date) between {since} and {night}""",
    "employee_roll": """select w.platform_code, w.province_code, w.date_from, w.date_to, w.value as known,
        count(distinct coalesce(c.person, c.worker_id)) as claimed
        from (select n.*, row_number() over (partition by n.source, n.platform_code, n.province_code, n.date_from, n.date_to
            order by n.known_at desc, n.file desc, n.row_no desc) as newest_no from staging.witness n where n.measure = 'employees') w
        left join core.cover c on c.platform_code = w.platform_code and (w.province_code is null or c.province_code = w.province_code)
            and c.programme = 'employee_insurance' and cast(c.covered_from as date) <= w.date_to
            and (c.covered_to is null or (c.covered_to > cast(w.date_from as timestamp) and c.covered_to > c.covered_from))
        where w.newest_no = 1 and w.platform_code is not null and w.date_to between {since} and {night}
        group by w.platform_code, w.province_code, w.date_from, w.date_to, w.value""",
    "witness": "select source, platform_code, province_code, date_from, date_to, measure, value, unit, known_at from staging.witness",
    "rule_hit": "select rule_id, platform_code, province_code, business_date, violations, checked, night from checks.verdict "
    "where outcome = 'hit' and business_date between {since} and {night}",
}  # fmt: skip


@dataclass(frozen=True)
class Frames:
    """Tables by name as known on `night`, and their axes: platforms, provinces (national last) and days, in order."""

    night: date
    platforms: tuple[str, ...]
    provinces: tuple[str, ...]
    days: tuple[date, ...]
    tables: Mapping[str, pl.DataFrame]
    cubes: dict[tuple[str, str], NDArray[np.float64]] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.platforms), len(self.provinces) + 1, len(self.days)

    def industry(self) -> tuple[str, ...]:
        """The industry of each platform by the register; '' where it names none."""
        held = dict(self.tables["platform"].select("platform_code", "industry").iter_rows())
        return tuple(held.get(code) or "" for code in self.platforms)

    def cube(self, table: str, column: str) -> NDArray[np.float64]:
        """A column summed onto platform × (province…, national) × day; NaN where nothing was reported that day.

        A reported day on which the table has no row of a cell is 0, not NaN: silence is told from absence.
        """
        key = (table, column)
        if key not in self.cubes:
            self.cubes[key] = self._cube(table, column)
        return self.cubes[key]

    def _cube(self, table: str, column: str) -> NDArray[np.float64]:
        held = self.tables[table]
        sums = np.zeros(self.shape)
        if held.height:
            rows = held.select(
                "platform_code", "province_code", "business_date", pl.col(column).cast(pl.Float64)
            )
            where = self.index(rows)
            if where is not None:
                keep, index = where
                np.add.at(sums, index, np.nan_to_num(rows[column].to_numpy()[keep]))
        reported = self.reported
        sums[:, -1, :] = sums[:, :-1, :].sum(axis=1)
        return np.where(reported, sums, np.nan)

    @cached_property
    def reported(self) -> NDArray[np.bool_]:
        """platform × (province…, national) × day: an accepted submission is there (national: any of them)."""
        there = np.zeros(self.shape, dtype=bool)
        where = self.index(self.tables["unit"])
        if where is not None:
            there[where[1]] = True
        there[:, -1, :] = there[:, :-1, :].any(axis=1)
        there.flags.writeable = False  # one for all who ask
        return there

    def index(
        self, rows: pl.DataFrame
    ) -> tuple[NDArray[np.bool_], tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] | None:
        """(rows that lie on the axes, their positions), or None where there are no rows."""
        if rows.height == 0:
            return None
        axes = []
        for column, values in (
            ("platform_code", self.platforms), ("province_code", self.provinces), ("business_date", self.days),
        ):  # fmt: skip
            places = pl.DataFrame(
                {column: list(values), "place": np.arange(len(values))}, schema_overrides={"place": pl.Int64}
            )
            if column == "business_date":
                places = places.with_columns(pl.col(column).cast(pl.Date))
            axes.append(
                rows.select(column)
                .join(places, on=column, how="left", maintain_order="left")["place"]
                .fill_null(-1)
                .to_numpy()
            )
        keep = (axes[0] >= 0) & (axes[1] >= 0) & (axes[2] >= 0)
        return keep, (axes[0][keep], axes[1][keep], axes[2][keep])


def of_tables(tables: Mapping[str, pl.DataFrame], night: date) -> Frames:
    """Frames with the axes that `unit` spans; a gap in the days stays a day."""
    unit = tables["unit"]
    if unit.height == 0:
        return Frames(night, (), (), (), tables)
    first = unit["business_date"].min()
    assert isinstance(first, date)
    days = tuple(first + timedelta(days=i) for i in range((night - first).days + 1))
    platforms = tuple(sorted(code for code in unit["platform_code"].unique().to_list() if code))
    provinces = tuple(sorted(code for code in unit["province_code"].unique().to_list() if code))
    return Frames(night, platforms, provinces, days, tables)


def load(connection: duckdb.DuckDBPyConnection, night: date) -> Frames:
    """The frames of a night from the warehouse as it stands; only what happened up to `night`."""
    since = night - timedelta(days=WINDOW_DAYS - 1)
    dates = {"since": f"date '{since}'", "night": f"date '{night}'"}
    tables = {name: frame(connection, query.format(**dates)) for name, query in TABLES.items()}
    return of_tables(tables, night)
