"""劳动保护与争议: commission, hours, income and speed as the orders tell them; several platforms; disputes; who signs with whom."""

from __future__ import annotations

from datetime import date
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash import html

from dashboards import charts, flows, glossary, labour, queries, shape
from dashboards.figures import dots, lines, observed, stacked
from dashboards.figures.numbers import Scale, exact, number, scale_of
from dashboards.view import Card, Column, Drawing, Page, View

HEADLINE = (
    "commission_rate",
    "hourly_income_yuan",
    "wage_below_share",
    "hours_p95",
    "long_day_share",
    "speed_kmh",
    "fast_share",
)
BY_PLACE = ("commission_rate", "hourly_income_yuan", "hours_p95", "long_day_share", "speed_kmh")
OVER_TIME = ("commission_rate", "hourly_income_yuan", "hours_p95", "speed_kmh")
LONG_DAY = "long_day"
TOPICS_SHOWN = 12
PARTIES_SHOWN = 15
NARROW_NAME = 18  # letters


def span(view: View) -> dict[str, Any]:
    """Whole months that the period touches, and the places, as the queries take them."""
    return {
        "first": (view.date_from or date.min).replace(day=1),
        "last": view.date_to or date.max,
        "provinces": view.state.provinces,
        "platforms": view.state.platforms,
    }


def title_of(view: View, name: str) -> str:
    unit = view.words(f"labour.unit.{labour.UNITS[name]}")
    return f"{view.words(f'labour.measure.{name}')}{view.words('mark.open')}{unit}{view.words('mark.close')}"


def shown(name: str, value: float | None) -> str:
    """A measure's number, bare; shares in percent."""
    return number(value, Scale(0.01, "percent", 1) if labour.UNITS[name] == "share" else Scale(decimals=1))


def in_units(name: str, value: float | None) -> float | None:
    return None if value is None else value * (100 if labour.UNITS[name] == "share" else 1)


def _read(view: View, by: tuple[str, ...]) -> pl.DataFrame:
    """The measures by place or month, with their words."""
    cells = queries.labour_cells(view.snapshot, view.viewer, "labour_month", **span(view))
    hours = queries.labour_cells(view.snapshot, view.viewer, "labour_hours", **span(view))
    if cells.height == 0:
        return pl.DataFrame()
    frame = labour.measures(cells, hours, by)
    told = [view.words(f"labour.measure.{name}") for name in frame["measure"]]
    units = [view.words(f"labour.unit.{labour.UNITS[name]}") for name in frame["measure"]]
    texts = [shown(name, value) for name, value in frame.select("measure", "value").iter_rows()]
    return frame.with_columns(
        pl.Series("measure_name", told, dtype=pl.String), pl.Series("unit_name", units, dtype=pl.String),
        pl.Series("shown", texts, dtype=pl.String), pl.col("measure").replace_strict(labour.UNITS).alias("unit"), flags=pl.lit(""),
    )  # fmt: skip


def hover(view: View, name: str, row: dict[str, Any]) -> str:
    told = [f"<b>{name}</b>", f"{title_of(view, row['measure'])} {row['shown']}"]
    if row["numerator"] is not None and row["denominator"] is not None:
        parts = {key: exact(row[key], "count") for key in ("numerator", "denominator")}
        told.append(view.words("hover.parts", **parts))
    return "<br>".join(told)


def draw_figures(view: View, frame: pl.DataFrame) -> Drawing:
    rows = {row["measure"]: row for row in frame.iter_rows(named=True)}
    tiles = []
    for name in HEADLINE:
        row = rows[name]
        head = dmc.Tooltip(
            html.Button(row["measure_name"], type="button", className="tile-title"),
            label=view.words(f"labour.about.{name}"), multiline=True, w=300, withArrow=True,
            events={"hover": True, "focus": True, "touch": True},
        )  # fmt: skip
        value = [
            html.Span(row["shown"], className="tile-number"),
            html.Span(row["unit_name"], className="tile-unit"),
        ]
        absent = [html.Span(view.words("status.undefined"), className="tile-absent")]
        tiles.append(
            dmc.Box(
                [
                    html.Div(head, className="tile-head"),
                    html.Div(value if row["value"] is not None else absent),
                ],
                className="tile",
            )
        )
    return Drawing(
        [dmc.SimpleGrid(tiles, cols={"base": 2, "sm": 4}, spacing="sm", verticalSpacing="sm")],
        note=view.words("labour.note"),
    )


def read_places(view: View) -> pl.DataFrame:
    frame = _read(view, (f"{view.state.split}_code",))
    return frame.filter(pl.col("measure").is_in(BY_PLACE)) if frame.height else frame


def draw_places(view: View, frame: pl.DataFrame) -> Drawing:
    code = f"{view.state.split}_code"
    names = view.province_names if view.state.split == "province" else view.platform_names
    rows = {(row[code], row["measure"]): row for row in frame.iter_rows(named=True)}
    points = []
    for place in sorted(set(frame[code])):
        for name in BY_PLACE:
            row = rows.get((place, name))
            if row is None:
                continue
            label = names.get(place, place)
            points.append(
                {"label": label, "panel": title_of(view, name), "value": in_units(name, row["value"]), "text": row["shown"],
                 "hover": hover(view, label, row)}
            )  # fmt: skip
    schema = {
        "label": pl.String,
        "panel": pl.String,
        "value": pl.Float64,
        "text": pl.String,
        "hover": pl.String,
    }
    return Drawing(
        dots.figure(pl.DataFrame(points, schema=schema), texts=charts.texts(view), narrow=view.narrow)
    )


def read_months(view: View) -> pl.DataFrame:
    frame = _read(view, ("month",))
    return frame.filter(pl.col("measure").is_in(OVER_TIME)) if frame.height else frame


def draw_months(view: View, frame: pl.DataFrame) -> Drawing:
    points = []
    for name in OVER_TIME:
        for row in frame.filter(pl.col("measure") == name).sort("month").iter_rows(named=True):
            period = f"{row['month']:%Y-%m}"
            points.append(
                {"panel": title_of(view, name), "series": "", "start": row["month"], "period": period, "value": in_units(name, row["value"]),
                 "text": row["shown"], "hover": hover(view, period, row), "is_provisional": False, "is_break": False}
            )  # fmt: skip
    marks, note = charts.signed_events(view)
    figure = lines.figure(
        pl.DataFrame(points, schema=shape.LINE_SCHEMA), texts=charts.texts(view), events=marks
    )
    return Drawing(figure, note=note)


def read_hours(view: View) -> pl.DataFrame:
    found = queries.labour_cells(view.snapshot, view.viewer, "labour_hours", **span(view))
    return labour.histogram(found) if found.height else found


def draw_hours(view: View, frame: pl.DataFrame) -> Drawing:
    words, total = view.words, float(frame["worker_days"].sum())
    bound = queries.parameter_values(view.snapshot, view.viewer, LONG_DAY, view.date_to).get("")
    bars = [
        {"label": words("labour.hours.bar", start=hour - 1, end=hour), "observed": float(days), "expected": None,
         "is_marked": bound is not None and hour > bound,
         "hover": f"{words('labour.hours.bar', start=hour - 1, end=hour)}<br>{exact(days, 'count')} ({exact(days / total, 'share')})"}
        for hour, days in frame.iter_rows()
    ]  # fmt: skip
    schema = {
        "label": pl.String,
        "observed": pl.Float64,
        "expected": pl.Float64,
        "is_marked": pl.Boolean,
        "hover": pl.String,
    }
    note = words("labour.hours.long", hours=f"{bound:g}") if bound is not None else ""
    return Drawing(
        observed.figure(pl.DataFrame(bars, schema=schema), texts=charts.texts(view)),
        words("labour.unit.person_days"),
        note,
    )


# --- disputes ------------------------------------------------------------------------------------------------


def read_disputes(view: View) -> pl.DataFrame:
    """Cases received in the period by topic and stage, with the days they took."""
    found = queries.labour_cells(view.snapshot, view.viewer, "dispute_month", **span(view))
    if found.height == 0:
        return found
    added = labour.summed(found, ("topic", "stage"), ("cases", "closed", "days_closed", "days_open"))
    stages = glossary.codes(view.lang, "dispute_stage")
    return added.with_columns(
        stage_name=pl.col("stage").replace_strict(stages, default=pl.col("stage"), return_dtype=pl.String),
        topic_name=pl.when(pl.col("topic") == "")
        .then(pl.lit(view.words("labour.disputes.untold")))
        .otherwise("topic"),
        days_mean=pl.when(pl.col("closed") > 0).then(pl.col("days_closed") / pl.col("closed")),
    )


def draw_disputes(view: View, frame: pl.DataFrame) -> Drawing:
    stages = glossary.codes(view.lang, "dispute_stage")
    most = (
        frame.group_by("topic_name")
        .agg(pl.col("cases").sum())
        .sort("cases", "topic_name", descending=[True, False])
    )
    kept = most["topic_name"].head(TOPICS_SHOWN).to_list()
    bars = [
        {"label": row["topic_name"], "part": row["stage"], "value": float(row["cases"]), "point": None,
         "hover": f"<b>{row['topic_name']}</b><br>{row['stage_name']} {exact(row['cases'], 'count')}<br>"
         + view.words("labour.disputes.days", days=exact(row["days_mean"], ""))}
        for row in frame.filter(pl.col("topic_name").is_in(kept)).iter_rows(named=True)
    ]  # fmt: skip
    figure = stacked.figure(pl.DataFrame(bars), texts=charts.texts(view), parts=list(stages.items()))
    return Drawing(figure, glossary.unit(view.words, "cases"))


# --- classes of labour relation, and chains ------------------------------------------------------------------


def read_relations(view: View) -> pl.DataFrame:
    """Persons under cover at the end of the period, by class of labour relation and form of engagement."""
    asked = {key: value for key, value in span(view).items() if key != "first"}
    found = queries.labour_relations(view.snapshot, view.viewer, **asked)
    names = {field: glossary.codes(view.lang, field) for field in ("labor_relation", "engagement")}
    return found.with_columns(
        pl.col(field)
        .replace_strict(known, default=view.words("labour.relations.untold"), return_dtype=pl.String)
        .alias(f"{field}_name")
        for field, known in names.items()
    )


def _fitting(view: View, text: str) -> str:
    """A name that leaves room for its bar on a small screen."""
    return f"{text[: NARROW_NAME - 1]}…" if view.narrow and len(text) > NARROW_NAME else text


def draw_relations(view: View, frame: pl.DataFrame) -> Drawing:
    scale = scale_of([float(frame["persons"].sum())], "persons", view.lang)
    bars = [
        {"label": _fitting(view, row["labor_relation_name"]), "part": row["engagement"] or "", "value": row["persons"] / scale.divisor, "point": None,
         "hover": f"<b>{row['labor_relation_name']}</b><br>{row['engagement_name']} {exact(row['persons'], 'count')}"}
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    parts = [*glossary.codes(view.lang, "engagement").items(), ("", view.words("labour.relations.untold"))]
    figure = stacked.figure(pl.DataFrame(bars), texts=charts.texts(view), parts=parts)
    return Drawing(
        figure, shape.unit_words(view.words, "persons", scale), view.words("labour.relations.note")
    )


def read_chains(view: View) -> pl.DataFrame:
    """Who signs with the workers: the last month's workers by party and levels, and who left together over the period."""
    found = queries.labour_cells(view.snapshot, view.viewer, "contract_month", **span(view))
    if found.height == 0:
        return found
    last = found.filter(pl.col("month") == found["month"].max())
    moved = labour.summed(
        found, ("contracting_party",), ("joined", "departed", "moved", "moved_to_individual")
    )
    now = last.group_by("contracting_party", "levels", "is_individual").agg(
        pl.col("workers").sum(),
        pl.col("without_agreement").sum(),
        pl.col("platform_code").n_unique().alias("platforms"),
    )
    told = now.join(moved, on="contracting_party", how="left")
    own = view.words("labour.chains.own")
    return told.with_columns(
        party=pl.when(pl.col("contracting_party") == "").then(pl.lit(own)).otherwise("contracting_party")
    ).sort("workers", "party", descending=[True, False])


def draw_chains(view: View, frame: pl.DataFrame) -> Drawing:
    kinds = {
        "platform": "labour.chains.platform",
        "company": "labour.chains.company",
        "individual": "labour.chains.individual",
    }
    bars = []
    for row in frame.head(PARTIES_SHOWN).iter_rows(named=True):
        kind = (
            "platform"
            if row["contracting_party"] == ""
            else "individual"
            if row["is_individual"]
            else "company"
        )
        told = view.words(
            "labour.chains.hover", levels=row["levels"] if row["levels"] is not None else "–", moved=exact(row["moved"] or 0, "count"),
            individual=exact(row["moved_to_individual"] or 0, "count"), without=exact(row["without_agreement"] or 0, "count"),
        )  # fmt: skip
        bars.append(
            {"label": _fitting(view, row["party"]), "part": kind, "value": float(row["workers"]), "point": None,
             "hover": f"<b>{row['party']}</b><br>{exact(row['workers'], 'count')}<br>{told}"}
        )  # fmt: skip
    parts = [(kind, view.words(key)) for kind, key in kinds.items()]
    rest = frame.height - PARTIES_SHOWN
    note = view.words("labour.chains.more", count=rest) if rest > 0 else ""
    return Drawing(
        stacked.figure(pl.DataFrame(bars), texts=charts.texts(view), parts=parts),
        glossary.unit(view.words, "persons"),
        note,
    )


def read_cohorts(view: View) -> pl.DataFrame:
    """Workers who left a party together and went on working, the largest first."""
    found = queries.labour_cells(view.snapshot, view.viewer, "contract_cohort", **span(view))
    if found.height == 0:
        return found
    told = [
        view.words("labour.cohorts.yes" if is_cohort else "labour.cohorts.no")
        for is_cohort in found["is_cohort"]
    ]
    own = view.words("labour.chains.own")
    return found.with_columns(
        pl.Series("cohort", told, dtype=pl.String),
        party=pl.when(pl.col("contracting_party") == "").then(pl.lit(own)).otherwise("contracting_party"),
    ).sort("workers", "last_left_on", descending=True)


def draw_cohorts(view: View, frame: pl.DataFrame) -> Drawing:
    from dashboards.table import named, plain_columns

    return Drawing([plain_columns(view, named(view, frame), COHORTS, 300)])


MEASURED = (
    Column("province_name", "column.province_name"), Column("platform_name", "column.platform_name"), Column("month", "column.month"),
    Column("measure_name", "column.indicator_name", width=130), Column("value", "column.value", "bare"), Column("unit_name", "column.unit_name"),
    Column("numerator", "column.numerator", "number"), Column("denominator", "column.denominator", "number"),
)  # fmt: skip
HOURS = (Column("hour", "column.hour", "number"), Column("worker_days", "column.worker_days", "number"))
DISPUTES = (
    Column("topic_name", "column.topic", width=160), Column("stage_name", "column.stage"), Column("cases", "column.claims", "number"),
    Column("closed", "column.closed", "number"), Column("days_mean", "column.days_mean", "number"), Column("days_open", "column.days_open", "number"),
)  # fmt: skip
RELATIONS = (
    Column("labor_relation_name", "column.labor_relation", width=160), Column("engagement_name", "column.engagement"),
    Column("persons", "column.persons", "number"),
)  # fmt: skip
CHAINS = (
    Column("party", "column.party", width=170), Column("levels", "column.levels", "number"), Column("workers", "column.workers", "number"),
    Column("platforms", "column.platforms", "number"), Column("joined", "column.joined", "number"), Column("departed", "column.departed", "number"),
    Column("moved", "column.moved", "number"), Column("moved_to_individual", "column.moved_to_individual", "number"),
    Column("without_agreement", "column.without_agreement", "number"),
)  # fmt: skip
COHORTS = (
    Column("platform_name", "column.platform_name"), Column("province_name", "column.province_name"), Column("party", "column.party", width=170),
    Column("first_left_on", "column.from"), Column("last_left_on", "column.to"), Column("workers", "column.workers", "number"),
    Column("moved", "column.moved", "number"), Column("seen_working", "column.seen_working", "number"),
    Column("to_party", "column.to_party", width=170), Column("to_party_workers", "column.to_party_workers", "number"), Column("cohort", "column.cohort"),
)  # fmt: skip
PAGE = Page(
    path="/labour",
    name="labour",
    order=80,
    filters=("period", "provinces", "platforms", "split"),
    cards=(
        Card("figures", lambda v: _read(v, ()), draw_figures, columns=lambda _, __: MEASURED, height=190, is_figure=False),
        Card("places", read_places, draw_places, columns=lambda _, __: MEASURED, height=380),
        Card("months", read_months, draw_months, columns=lambda _, __: MEASURED, span=6, height=520),
        Card("hours", read_hours, draw_hours, columns=lambda _, __: HOURS, span=6, height=520),
        Card("several", flows.read, flows.draw_several, columns=lambda _, __: flows.COLUMNS, span=6, height=340),
        Card("disputes", read_disputes, draw_disputes, columns=lambda _, __: DISPUTES, span=6, height=340),
        Card("relations", read_relations, draw_relations, columns=lambda _, __: RELATIONS, span=5, height=300),
        Card("chains", read_chains, draw_chains, columns=lambda _, __: CHAINS, span=7, height=300),
        Card("cohorts", read_cohorts, draw_cohorts, columns=lambda _, __: COHORTS, height=300, is_figure=False, is_list=True),
    ),
)  # fmt: skip
