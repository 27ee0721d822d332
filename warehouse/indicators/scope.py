"""Where and when the scheme is in force, by cell: what is outside it (x), what a growth crosses (b), what pairs match."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import duckdb
import polars as pl

from warehouse.engine import frame
from warehouse.indicators.cells import Asked, Window

DAY = timedelta(days=1)


def of_scheme(connection: duckdb.DuckDBPyConnection, asked: Asked) -> pl.DataFrame:
    """platform, province, region, industry and dates of the oip scheme, within the filters."""
    rows = frame(
        connection,
        "select s.platform_code as platform, s.province_code as province, r.region, s.industry, s.valid_from, s.valid_to "
        "from ref.scope s left join ref.province r on r.province_code = s.province_code",
    )
    if asked.platforms is not None:
        rows = rows.filter(pl.col("platform").is_in(asked.platforms))
    if asked.provinces is not None:
        rows = rows.filter(pl.col("province").is_in(asked.provinces))
    return rows


def coarse(asked: Asked) -> list[str]:
    """The labels by which units and scope are told apart; a city's cells go by its province."""
    labels: list[str] = [name for name in ("region", "province", "platform") if name in asked.by]
    return [*labels, "province"] if "city" in asked.by and "province" not in labels else labels


def in_force(asked: Asked, scheme: pl.DataFrame) -> pl.DataFrame:
    """Cells (window_no, labels, industry where asked for) that the scheme touches on any day of the window."""
    windows = _windows([(w.start, w.end) for w in asked.windows])
    keys = [*coarse(asked), *(["industry"] if "industry" in asked.by else [])]
    joined = scheme.join_where(
        windows,
        pl.col("valid_from") < pl.col("end"),
        pl.col("valid_to").fill_null(date(9999, 1, 1)) > pl.col("start"),
    )
    return joined.select("window_no", *keys).unique().with_columns(is_in_scheme=pl.lit(True))


def breaks(asked: Asked, scheme: pl.DataFrame) -> pl.DataFrame:
    """Cells whose scheme differs between the last day of the window and that of its base."""
    keys = [*coarse(asked), *(["industry"] if "industry" in asked.by else [])]
    identity = ["platform", "province", *(["industry"] if "industry" in asked.by else [])]
    both = _both_ends(asked.windows, scheme, identity)
    changed = both.filter(pl.col("at_base") != pl.col("at_end"))
    labelled = changed.join(scheme.select("province", "region").unique(), on="province", how="left")
    return labelled.select("window_no", *keys).unique().with_columns(is_break=pl.lit(True))


def matched(windows: Sequence[Window], scheme: pl.DataFrame) -> pl.DataFrame:
    """window_no, platform_code, province_code: pairs in force at both ends of a growth."""
    both = _both_ends(windows, scheme, ["platform", "province"]).filter(pl.col("at_base") & pl.col("at_end"))
    return both.select("window_no", platform_code="platform", province_code="province")


def _both_ends(windows: Sequence[Window], scheme: pl.DataFrame, identity: list[str]) -> pl.DataFrame:
    ends = pl.DataFrame(
        [(n, w.base[1] - DAY, w.end - DAY) for n, w in enumerate(windows) if w.base is not None],
        schema={"window_no": pl.Int32, "base_day": pl.Date, "end_day": pl.Date},
        orient="row",
    )
    until = pl.col("valid_to").fill_null(date(9999, 1, 1))
    crossed = scheme.join(ends, how="cross").with_columns(
        at_base=(pl.col("valid_from") <= pl.col("base_day")) & (until > pl.col("base_day")),
        at_end=(pl.col("valid_from") <= pl.col("end_day")) & (until > pl.col("end_day")),
    )
    return crossed.group_by("window_no", *identity).agg(pl.col("at_base").any(), pl.col("at_end").any())


def _windows(spans: Sequence[tuple[date, date]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(n, start, end) for n, (start, end) in enumerate(spans)],
        schema={"window_no": pl.Int32, "start": pl.Date, "end": pl.Date},
        orient="row",
    )
