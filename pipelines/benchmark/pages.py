"""The benchmark's table as markdown, CSV and pictures (plotly, offline)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import polars as pl

from data_samples import worlds as world_file
from pipelines.benchmark import baselines, measure
from pipelines.benchmark.measure import Done

OURS = "detectors"
MISSED_TO_FOUND = [[0, "#e8a33d"], [1, "#08519c"]]  # what was not tried stays white
COLUMNS = {
    "method": "method", "trials": "trials", "recall_macro": "recall (macro)", "recall_interval": "90% interval",
    "recall_in_time": "recall in time", "recall_aware": "recall, aware", "false_per_platform_year": "false alerts a platform-year", "false_bound_95": "≤ (95%)",
    "precision_at_5": "precision at 5%", "fdr": "realised FDR", "nights_median": "nights (median)", "nights_90": "nights (90%)",
    "average_precision": "average precision", "right_first": "right scheme first", "cells_under_alert": "clean cell-nights under alert",
}  # fmt: skip


def write(out: Path, size: str, seed: int) -> list[dict[str, Any]]:
    """Everything that the finished worlds of a run say; returns the main table's lines."""
    done = measure.read(out / "worlds")
    if not done:
        return []
    ours = {each.record["name"]: each.alerts for each in done}
    made, left_out = baselines.methods(done)
    lines = [measure.summary(OURS, done, ours, detector=True)]
    lines += [measure.summary(name, done, method, detector=False) for name, method in made.items()]
    schemes = measure.by_scheme(done, ours)
    wrong = pl.concat([measure.false_alerts(each, ours[each.record["name"]]) for each in done])
    by_detector = wrong.group_by("rule_id").len("false_alerts").sort("rule_id")
    smallest, curve = measure.smallest(done, ours), measure.curve(done, ours)
    _csv(pl.DataFrame([_flat(line) for line in lines], infer_schema_length=None), out / "methods.csv")
    _csv(schemes, out / "schemes.csv")
    _csv(
        wrong.with_columns(pl.col("schemes").list.join(" ")).sort("world", "detected_on"),
        out / "false_alerts.csv",
    )
    _csv(smallest, out / "smallest.csv")
    _csv(curve, out / "curve.csv")
    text = [
        f"# Detection benchmark, size {size}, seed {seed}", "", *_setting(done, left_out), "",
        "## All methods", "", *_table([_shown(line) for line in lines], list(COLUMNS.values())), "",
        "## By scheme and adversary, at the target intensity", "", *_scheme_lines(schemes), "",
        "## False alerts by detector", "", *_table(by_detector.to_dicts(), ["rule_id", "false_alerts"]), "",
        "## Smallest intensity found half, and nine tenths of the time (naive)", "",
        *_table(smallest.to_dicts(), smallest.columns), "",
        "## Along the curve: every intensity, from the first night on and from a day on (naive)", "",
        *_table([{name: _number(value) for name, value in row.items()} for row in curve.to_dicts()], curve.columns), "",
    ]  # fmt: skip
    (out / "README.md").write_text("\n".join(text), encoding="utf-8")
    figures = [methods_figure(lines), schemes_figure(schemes), wrong_figure(wrong)]
    pictures(out, [*figures, curves_figure(done, ours)] if curve.height else figures)
    return [_shown(line) for line in lines]


def _setting(done: Sequence[Done], left_out: dict[str, str]) -> list[str]:
    kinds = {
        kind: sum(each.record["kind"] == kind for each in done)
        for kind in ("calibrate", "measure", "injected")
    }
    first = done[0].record
    orders, nights = sum(each.record["orders"] for each in done), sum(each.nights for each in done)
    seconds = {
        step: sum(each.record["seconds"].get(step, 0.0) for each in done) / nights
        for step in ("making", "read", "load and build", "check", "detect")
    }
    errors = sorted({error for each in done for error in each.record["errors"]})
    words = [
        f"{len(done)} worlds ({', '.join(f'{count} {kind}' for kind, count in kinds.items())}): {len(first['platforms'])} platforms × "
        f"{len(first['provinces'])} provinces × {first['nights']} nights from {first['start']}, {orders:,} orders. The worlds are those of "
        "`data_samples/worlds/detection.yaml`; the detectors were given none of it.",
        "",
        "Seconds a night: " + ", ".join(f"{step} {value:.2f}" for step, value in seconds.items()) + ".",
        "",
        "Recall counts trials at the target intensity that the world file calls identifiable beforehand and whose injector found something to "
        "touch; it is the mean over schemes. A finding is true when it is raised on or after the onset, on the platform that falsifies, "
        "in a falsified province or nationally; every other finding is false. Baselines are calibrated to one false alert a platform-year.",
    ]
    if errors:
        words += ["", "Errors of ours, a night red each: " + "; ".join(errors) + "."]
    for name, reason in left_out.items():
        words += ["", f"Not run: {name}: {reason}."]
    return words


def _scheme_lines(schemes: pl.DataFrame) -> list[str]:
    if not schemes.height:
        return ["No trial at the target intensity in these worlds."]
    why = {name: each.why for name, each in world_file.load().schemes.items()}
    rows = [
        {
            "scheme": row["scheme"], "adversary": row["adversary"], "intensity": f"{row['intensity']:g}", "trials": row["trials"],
            "touched": row["touched"], "recall": _number(row["recall"]) if row["identifiable"] else f"{_number(row['recall'])} (不可识别)",
            "in time": _number(row["in_time"]), "nights": _number(row["nights_median"]), "right first": _number(row["right_first"]), "named": row["named"],
            "by": row["detectors"], "can it be known": why[row["scheme"]],
        }
        for row in schemes.to_dicts()
    ]  # fmt: skip
    return _table(rows, list(rows[0]))


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    return {title: _number(line[name]) for name, title in COLUMNS.items()}


def _number(value: Any) -> Any:
    if isinstance(value, tuple):
        return "–".join(str(_number(each)) for each in value)
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.3g}"
    return "" if value is None else value


def _flat(line: dict[str, Any]) -> dict[str, Any]:
    low, high = line["recall_interval"]
    return {name: value for name, value in line.items() if name != "recall_interval"} | {
        "recall_low": low,
        "recall_high": high,
    }


def _table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[str]:
    head = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return head + [
        "| " + " | ".join(str(_number(row[name])).replace("|", "/") for name in columns) + " |"
        for row in rows
    ]


def _csv(table: pl.DataFrame, path: Path) -> None:
    table.write_csv(path)


# -- pictures --------------------------------------------------------------------------------------


def pictures(out: Path, figures: Sequence[go.Figure]) -> None:
    """One page of pictures with plotly's code inside, so that it opens without a network."""
    parts = [
        figure.to_html(full_html=False, include_plotlyjs=place == 0) for place, figure in enumerate(figures)
    ]
    page = "<!doctype html><meta charset='utf-8'><title>Detection benchmark</title>" + "\n".join(parts)
    (out / "pictures.html").write_text(page, encoding="utf-8")
    (out / "figures.json").write_text(
        json.dumps([json.loads(figure.to_json()) for figure in figures], ensure_ascii=False), encoding="utf-8"
    )


def methods_figure(lines: Sequence[dict[str, Any]]) -> go.Figure:
    """Recall over false alerts a platform-year, a point a method; the bar is the 90% interval of recall."""
    figure = go.Figure()
    for line in lines:
        low, high = line["recall_interval"]
        recall = line["recall_macro"]
        figure.add_scatter(
            x=[line["false_per_platform_year"]], y=[recall], name=line["method"], mode="markers+text", text=[line["method"]],
            textposition="top center",
            error_y={"type": "data", "symmetric": False, "array": [max(high - recall, 0)], "arrayminus": [max(recall - low, 0)]},
        )  # fmt: skip
    figure.add_vline(x=1.0, line_dash="dot")
    figure.update_layout(
        title="Recall and false alerts", xaxis_title="false alerts a platform-year", yaxis_title="recall (macro)",
        yaxis_range=[0, 1.05], template="plotly_white", showlegend=False,
    )  # fmt: skip
    return figure


def schemes_figure(schemes: pl.DataFrame) -> go.Figure:
    """Recall by scheme × adversary; empty where it was not tried."""
    figure = go.Figure()
    if schemes.height:
        names, adversaries = (
            schemes["scheme"].unique().sort().to_list(),
            schemes["adversary"].unique().sort().to_list(),
        )
        found = {(row["scheme"], row["adversary"]): row["recall"] for row in schemes.to_dicts()}
        figure.add_heatmap(
            x=names, y=adversaries, z=[[found.get((name, who)) for name in names] for who in adversaries], zmin=0, zmax=1,
            colorscale=MISSED_TO_FOUND, colorbar={"title": "recall"},
        )  # fmt: skip
    figure.update_layout(
        title="Recall by scheme and adversary, at the target intensity", template="plotly_white"
    )
    return figure


def curves_figure(worlds: Sequence[Done], method: dict[str, pl.DataFrame]) -> go.Figure:
    """Share of the trials found by intensity × scheme; empty where none was tried or nothing was there to falsify."""
    rows = [row for done in worlds for row in measure.outcomes(done, method[done.record["name"]])]
    tried = [row for row in rows if not row["is_target"] and row["touched"]]
    names, steps = sorted({row["scheme"] for row in tried}), sorted({row["intensity"] for row in tried})
    found = {
        (name, step): [row["found"] for row in tried if (row["scheme"], row["intensity"]) == (name, step)]
        for name in names
        for step in steps
    }
    share = [
        [float(np.mean(found[name, step])) if found[name, step] else None for name in names] for step in steps
    ]
    figure = go.Figure(go.Heatmap(x=names, y=[f"{step:.1%}" for step in steps], z=share, zmin=0, zmax=1, xgap=1, ygap=1, colorscale=MISSED_TO_FOUND, colorbar={"title": "found"}))  # fmt: skip
    figure.update_layout(
        title="Found by intensity and scheme (naive)", template="plotly_white", yaxis_title="intensity"
    )
    return figure


def wrong_figure(wrong: pl.DataFrame) -> go.Figure:
    """False alerts by detector."""
    counts = wrong.group_by("rule_id").len().sort("rule_id")
    figure = go.Figure(go.Bar(x=counts["rule_id"].to_list(), y=counts["len"].to_list()))
    figure.update_layout(
        title="False alerts by detector", template="plotly_white", yaxis_title="false alerts"
    )
    return figure
