"""Records to stdout as a table, JSON or CSV; progress and logs to stderr."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import click
from rich.console import Console
from rich.table import Table

FORMATS = ("table", "json", "csv")


def plain(value: Any) -> Any:
    """A value as JSON can hold it: times as ISO text, decimals as numbers."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def records(rows: Sequence[Mapping[str, Any]], form: str, columns: Sequence[str] | None = None) -> None:
    """Print records. A table shows `columns` (default: all); JSON and CSV always hold everything."""
    out = sys.stdout
    if form == "json":
        out.write("[")
        for index, row in enumerate(rows):
            out.write(("," if index else "") + "\n" + json.dumps(plain(row), ensure_ascii=False))
        out.write("\n]\n")
    elif form == "csv":
        names = list(rows[0]) if rows else list(columns or ())
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(row[name]) for name in names])
    else:
        names = list(columns or (rows[0] if rows else ()))
        table = Table(show_edge=False, pad_edge=False)
        for name in names:
            table.add_column(name, overflow="fold")
        for row in rows:
            table.add_row(*(_cell(row.get(name)) for name in names))
        Console(width=None if out.isatty() else 200, soft_wrap=False).print(table)
        click.echo(f"{len(rows)} rows", err=True)


def _cell(value: Any) -> str:
    value = plain(value)
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def tell(step: str, facts: Mapping[str, object]) -> None:
    """Progress: a line a step on a terminal, a JSON line off it."""
    if sys.stderr.isatty():
        if facts.get("state") == "end":
            click.echo(f"  {step:<16} {facts.get('night', ''):<10} {facts['seconds']:>8} s", err=True)
    else:
        stamp = datetime.now().astimezone().isoformat(timespec="milliseconds")
        click.echo(
            json.dumps({"at": stamp, "step": step, **facts}, ensure_ascii=False, default=str), err=True
        )
