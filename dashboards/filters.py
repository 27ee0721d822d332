"""The filters of a page: what each control shows for a state, and the state after a control was changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import dash_mantine_components as dmc
import polars as pl
from dash.development.base_component import Component

from dashboards import glossary, queries
from dashboards.state import GRAINS, MAPS, SPLITS, State
from dashboards.texts import Words
from dashboards.view import MEASURES, Page, View


def filter_id(name: str) -> dict[str, str]:
    return {"type": "filter", "name": name}


def control_values(view: View) -> dict[str, Any]:
    """What each filter's control shows for a state."""
    state = view.state
    period = [
        view.date_from.isoformat() if view.date_from else None,
        view.date_to.isoformat() if view.date_to else None,
    ]
    return {
        "lang": state.lang,
        "period": period,
        "grain": state.grain or "auto",
        "provinces": list(state.provinces),
        "platforms": list(state.platforms),
        "measure": view.measure,
        "split": state.split,
        "map": state.map,
        "day": state.day.isoformat() if state.day else None,
        "rules": list(state.rules),
        "consequences": list(state.consequences),
        "statuses": list(state.statuses),
    }


def with_control(view: View, name: str, value: Any) -> State:
    """The state after a control was changed; a half-chosen period changes nothing."""
    state = view.state
    if name == "period":
        if not isinstance(value, list) or len(value) != 2 or not all(value):
            return state
        first, last = (date.fromisoformat(text[:10]) for text in value)
        default = replace(view, state=replace(state, date_from=None, date_to=None))
        return replace(
            state,
            date_from=None if first == default.date_from and last == default.date_to else first,
            date_to=None if last == default.date_to else last,
        )
    if name in ("provinces", "platforms", "rules", "consequences", "statuses"):
        return replace(state, **{name: tuple(sorted(value or ()))})  # type: ignore[arg-type]
    if name == "day":
        return replace(state, day=date.fromisoformat(value[:10]) if value else None)
    if name == "grain":
        return replace(state, grain=None if value in (None, "auto") else value)
    if name == "measure":
        return replace(state, measure=None if value in (None, MEASURES[0]) else value)
    return replace(state, **{name: value})


def filters(page: Page, view: View) -> list[Component]:
    values = control_values(view)
    controls = {name: FILTERS[name](view, values[name]) for name in page.filters}
    for name, of_view in page.subject.items():
        if not values[name]:
            controls[name].placeholder = of_view(view)  # type: ignore[attr-defined]
    return list(controls.values())


def _period(view: View, value: Any) -> Component:
    words, extent, last = view.words, view.extent, view.last_day
    presets: list[dict[str, Any]] = []
    if extent.first and last:
        starts = {
            "days_7": last - timedelta(days=6),
            "days_30": last - timedelta(days=29),
            "months_12": _months_back(last, 12),
            "months_36": _months_back(last, 36),
            "whole": extent.first,
        }
        presets = [
            {
                "value": [max(start, extent.first).isoformat(), last.isoformat()],
                "label": words(f"preset.{name}"),
            }
            for name, start in starts.items()
        ]
    return dmc.DatePickerInput(
        id=filter_id("period"),
        type="range",
        value=value,
        label=words("filter.period"),
        valueFormat="YYYY-MM-DD",
        size="xs",
        minDate=extent.first.isoformat() if extent.first else None,
        maxDate=last.isoformat() if last else None,
        presets=presets or None,
        allowSingleDateInRange=True,
        w=230,
        labelSeparator="–",
        className="filter",
        monthLabelFormat="YYYY-MM",
        monthsListFormat="MM",
        weekdayFormat="dd",
    )


def _day(view: View, value: Any) -> Component:
    extent, last = view.extent, view.last_day
    return dmc.DatePickerInput(
        id=filter_id("day"),
        value=value,
        label=view.words("filter.day"),
        placeholder=view.words("filter.day_auto"),
        valueFormat="YYYY-MM-DD",
        size="xs",
        clearable=True,
        minDate=extent.first.isoformat() if extent.first else None,
        maxDate=last.isoformat() if last else None,
        w=150,
        className="filter",
        monthLabelFormat="YYYY-MM",
        monthsListFormat="MM",
        weekdayFormat="dd",
    )


def _months_back(last: date, months: int) -> date:
    total = last.year * 12 + last.month - months
    return date(total // 12, total % 12 + 1, 1)


def _grain(view: View, value: str) -> Component:
    data = [{"value": grain, "label": view.words(f"grain.{grain}")} for grain in ("auto", *GRAINS)]
    return dmc.Select(
        id=filter_id("grain"),
        data=data,
        value=value,
        label=view.words("filter.grain"),
        allowDeselect=False,
        size="xs",
        w=110,
        className="filter",
    )


def _provinces(view: View, value: list[str]) -> Component:
    rows = view.provinces.filter(pl.col("scheme_from").is_not_null() & pl.col("is_visible"))
    data = [{"value": code, "label": view.province_names[code]} for code in rows["province_code"]]
    return _several("provinces", view.words, data, value)


def _platforms(view: View, value: list[str]) -> Component:
    data = [{"value": code, "label": view.platform_names[code]} for code in view.platforms["platform_code"]]
    return _several("platforms", view.words, data, value)


def _several(name: str, words: Words, data: list[dict[str, str]], value: list[str]) -> Component:
    return dmc.MultiSelect(
        id=filter_id(name),
        data=data,
        value=value,
        label=words(f"filter.{name}"),
        placeholder="" if value else words(f"filter.all_{name}"),
        searchable=True,
        clearable=True,
        hidePickedOptions=True,
        size="xs",
        miw=190,
        maw=420,
        className="filter",
    )


def _measure(view: View, value: str) -> Component:
    data = [{"value": measure, "label": glossary.title(view.words, measure)} for measure in MEASURES]
    return dmc.Select(
        id=filter_id("measure"),
        data=data,
        value=value,
        label=view.words("filter.measure"),
        allowDeselect=False,
        size="xs",
        w=190,
        className="filter",
    )


def _split(view: View, value: str) -> Component:
    return _one("split", view, value, {name: view.words(f"split.{name}") for name in SPLITS})


def _map(view: View, value: str) -> Component:
    return _one("map", view, value, {name: view.words(f"map.{name}") for name in MAPS})


def _one(name: str, view: View, value: str, choices: dict[str, str]) -> Component:
    data = [{"value": choice, "label": text} for choice, text in choices.items()]
    return dmc.Select(
        id=filter_id(name),
        data=data,
        value=value,
        label=view.words(f"filter.{name}"),
        allowDeselect=False,
        size="xs",
        w=120,
        className="filter",
    )


def _rules(view: View, value: list[str]) -> Component:
    titles = queries.rule_titles(view.snapshot, view.viewer)
    data = [
        {"value": row["rule_id"], "label": f"{row['rule_id']} {row[f'title_{view.lang}']}"}
        for row in titles.iter_rows(named=True)
    ]
    return _several("rules", view.words, data, value)


def _consequences(view: View, value: list[str]) -> Component:
    return _words_of("consequences", "consequence", view, value)


def _statuses(view: View, value: list[str]) -> Component:
    return _words_of("statuses", "status_of", view, value)


def _words_of(name: str, section: str, view: View, value: list[str]) -> Component:
    data = [{"value": code, "label": text} for code, text in view.words.section(section).items()]
    return _several(name, view.words, data, value)


FILTERS: dict[str, Callable[[View, Any], Component]] = {
    "period": _period,
    "grain": _grain,
    "provinces": _provinces,
    "platforms": _platforms,
    "measure": _measure,
    "split": _split,
    "map": _map,
    "day": _day,
    "rules": _rules,
    "consequences": _consequences,
    "statuses": _statuses,
}
