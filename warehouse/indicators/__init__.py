"""Every indicator of the project, for any combination of dimensions, from the marts (snapshot or warehouse alike).

`compute` answers one row per indicator and cell. What each indicator means is in indicators.yaml (`load`); readings that
the design left open are in decisions/004-indicator-readings.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import duckdb
import polars as pl

from warehouse.engine import frame
from warehouse.indicators import answer, cells, growth, incidence, measures, scope, witness
from warehouse.indicators.cells import Asked
from warehouse.indicators.registry import PERIODS, PLACE_SETS, PLACES, Indicator, load

__all__ = ["PERIODS", "PLACES", "Indicator", "compute", "decompose", "load"]

_SIMPLE = {  # part: the places it may vary by
    "labour": "industries", "programmes": "programmes", "fund": "pairs", "contracts": "pairs", "disputes": "pairs", "stages": "all",
}  # fmt: skip
_WHOLE_REGISTER = ({"region"}, {"province"}, {"region", "province"})


def compute(
    connection: duckdb.DuckDBPyConnection, *, by: Sequence[str], indicators: Sequence[str] | None = None,
    date_from: date | None = None, date_to: date | None = None, platforms: Sequence[str] | None = None,
    provinces: Sequence[str] | None = None, base: str | None = None, certified_only: bool = False,
    as_of: datetime | None = None,
) -> pl.DataFrame:  # fmt: skip
    """One row per indicator × cell, with value, numerator, denominator, unit, like_for_like, certified, flags, as_of.

    `by`: any of day, month, quarter, year (text such as 2025-10, 2025-Q4; the finest decides; none = the whole span) and
    region, province, city, platform, industry, programme. Dates are inclusive business dates. `base`: previous (default),
    year, or a period by name. `certified_only`: from certified platform × province × days only. `as_of`: stamped on the
    figures (default: the night's clock). ValueError names an unknown dimension, indicator or base.

    Every place of the data gets a row for every period and indicator; provinces and regions those of the register too. Flags:
    p provisional, r a resubmission touched it, b the scheme differs from the base's, e estimate, x not applicable (outside the
    scheme, or the indicator does not vary by a dimension asked for), z not reported. An x or z is never 0 but null.
    """
    registry = load()
    wanted = _wanted(registry, indicators)
    dimensions = cells.dimensions(by)
    seen = cells.known(connection, as_of)
    if base not in (None, "previous", "year"):
        cells.named_period(base)
    windows = cells.windows(dimensions, seen, date_from, date_to, base) if seen is not None else ()
    if seen is None or not windows:
        return answer.none(dimensions)
    asked = Asked(
        dimensions, windows, seen, tuple(platforms) if platforms is not None else None,
        tuple(provinces) if provinces is not None else None, certified_only,
    )  # fmt: skip
    table = _table(connection, asked, wanted)
    return answer.rows(asked, wanted, table, _provisional_days(connection, seen.end))


def decompose(
    connection: duckdb.DuckDBPyConnection, *, level: str, period: tuple[date, date], base: tuple[date, date],
    platforms: Sequence[str] | None = None, provinces: Sequence[str] | None = None,
) -> pl.DataFrame:  # fmt: skip
    """What the growth of persons_cumulative, persons_active or orders_valid between two periods (inclusive dates) is made of.

    One row a part (growth.PARTS: matched, new_platform, new_province, both_new, left, shared) with base, value, change; the changes add
    up to the whole. ValueError names an unknown level or a period without data.
    """
    if level not in growth.GROWING:
        raise ValueError(f"no growth of {level!r} (expected {', '.join(growth.GROWING)})")
    seen = cells.known(connection, None)
    name = f"{base[0]}..{base[1]}"
    windows = cells.windows((), seen, period[0], period[1], name) if seen is not None else ()
    if seen is None or not windows:
        raise ValueError(f"nothing is known between {period[0]} and {period[1]}")
    asked = Asked(
        (),
        windows,
        seen,
        tuple(platforms) if platforms is not None else None,
        tuple(provinces) if provinces is not None else None,
        False,
    )
    return growth.parts_of(connection, asked, level, scope.of_scheme(connection, asked))


def _wanted(registry: Mapping[str, Indicator], ids: Sequence[str] | None) -> list[Indicator]:
    if unknown := [name for name in ids or () if name not in registry]:
        raise ValueError(f"no such indicator: {', '.join(unknown)} (expected {', '.join(registry)})")
    return [registry[name] for name in (registry if ids is None else dict.fromkeys(ids))]


def _table(connection: duckdb.DuckDBPyConnection, asked: Asked, wanted: Sequence[Indicator]) -> pl.DataFrame:
    """One row per cell with every measure that the wanted indicators name, and what the flags need."""
    spans = measures.spans_of(asked.windows)
    cells.prepare(connection, asked, spans)
    regions = dict(
        connection.execute(
            "select province_code, region from ref.province where region is not null"
        ).fetchall()
    )
    scheme = scope.of_scheme(connection, asked)
    parts, levels = _parts(connection, asked, wanted, spans, regions)
    units = measures.submissions(connection, asked)
    for name in [i.id.split(":")[1] for i in wanted if i.part == "growth"]:
        parts.append(growth.growth(asked, name, levels[name]))
        parts.append(growth.like_for_like(connection, asked, name, levels[name], scheme))
    keys = list(asked.keys)
    holders = [*parts, units] if set(keys) <= set(units.columns) else parts
    table = _spine(connection, asked, holders)
    for part in parts:
        table = table.join(part, on=keys, how="left", nulls_equal=True)
    return _told(connection, asked, table, units, scheme).with_columns(_derived(table.columns))


def _parts(
    connection: duckdb.DuckDBPyConnection, asked: Asked, wanted: Sequence[Indicator], spans: Sequence[measures.Span],
    regions: Mapping[str, str],
) -> tuple[list[pl.DataFrame], dict[str, pl.DataFrame]]:  # fmt: skip
    """The parts that are needed (asked-for windows only), and the levels that growth compares (all windows)."""
    ids = {i.id for i in wanted}
    used = {i.part for i in wanted}
    named = {m for i in wanted for m in (i.numerator, i.denominator) if m}
    parts = [measures.orders(connection, asked)]  # always: it is cheap, and says which cells there are
    levels = {"orders_valid": parts[0]}
    needs_persons = "persons" in used or "growth_rate:persons_active" in ids
    needs_cover = (
        bool({"persons_cumulative", "persons_new"} & named) or "growth_rate:persons_cumulative" in ids
    )
    if needs_persons:
        grown = "growth_rate:persons_active" in ids
        parts.append(measures.persons(connection, asked, spans if grown else spans[: len(asked.windows)]))
        levels["persons_active"] = parts[-1]
    if needs_cover:
        parts.append(measures.cumulative(connection, asked, spans))
        levels["persons_cumulative"] = parts[-1]
    if "persons_enrolled" in named:
        parts.append(measures.enrolled(connection, asked))
    if "claims" in used:
        parts.append(measures.claims(connection, asked))
    if "durations" in used:
        parts.append(measures.durations(connection, asked))
    for name, places in _SIMPLE.items():
        if name in used and set(asked.places) <= set(PLACE_SETS[places]):
            parts.append(measures.simple(connection, name, asked))
    if {"flows", "mobility"} & used and set(asked.places) <= set(PLACE_SETS["pairs"]):
        parts.append(measures.flows(connection, asked))
    if "injuries_observed" in named:
        parts.append(incidence.standardised(connection, asked))
    if "injuries_corrected" in named:
        days = _provisional_days(connection, asked.known.end).get("claims_provisional_days", 0)
        parts.append(incidence.corrected(connection, asked, days))
    if "checks" in used and set(asked.places) <= set(PLACE_SETS["platforms"]):
        parts.append(incidence.drawn(connection, asked))
    if not set(asked.places) - {"region", "province", "platform"}:
        if {"contributions_yuan", "fund_gap_yuan", "paid_in_yuan"} & named:
            parts.append(witness.contributions(connection, asked, regions))
        if "outside_workers" in named:
            parts.append(witness.outside_workers(connection, asked, regions))
        if "witness_compared" in named:
            parts.append(witness.agreement(connection, asked))
    return parts, levels


def _spine(
    connection: duckdb.DuckDBPyConnection, asked: Asked, parts: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    """Every window asked for × every place that occurs, or that the register of provinces holds."""
    numbers = pl.DataFrame({"window_no": range(len(asked.windows))}, schema={"window_no": pl.Int32})
    places = list(asked.places)
    if not places:
        return numbers
    occurring = [part.select(places) for part in parts if part.height]
    if set(places) in _WHOLE_REGISTER:
        register = frame(connection, "select region, province_code as province from ref.province")
        if asked.provinces is not None:
            register = register.filter(pl.col("province").is_in(asked.provinces))
        occurring.append(register.select(places).drop_nulls())
    schema = dict.fromkeys(places, pl.String)
    found = pl.concat(occurring).unique() if occurring else pl.DataFrame(schema=schema)
    return found.join(numbers, how="cross")


def _told(
    connection: duckdb.DuckDBPyConnection,
    asked: Asked,
    table: pl.DataFrame,
    units: pl.DataFrame,
    scheme: pl.DataFrame,
) -> pl.DataFrame:
    """What units and scheme say of each cell: a city's cells take their province's, an industry's those of all its places."""
    on = scope.coarse(asked)
    if "city" in asked.by and "province" not in asked.by:
        cities = frame(connection, "select city_code as city, province_code as province from ref.city")
        table = table.join(cities, on="city", how="left")
        units = units.with_columns(province=pl.col("province_code"))
    sums = [c for c in units.columns if c not in (*PLACES, "window_no", "province_code")]
    told = units.group_by("window_no", *on).agg(pl.col(sums).sum())
    table = table.join(told, on=["window_no", *on], how="left", nulls_equal=True)
    keys = ["window_no", *on, *(["industry"] if "industry" in asked.by else [])]
    table = table.join(scope.in_force(asked, scheme), on=keys, how="left", nulls_equal=True)
    table = table.join(scope.breaks(asked, scheme), on=keys, how="left", nulls_equal=True)
    if "programme" in asked.by:  # other programmes have no list of places: they apply where they occur
        table = table.with_columns(is_in_scheme=pl.col("is_in_scheme") | (pl.col("programme") != "oip"))
        table = table.with_columns(is_break=pl.col("is_break") & (pl.col("programme") == "oip"))
    return table.with_columns(pl.col("is_in_scheme", "is_break").fill_null(False))


def _derived(columns: Sequence[str]) -> list[pl.Expr]:
    """Measures made of several parts."""
    found = []
    if "benefits_yuan" in columns:
        collected = (
            pl.col("contributions_yuan")
            if "contributions_yuan" in columns
            else pl.lit(None, dtype=pl.Float64)
        )
        paid_in = pl.coalesce(collected, pl.col("premium_yuan").fill_null(0))
        found = [
            paid_in.alias("paid_in_yuan"),
            (pl.col("benefits_yuan").fill_null(0) - paid_in).alias("fund_gap_yuan"),
            collected.is_null().alias("is_paid_in_estimated"),
        ]
    return found


def _provisional_days(connection: duckdb.DuckDBPyConnection, day: date) -> dict[str, int]:
    rows = connection.execute(
        "select parameter, number from ref.parameter where parameter in ('claims_provisional_days', 'revision_days') "
        "and valid_from <= $day and (valid_to is null or valid_to > $day)", {"day": day},
    ).fetchall()  # fmt: skip
    return {name: int(number) for name, number in rows}
