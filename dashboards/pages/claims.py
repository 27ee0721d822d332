"""待遇: claims by stage, how long each takes against the law's days, how often injuries happen, how bad they are."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from scipy.stats import poisson

from dashboards import charts, glossary, queries, shape, tiles
from dashboards.figures import funnel, stacked
from dashboards.figures.numbers import exact, number, scale_of
from dashboards.view import Card, Column, Drawing, Page, View

HEADLINE = (
    "claims_reported", "claims_confirmed", "benefits_yuan", "payout_contribution_ratio", "injuries_reported_per_million_orders",
    "injuries_confirmed_per_million_orders", "benefit_per_case_yuan", "benefit_per_order_yuan",
)  # fmt: skip
ON_TIME = (
    "on_time_share:confirm:2", "on_time_share:confirm:7", "on_time_share:confirm:30", "on_time_share:pay:5", "on_time_share:total:7",
    "on_time_share:total:15",
)  # fmt: skip
DAYS = ("days_to_confirm:median", "days_to_confirm:p90", "days_to_pay:median", "days_to_pay:p90")
INCIDENCE = ("injuries_reported_per_million_orders", "injuries_confirmed_per_million_orders")
CASES = ("claims_reported", "claims_confirmed")
STAGES = ("reported", "applied", "confirmed", "decided", "paid")


def read_stages(view: View) -> pl.DataFrame:
    """How many claims of the period's injuries reached each stage."""
    found = queries.claim_stages(
        view.snapshot, view.viewer, first=view.date_from or date.min, last=view.date_to or date.max,
        provinces=view.state.provinces, platforms=view.state.platforms,
    )  # fmt: skip
    told = [view.words(f"claims.stage.{stage}") for stage in found["stage"]]
    return found.with_columns(pl.Series("stage_name", told, dtype=pl.String)).filter(
        pl.col("claims").sum() > 0
    )


def draw_stages(view: View, frame: pl.DataFrame) -> Drawing:
    bars = [
        {
            "label": name,
            "part": "all",
            "value": float(claims),
            "hover": f"<b>{name}</b><br>{exact(claims, 'count')}",
            "point": None,
        }
        for name, claims in frame.select("stage_name", "claims").iter_rows()
    ]
    figure = stacked.figure(
        pl.DataFrame(bars), texts=charts.texts(view), parts=[("all", "")], is_sorted=False
    )
    return Drawing(figure, glossary.unit(view.words, "cases"))


def read_on_time(view: View) -> pl.DataFrame:
    return view.indicators((), ON_TIME)


def draw_on_time(view: View, frame: pl.DataFrame) -> Drawing:
    return _bars(view, frame, ON_TIME)


def read_severity(view: View) -> pl.DataFrame:
    """Claims of the period's injuries by class of injury."""
    found = queries.claim_severity(
        view.snapshot, view.viewer, first=view.date_from or date.min, last=view.date_to or date.max,
        provinces=view.state.provinces, platforms=view.state.platforms,
    )  # fmt: skip
    return found.with_columns(
        pl.Series("name", [severity(view, code) for code in found["injury_class"]], dtype=pl.String)
    )


def severity(view: View, code: str | None) -> str:
    """The word of the reporting standard for a class of injury."""
    words = glossary.codes(view.lang, "injury_class")
    return words.get(code or "", code or view.words("claims.severity.unknown"))


def draw_severity(view: View, frame: pl.DataFrame) -> Drawing:
    bars = [
        {
            "label": name,
            "part": "all",
            "value": float(claims),
            "hover": f"<b>{name}</b><br>{exact(claims, 'count')}",
            "point": None,
        }
        for name, claims in frame.select("name", "claims").iter_rows()
    ]
    return Drawing(
        stacked.figure(pl.DataFrame(bars), texts=charts.texts(view), parts=[("all", "")]),
        glossary.unit(view.words, "cases"),
    )


# --- the funnel of incidence ---------------------------------------------------------------------------------

PER = 1e6  # orders
WIDE, WIDER = 0.95, 0.998  # of the limits; the wider ones name a place
POINTS = 60  # at which the limits are drawn


def read_funnel(view: View) -> pl.DataFrame:
    """Reported injuries per million orders by place, with how its count lies against chance around the overall rate."""
    split = view.state.split
    frame = view.indicators((split,), INCIDENCE[:1])
    known = [row for row in shape.records(frame) if row["value"] is not None and row["denominator"]]
    centre = _centre(known)
    sides = {row[split]: _side(row["numerator"], row["denominator"] * centre) for row in known}
    return frame.filter(pl.col(split).is_in(list(sides))).with_columns(
        side=pl.col(split).replace_strict(sides, default=None, return_dtype=pl.String)
    )


def _centre(rows: list[dict[str, Any]]) -> float:
    orders = sum(row["denominator"] for row in rows)
    return sum(row["numerator"] for row in rows) / orders if orders else 0.0


def _side(cases: float, expected: float) -> str:
    """inside, high or low: against the Poisson limits of WIDER."""
    tail = (1 - WIDER) / 2
    if poisson.cdf(cases, expected) < tail:
        return "low"
    return "high" if poisson.sf(cases - 1, expected) < tail else "inside"


def draw_funnel(view: View, frame: pl.DataFrame) -> Drawing:
    split, rows = view.state.split, shape.records(frame)
    names = view.province_names if split == "province" else view.platform_names
    centre = _centre(rows)
    least, most = min(row["denominator"] for row in rows), max(row["denominator"] for row in rows)
    exposures = (
        [least * (most / least) ** (n / (POINTS - 1)) for n in range(POINTS)]
        if most > least
        else [least * 0.8, least * 1.25]
    )
    limits = pl.DataFrame(
        [
            {"exposure": x}
            | {f"{side}{name}": float(poisson.ppf(share, x * centre)) / x * PER
               for name, level in (("95", WIDE), ("998", WIDER)) for side, share in (("low", (1 - level) / 2), ("high", (1 + level) / 2))}
            for x in exposures
        ]
    )  # fmt: skip
    points = [
        {"label": names.get(row[split], row[split]), "exposure": row["denominator"], "rate": row["value"], "state": row["side"],
         "hover": shape.hover(view.words, names.get(row[split], row[split]), row)}
        for row in rows
    ]  # fmt: skip
    texts = charts.texts(view) | {
        f"funnel.{side}": view.words(f"claims.funnel.{side}") for side in funnel.LOOKS
    }
    texts["exposure"] = view.words("claims.funnel.exposure")
    figure = funnel.figure(pl.DataFrame(points), limits, centre * PER, texts=texts)
    return Drawing(
        figure, glossary.unit(view.words, "injuries per million orders"), view.words("claims.funnel.note")
    )


def _bars(view: View, frame: pl.DataFrame, ids: tuple[str, ...]) -> Drawing:
    rows = {row["indicator"]: row for row in shape.records(frame) if row["value"] is not None}
    unit = next((row["unit"] for row in rows.values()), "share")
    scale = scale_of([row["value"] for row in rows.values()], unit, view.lang)
    bars = []
    for name in ids:
        if name in rows:
            title = glossary.title(view.words, name)
            bars.append(
                {"label": f"{title} {number(rows[name]['value'], scale)}", "part": "all", "value": rows[name]["value"] / scale.divisor,
                 "hover": shape.hover(view.words, title, rows[name]), "point": None}
            )  # fmt: skip
    figure = stacked.figure(
        pl.DataFrame(bars), texts=charts.texts(view), parts=[("all", "")], is_sorted=False
    )
    return Drawing(figure, shape.unit_words(view.words, unit, scale))


STAGE_COLUMNS = (Column("stage_name", "column.stage"), Column("claims", "column.claims", "number"))
SEVERITY_COLUMNS = (Column("name", "column.severity"), Column("claims", "column.claims", "number"))
PAGE = Page(
    path="/claims",
    name="claims",
    order=70,
    filters=("period", "grain", "provinces", "platforms", "split"),
    cards=(
        Card("figures", lambda v: tiles.read(v, HEADLINE), lambda v, f: tiles.draw(v, f, HEADLINE), height=190, is_figure=False),
        Card("stages", read_stages, draw_stages, columns=lambda _, __: STAGE_COLUMNS, span=5, height=300),
        Card("on_time", read_on_time, draw_on_time, span=7, height=300),
        Card("cases", lambda v: v.indicators((v.grain,), CASES), lambda v, f: charts.together(v, f, CASES), span=6, height=340),
        Card("days", lambda v: v.indicators((v.grain,), DAYS), lambda v, f: charts.together(v, f, DAYS), span=6, height=340),
        Card("incidence", lambda v: v.indicators((v.grain,), INCIDENCE), lambda v, f: charts.together(v, f, INCIDENCE), span=6,
             height=340),
        Card("funnel", read_funnel, draw_funnel, span=6, height=340),
        Card("severity", read_severity, draw_severity, columns=lambda _, __: SEVERITY_COLUMNS, span=6, height=340),
    ),
)  # fmt: skip
