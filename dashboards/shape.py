"""From the frames of the indicators to the frames of the figures: names, scaled numbers, states, words on hover."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboards import glossary
from dashboards.figures.numbers import Scale, exact, number, scale_of, signed
from dashboards.texts import Words
from dashboards.view import View

FLAGS = "prbecxz"
ABSENT = (("x", "not_applicable"), ("z", "not_reported"), ("c", "suppressed"))


def status_of(value: float | None, flags: str | None) -> str:
    """value, zero, not_applicable, not_reported, suppressed, or undefined (nothing to divide by)."""
    if value is not None:
        return "zero" if value == 0 else "value"
    return next((status for flag, status in ABSENT if flag in (flags or "")), "undefined")


def period_start(grain: str, name: str) -> date:
    """First day of a period by its name: 2025-10-01, 2025-10, 2025-Q4, 2025."""
    if grain == "day":
        return date.fromisoformat(name)
    year = int(name[:4])
    if grain == "month":
        return date(year, int(name[5:7]), 1)
    return date(year, (int(name[6]) - 1) * 3 + 1 if grain == "quarter" else 1, 1)


def period_end(grain: str, name: str) -> date:
    """Last day of a period."""
    start = period_start(grain, name)
    months = {"day": 0, "month": 1, "quarter": 3, "year": 12}[grain]
    following = start.month - 1 + months
    return (
        start if not months else date(start.year + following // 12, following % 12 + 1, 1) - timedelta(days=1)
    )


def first_of(grain: str, day: date) -> date:
    """First day of the period that a day lies in."""
    if grain == "day":
        return day
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def last_of(grain: str, day: date) -> date:
    """Last day of the period that a day lies in."""
    if grain == "day":
        return day
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    following = (day.month - 1) // months * months + months
    return date(day.year + following // 12, following % 12 + 1, 1) - timedelta(days=1)


def unit_words(words: Words, unit: str, scale: Scale) -> str:
    """The unit as it stands in a title: 万人, 亿单, %; '' where there is none."""
    if scale.word == "percent":
        return "%"
    name = glossary.unit(words, unit)
    return words(f"scale.{scale.word}", unit=name) if scale.word else name


def value_words(words: Words, value: float | None, unit: str, flags: str | None = "") -> str:
    """A number with its own scale and unit, or the word for its absence."""
    status = status_of(value, flags)
    if status not in ("value", "zero"):
        return words(f"status.{status}")
    scale = scale_of([value], unit, words.lang)
    unit_text = unit_words(words, unit, scale)
    return (
        f"{number(value, scale)}{unit_text}"
        if words.lang == "zh" or unit_text == "%"
        else f"{number(value, scale)} {unit_text}"
    )


def change_words(words: Words, value: float | None) -> str:
    """A growth rate with its sign, in percent."""
    return words("status.undefined") if value is None else f"{signed(value, Scale(0.01, 'percent', 1))}%"


def flag_mark(words: Words, flag: str) -> str:
    """The flag's short sign: 暂, 修, …"""
    return words(f"flag.{flag}").split(words("mark.colon"))[0]


def flag_words(words: Words, flags: str | None) -> str:
    """The flags spelled out, one after another."""
    return words("mark.comma").join(words(f"flag.{flag}") for flag in FLAGS if flag in (flags or ""))


def hover(words: Words, name: str, row: Mapping[str, Any]) -> str:
    """What is told on hover: name, value, its parts, how much of it is certified, its flags."""
    title, colon = glossary.title(words, row["indicator"]), words("mark.colon")
    lines = [f"<b>{name}</b>", f"{title}{colon}{value_words(words, row['value'], row['unit'], row['flags'])}"]
    if row["denominator"] is not None and row["numerator"] is not None:
        lines.append(
            words(
                "hover.parts",
                numerator=exact(row["numerator"], "count"),
                denominator=exact(row["denominator"], "count"),
            )
        )
    if row.get("like_for_like") is not None:
        lines.append(f"{words('hover.like_for_like')}{colon}{change_words(words, row['like_for_like'])}")
    if row.get("certified") is not None:
        lines.append(f"{words('hover.certified')}{colon}{exact(row['certified'], 'share')}")
    if row["flags"]:
        lines.append(flag_words(words, row["flags"]))
    return "<br>".join(lines)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def records(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows as dicts, numbers as floats."""
    numbers = ("value", "numerator", "denominator", "like_for_like", "certified")
    return [
        row
        | {name: _number(row[name]) for name in numbers if name in row}
        | {"flags": row.get("flags") or ""}
        for row in frame.iter_rows(named=True)
    ]


def registered(view: View, dimension: str) -> list[tuple[str, str, str]]:
    """(code, name, what it means if nothing is known of it) for every province or platform of the registers."""
    end = view.date_to
    if dimension == "province":
        chosen, names = set(view.state.provinces), view.province_names
        source = view.provinces.select("province_code", "scheme_from")
    else:
        chosen, names = set(view.state.platforms), view.platform_names
        source = view.platforms.select("platform_code", "joined_on")
    found = []
    for code, begins in source.iter_rows():
        applies = begins is not None and (end is None or begins <= end)
        absent = (
            "not_selected"
            if applies and chosen and code not in chosen
            else "not_reported"
            if applies
            else "not_applicable"
        )
        found.append((code, names[code], absent))
    return found


def places(view: View, frame: pl.DataFrame, dimension: str) -> tuple[pl.DataFrame, Scale, str]:
    """One indicator by province or platform → code, label, value, text, status, hover for every registered one;
    with the scale used and the unit."""
    words = view.words
    rows = {row[dimension]: row for row in records(frame)}
    unit = next((row["unit"] for row in rows.values()), "count")
    scale = scale_of([row["value"] for row in rows.values()], unit, view.lang)
    result = []
    for code, name, absent in registered(view, dimension):
        row = rows.get(code)
        status = status_of(row["value"], row["flags"]) if row else absent
        value = row["value"] if row else None
        has_value = status in ("value", "zero")
        result.append(
            {
                "code": code,
                "label": name,
                "value": None if value is None else value / scale.divisor,
                "text": number(value, scale) if has_value else words(f"status.{status}"),
                "status": status,
                "hover": hover(words, name, row) if row else f"<b>{name}</b><br>{words(f'status.{status}')}",
            }
        )
    schema = {
        "code": pl.String,
        "label": pl.String,
        "value": pl.Float64,
        "text": pl.String,
        "status": pl.String,
        "hover": pl.String,
    }
    return pl.DataFrame(result, schema=schema), scale, unit


def ranked(places_now: pl.DataFrame, before: Iterable[tuple[str, float | None]]) -> pl.DataFrame:
    """Adds rank and rank_before (1 = largest; equal values share a place)."""
    old = {code: value for code, value in before if value is not None}
    ranks_old = {code: 1 + sum(other > value for other in old.values()) for code, value in old.items()}
    return places_now.with_columns(
        rank=pl.col("value").rank("min", descending=True).cast(pl.Int64),
        rank_before=pl.Series([ranks_old.get(code) for code in places_now["code"]], dtype=pl.Int64),
    )


LINE_SCHEMA = {
    "panel": pl.String,
    "series": pl.String,
    "start": pl.Date,
    "period": pl.String,
    "value": pl.Float64,
    "text": pl.String,
    "hover": pl.String,
    "is_provisional": pl.Boolean,
    "is_break": pl.Boolean,
}


def lines(
    view: View, frame: pl.DataFrame, panels: Mapping[str, Sequence[str]]
) -> tuple[pl.DataFrame, dict[str, Scale]]:
    """Indicators by period → points of lines. `panels`: name of a panel → its indicators, on one scale."""
    words = view.words
    rows = records(frame)
    result, scales = [], {}
    for panel, ids in panels.items():
        mine = [row for row in rows if row["indicator"] in ids]
        unit = next((row["unit"] for row in mine), "count")
        scale = scales[panel] = scale_of([row["value"] for row in mine], unit, view.lang)
        name = (
            f"{panel}{words('mark.open')}{unit_words(words, unit, scale)}{words('mark.close')}"
            if len(panels) > 1
            else panel
        )
        for row in sorted(mine, key=lambda row: (list(ids).index(row["indicator"]), str(row[view.grain]))):
            period = str(row[view.grain])
            result.append(
                {
                    "panel": name,
                    "series": glossary.title(words, row["indicator"]),
                    "start": period_start(view.grain, period),
                    "period": period[5:] if view.grain == "day" else period,
                    "value": None if row["value"] is None else row["value"] / scale.divisor,
                    "text": number(row["value"], scale),
                    "hover": hover(words, period, row),
                    "is_provisional": "p" in row["flags"],
                    "is_break": "b" in row["flags"],
                }
            )
    return pl.DataFrame(result, schema=LINE_SCHEMA), scales
