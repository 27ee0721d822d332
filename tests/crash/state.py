"""The logical content of a home: every table that readers or the next night stand on, without what a run may differ in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb

from warehouse.engine import quote
from warehouse.home import Home

# when and where a run happened, and what its files are called
PER_RUN = {
    "received_at",
    "evidence",
    "sealed_at",
    "path",
    "first_row",
    "originals",
    "fingerprint",
    "published_at",
    "snapshot",
}
SKIPPED = {"marts.snapshot", "marts.month_file", "marts.receipt", "staging.lake_version", "staging.seen"}


def content(home: Home, *, resolved: bool = True) -> dict[str, str]:
    """Table → hash of its rows in any order, read from the published snapshot as a reader would."""
    snapshot = home.snapshot()
    assert snapshot is not None, "nothing is published"
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        connection.execute(f"set file_search_path = {quote(str(home.root))}")
        return {
            name: _rows(connection, name, resolved)
            for (name,) in connection.execute(
                "select table_schema || '.' || table_name from information_schema.tables "
                "where table_schema in ('marts', 'checks', 'staging') order by 1"
            ).fetchall()
            if name not in SKIPPED
        }


def _rows(connection: duckdb.DuckDBPyConnection, name: str, resolved: bool) -> str:
    columns = [c for (c, *_) in connection.execute(f"describe {name}").fetchall() if c not in PER_RUN]
    if name == "checks.verdict":  # rules on marts are judged once a call: their night is the call's
        columns = [
            f"case when starts_with(rule_id, 'M') then null else {c} end" if c == "night" else c
            for c in columns
        ]
    where = " where status <> 'resolved'" if name == "checks.finding" and not resolved else ""
    rows = connection.execute(f"select {', '.join(columns)} from {name}{where}").fetchall()
    return hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()[:16] + f" {len(rows)}"


def open_findings(home: Home) -> set[tuple[object, ...]]:
    """(rule, platform, province, date, violations, amount, detected_on) of what is open."""
    snapshot = home.snapshot()
    assert snapshot is not None
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        return set(
            connection.execute(
                "select rule_id, platform_code, province_code, period_from, violations, amount_yuan, detected_on "
                "from checks.finding where status = 'open'"
            ).fetchall()
        )


def leftovers(home: Home) -> list[Path]:
    """Files that a finished run should not have left: half-written ones, and lake files nothing names."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        named = {path for (path,) in connection.execute("select path from staging.lake_version").fetchall()}
    lake = [path for path in home.lake.glob("*/*") if str(path.relative_to(home.root)) not in named]
    return lake + list(home.root.rglob("*.part"))
