"""Growth beside its like-for-like value (platform × province pairs in the scheme at both ends), and what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import polars as pl

from warehouse.engine import frame
from warehouse.indicators import measures, scope
from warehouse.indicators.cells import Asked, prepare

GROWING = ("persons_cumulative", "persons_active", "orders_valid")
PARTS = ("matched", "new_platform", "new_province", "both_new", "left", "shared")
Spans = Sequence[measures.Span]
RUN: Mapping[str, Callable[[duckdb.DuckDBPyConnection, Asked, Spans], pl.DataFrame]] = {
    "persons_cumulative": measures.cumulative,
    "persons_active": measures.persons,
    "orders_valid": lambda connection, asked, spans: measures.orders(connection, asked),
}


def growth(asked: Asked, name: str, levels: pl.DataFrame) -> pl.DataFrame:
    """growth_…, change_…, base_… of one level, for every window with a base. `levels`: the level of every span."""
    numbers = {
        (start, end): n for n, (start, end, _) in reversed(list(enumerate(measures.spans_of(asked.windows))))
    }
    pairs = pl.DataFrame(
        [(n, numbers[w.base]) for n, w in enumerate(asked.windows) if w.base is not None],
        schema={"window_no": pl.Int32, "base_no": pl.Int32},
        orient="row",
    )
    places = list(asked.places)
    level = levels.select("window_no", *places, name)
    now = pairs.join(level, on="window_no")
    then = pairs.join(level.rename({"window_no": "base_no", name: "base"}), on="base_no").drop("base_no")
    both = now.drop("base_no").join(
        then, on=["window_no", *places], how="full", coalesce=True, nulls_equal=True
    )
    change = pl.col(name).fill_null(0) - pl.col("base").fill_null(0)
    base = pl.col("base").fill_null(0)
    return both.select(
        "window_no",
        *places,
        pl.when(base > 0).then(change / base).alias(f"growth_{name}"),
        change.alias(f"change_{name}"),
        base.alias(f"base_{name}"),
    )


def like_for_like(
    connection: duckdb.DuckDBPyConnection, asked: Asked, name: str, levels: pl.DataFrame, scheme: pl.DataFrame
) -> pl.DataFrame:
    """like_… of one level: the same growth over matched pairs only.

    Where every pair with data is matched it is the growth itself; else the level is counted again over the
    matched pairs, once for each set of them. Leaves other temporary tables behind than it found.
    """
    found = growth(asked, name, levels)
    keys = list(asked.keys)
    answer = found.select(*keys, pl.col(f"growth_{name}").alias(f"like_{name}"))
    held = _pairs_with_data(connection, asked, name)
    sets: dict[frozenset[tuple[str, str]], list[int]] = {}
    pairs = scope.matched(asked.windows, scheme)
    for number, window in enumerate(asked.windows):
        if window.base is None:
            continue
        inside = frozenset(
            pairs.filter(pl.col("window_no") == number).select("platform_code", "province_code").iter_rows()
        )
        if not held <= inside:
            sets.setdefault(inside & held, []).append(number)
    again = []
    for inside, wanted in sets.items():
        part = replace(asked, windows=tuple(asked.windows[number] for number in wanted))
        only = pl.DataFrame(
            sorted(inside), schema={"platform_code": pl.String, "province_code": pl.String}, orient="row"
        )
        spans = measures.spans_of(part.windows)
        prepare(connection, part, spans, only)
        narrowed = growth(part, name, RUN[name](connection, part, spans))
        numbers = pl.DataFrame(
            {"window_no": range(len(wanted)), "real": wanted},
            schema={"window_no": pl.Int32, "real": pl.Int32},
        )
        again.append(
            narrowed.join(numbers, on="window_no")
            .with_columns(window_no=pl.col("real"))
            .select(*keys, pl.col(f"growth_{name}").alias(f"like_{name}"))
        )
    if not again:
        return answer
    redone = [number for wanted in sets.values() for number in wanted]
    return pl.concat([answer.filter(~pl.col("window_no").is_in(redone)), *again])


def _pairs_with_data(
    connection: duckdb.DuckDBPyConnection, asked: Asked, name: str
) -> frozenset[tuple[str, str]]:
    if name == "persons_cumulative":
        table = "marts.cover t where (t.programme = 'oip' or ?)"
        values: list[object] = ["programme" in asked.by]
    else:
        table, values = "marts.order_day t where t.orders_valid > 0", []
    rows = frame(connection, f"select distinct t.platform_code, t.province_code from {table}", values)
    wanted = rows.filter(
        (pl.col("platform_code").is_in(asked.platforms) if asked.platforms is not None else pl.lit(True))
        & (pl.col("province_code").is_in(asked.provinces) if asked.provinces is not None else pl.lit(True))
    )
    return frozenset(wanted.iter_rows())


def parts_of(
    connection: duckdb.DuckDBPyConnection, asked: Asked, name: str, scheme: pl.DataFrame
) -> pl.DataFrame:
    """part, base, value, change of one level, for a question of one window with a base and no places.

    matched: pairs in the scheme at both ends; new_platform: a platform that was nowhere in the scheme, in a province
    that was; new_province: the other way round; both_new; left: any other pair (gone, or never in the scheme). Persons
    of several parts count in each, so `shared` (≤ 0) brings the parts down to the total; orders share nothing.
    """
    (window,) = asked.windows
    assert window.base is not None
    held = _pairs_with_data(connection, asked, name)
    named: dict[str, list[tuple[str, str]]] = {part: [] for part in PARTS[:-1]}
    at_base, at_end = (_in_force(scheme, day) for day in (window.base[1], window.end))
    old_platforms, old_provinces = {p for p, _ in at_base}, {p for _, p in at_base}
    for pair in sorted(held):
        named[_part(pair, at_base, at_end, old_platforms, old_provinces)].append(pair)
    spans = measures.spans_of(asked.windows)
    rows: list[tuple[str, float, float]] = []
    for part, pairs in named.items():
        only = pl.DataFrame(
            pairs, schema={"platform_code": pl.String, "province_code": pl.String}, orient="row"
        )
        rows.append((part, *_ends(connection, asked, name, spans, only)))
    base, value = _ends(connection, asked, name, spans, None)
    rows.append(("shared", base - sum(b for _, b, _ in rows), value - sum(v for _, _, v in rows)))
    told = pl.DataFrame(
        rows, schema={"part": pl.String, "base": pl.Float64, "value": pl.Float64}, orient="row"
    )
    return told.with_columns(change=pl.col("value") - pl.col("base"))


def _part(
    pair: tuple[str, str],
    at_base: set[tuple[str, str]],
    at_end: set[tuple[str, str]],
    old_platforms: set[str],
    old_provinces: set[str],
) -> str:
    if pair not in at_end:
        return "left"
    if pair in at_base:
        return "matched"
    if pair[0] in old_platforms:
        return "new_province"
    return "new_platform" if pair[1] in old_provinces else "both_new"


def _in_force(scheme: pl.DataFrame, end: date) -> set[tuple[str, str]]:
    day = end - timedelta(days=1)
    until = pl.col("valid_to").fill_null(date(9999, 1, 1))
    return set(
        scheme.filter((pl.col("valid_from") <= day) & (until > day))
        .select("platform", "province")
        .iter_rows()
    )


def _ends(
    connection: duckdb.DuckDBPyConnection, asked: Asked, name: str, spans: Spans, only: pl.DataFrame | None
) -> tuple[float, float]:
    prepare(connection, asked, spans, only)
    levels = dict(RUN[name](connection, asked, spans).select("window_no", name).iter_rows())
    return levels.get(1, 0.0), levels.get(0, 0.0)
