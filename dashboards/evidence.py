"""One finding looked at closely: its picture, the schemes it may be, its history, and its lines in the files as sent."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from dashboards import queries
from dashboards.access import NotAllowed, Viewer
from dashboards.figures.numbers import exact
from dashboards.view import View

DAYS_BEFORE, DAYS_AFTER = 30, 14  # of the rule's own history around the finding
LINES_SHOWN = 50
SECONDS = 60
CELL = {
    "label": pl.String,
    "observed": pl.Float64,
    "expected": pl.Float64,
    "hover": pl.String,
    "is_marked": pl.Boolean,
}


class SourceError(RuntimeError):
    """The lines could not be read; the message is the command's own."""


def picture(view: View, found: dict[str, Any]) -> pl.DataFrame:
    """label, observed, expected, hover, is_marked: a detector's decisive cells, or how often a rule was hit day by day."""
    if found["kind"] == "detector":
        rows = queries.evidence(view.snapshot, view.viewer, found["finding_id"])
        if not {"label", "observed", "expected"} <= set(rows.columns):
            return pl.DataFrame(schema=CELL)
        return pl.DataFrame(
            [_cell(view, *row) for row in rows.select("label", "observed", "expected").iter_rows()],
            schema=CELL,
        )
    if found["period_from"] is None:
        return pl.DataFrame(schema=CELL)
    first, last = (
        found["period_from"] - timedelta(days=DAYS_BEFORE),
        found["period_to"] + timedelta(days=DAYS_AFTER),
    )
    days = queries.rule_history(view.snapshot, view.viewer, found, first, last)
    return pl.DataFrame([_day(view, found, row) for row in days.iter_rows(named=True)], schema=CELL)


def _cell(view: View, label: str, observed: float, expected: float | None) -> dict[str, Any]:
    words, colon = view.words, view.words("mark.colon")
    told = [f"<b>{label}</b>", f"{words('figure.observed')}{colon}{exact(observed, '')}"]
    if expected is not None:
        told.append(f"{words('figure.expected')}{colon}{exact(expected, '')}")
    return {
        "label": label,
        "observed": observed,
        "expected": expected,
        "hover": "<br>".join(told),
        "is_marked": False,
    }


def _day(view: View, found: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    day, hits = row["business_date"], row["violations"] or 0
    outcome = view.words(f"findings.verdict.{row['outcome']}")
    told = view.words(
        "findings.picture.hover", violations=exact(hits, "count"), checked=exact(row["checked"], "count")
    )
    return {
        "label": day.isoformat(), "observed": float(hits), "expected": None,
        "hover": f"<b>{day}</b><br>{outcome}<br>{told}",
        "is_marked": found["period_from"] <= day <= found["period_to"],
    }  # fmt: skip


def schemes(view: View, found: dict[str, Any]) -> pl.DataFrame:
    """scheme, name, probability: what the finding may be, likeliest first; no rows for a rule's finding."""
    ranked = json.loads(found["scheme"]) if found["scheme"] else []
    names = view.words.section("scheme")
    return pl.DataFrame(
        [
            {
                "scheme": item["id"],
                "name": names.get(item["id"], item["id"]),
                "probability": float(item["probability"]),
            }
            for item in sorted(ranked, key=lambda item: -item["probability"])
        ],
        schema={"scheme": pl.String, "name": pl.String, "probability": pl.Float64},
    )


def history(view: View, found: dict[str, Any]) -> pl.DataFrame:
    """at, event, detail: the versions that came for the finding's days, when it was raised, and its last change of status."""
    words = view.words
    events: list[dict[str, Any]] = []
    if found["platform_code"] and found["province_code"] and found["period_from"]:
        rows, _ = queries.versions(
            view.snapshot, view.viewer, first=found["period_from"], last=found["period_to"], provinces=(found["province_code"],),
            platforms=(found["platform_code"],), order=queries.Order(0, 60),
        )  # fmt: skip
        events += [
            {
                "at": f"{row['known_at']:%Y-%m-%d %H:%M}",
                "event": words(f"submissions.status.{row['status']}"),
                "detail": row["submission"],
            }
            for row in rows.iter_rows(named=True)
            if row["known_at"]
        ]
    events.append(
        {
            "at": f"{found['detected_on']}",
            "event": words("findings.history.detected"),
            "detail": found["rule_id"],
        }
    )
    if found["changed_on"]:
        status = words.section("status_of").get(found["status"], found["status"])
        events.append(
            {"at": f"{found['changed_on']}", "event": words("findings.history.changed"), "detail": status}
        )
    return pl.DataFrame(events).sort("at", maintain_order=True)


def source_lines(home: Path, viewer: Viewer, finding_id: str) -> list[dict[str, Any]]:
    """submission, file, line, key, text of the lines behind a finding, as they were sent; the command logs the reading.

    NotAllowed without the right; SourceError with what the command said.
    """
    if not viewer.sees_sources:
        raise NotAllowed(f"{viewer.name} may not read source lines")
    command = shutil.which("zhibao", path=str(Path(sys.executable).parent)) or shutil.which("zhibao")
    if command is None:
        raise SourceError("zhibao is not installed")
    call = [
        command,
        "evidence",
        finding_id,
        "--source",
        "--limit",
        str(LINES_SHOWN),
        "--format",
        "json",
        "--home",
        str(home),
    ]
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"no answer within {SECONDS} s") from error
    if done.returncode != 0:
        raise SourceError(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit code {done.returncode}"
        )
    lines = json.loads(done.stdout)
    return list(lines)
