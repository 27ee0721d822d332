"""The only reader: every number on a screen comes through here, from one snapshot, within the viewer's rights.

Every function takes the snapshot and the viewer first. Frames are tidy polars frames; rates are 0–1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from dashboards.access import Viewer
from dashboards.snapshots import Snapshot


@dataclass(frozen=True)
class Extent:
    """What the snapshot covers: first and last business date with data (None = none), and when it was published."""

    first: date | None
    last: date | None
    published_at: datetime | None
    last_night: date | None


def extent(snapshot: Snapshot, viewer: Viewer) -> Extent:
    """First and last business date that was accepted, within the viewer's provinces."""

    def make() -> Extent:
        days = snapshot.rows(
            """select min(business_date) as first, max(business_date) as last from marts.submission
            where status <> 'refused' and ($provinces is null or province_code in (select unnest($provinces)))""",
            {"provinces": _listed(viewer.allowed_provinces())},
        )
        about = snapshot.rows("select published_at, last_night from marts.snapshot")
        published, night = about.row(0) if about.height else (None, None)
        return Extent(days["first"][0], days["last"][0], published, night)

    return snapshot.remembered(("extent", viewer), make)


def _listed(codes: Sequence[str] | None) -> list[str] | None:
    return None if codes is None else list(codes)


def provinces(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """province_code, name_zh, name_en, short_zh, region, scheme_from (null = outside the scheme), is_visible."""

    def make() -> pl.DataFrame:
        seen = viewer.allowed_provinces()
        rows = snapshot.rows(
            "select province_code, name_zh, name_en, short_zh, region, scheme_from from ref.province order by province_code"
        )
        return rows.with_columns(
            is_visible=pl.lit(True) if seen is None else pl.col("province_code").is_in(list(seen))
        )

    return snapshot.remembered(("provinces", viewer), make)


def platforms(snapshot: Snapshot, viewer: Viewer) -> pl.DataFrame:
    """platform_code with its latest name_zh, name_en, industry, and joined_on."""
    return snapshot.remembered(
        ("platforms", viewer),
        lambda: snapshot.rows(
            """select platform_code, name_zh, name_en, industry, joined_on from ref.platform
            qualify row_number() over (
                partition by platform_code order by valid_from desc nulls last) = 1
            order by platform_code"""
        ),
    )


def indicators(
    snapshot: Snapshot,
    viewer: Viewer,
    *,
    by: Sequence[str],
    indicators: Sequence[str],
    date_from: date | None = None,
    date_to: date | None = None,
    platforms: Sequence[str] = (),
    provinces: Sequence[str] = (),
    base: str | None = None,
) -> pl.DataFrame:
    """Figures as `zhibao indicators` prints them: the `by` columns, indicator, value, numerator, denominator, unit,
    like_for_like, certified, flags, as_of. NotAllowed outside the viewer's rights."""
    from warehouse.indicators import compute

    viewer.check_platforms(by, platforms)
    arguments: dict[str, Any] = {
        "by": tuple(by),
        "indicators": tuple(indicators),
        "date_from": date_from,
        "date_to": date_to,
        "platforms": tuple(platforms) or None,
        "provinces": viewer.allowed_provinces(provinces),
        "base": base,
    }

    def make() -> pl.DataFrame:
        with snapshot.cursor() as cursor:
            return compute(cursor, **arguments)

    return snapshot.remembered(
        ("indicators", tuple(sorted(arguments.items(), key=lambda item: item[0]))), make
    )
