"""The engine and the oracle on one inbox, and every difference between what they say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from checks import catalogue
from pipelines.nightly import nightly
from tests.oracle.__main__ import read_book
from tests.oracle.book import Book
from tests.oracle.found import RULES
from tests.oracle.rules import violations
from warehouse.home import Home

Key = tuple[str, str, str, str]  # rule, platform, province, business date
Packages = Counter[tuple[str, ...]]


@dataclass(frozen=True)
class Told:
    """What one side says of an inbox: the fate of every package, and the open findings."""

    packages: Packages
    findings: dict[Key, int]


def compared() -> set[str]:
    """Rules that both sides know; the others have nothing to be compared with."""
    return {rule.id for rule in catalogue.load()} & set(RULES)


def ask_engine(inbox: Path, home: Home, now: datetime) -> Told:
    """One night over the whole inbox; a tool of ours that crashes fails the test."""
    outcome = nightly(home, inbox, now=now, data_docs=False)
    assert not outcome.is_red, outcome.errors
    return told(home)


def told(home: Home) -> Told:
    """Read from the published snapshot."""
    snapshot = home.snapshot()
    assert snapshot is not None
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        packages = connection.execute(
            "select submission, coalesce(digest, ''), status, reasons, rows_enrollment, rows_orders, rows_claims "
            "from marts.submission"
        ).fetchall()
        findings = connection.execute(
            "select rule_id, coalesce(platform_code, ''), coalesce(province_code, ''), cast(period_from as varchar), violations "
            "from checks.finding where kind = 'rule' and status <> 'resolved'"
        ).fetchall()
    rules = compared()
    return Told(
        Counter(
            _package(name, digest, status, {r["rule_id"] for r in json.loads(reasons or "[]")}, rows)
            for name, digest, status, reasons, *rows in packages
        ),
        {(r, p, q, d): int(n) for r, p, q, d, n in findings if r in rules},
    )


def _package(
    name: str, digest: str, status: str, reasons: set[str], rows: Sequence[int | None]
) -> tuple[str, ...]:
    """Warnings are findings of their own, and the rows of a refused package are nobody's."""
    if status == "refused":
        return (name, digest, status, " ".join(sorted(reasons)))
    return (name, digest, status.removesuffix("_with_warnings"), "", *map(str, rows))


def ask_oracle(inbox: Path, now: datetime, registers: Path) -> tuple[Told, Book]:
    book = read_book(inbox, now, registers)
    packages = Counter(
        _package(
            p.name,
            p.manifest_digest,
            p.status,
            {rule for rule, _ in p.reasons},
            [len(p.rows.get(extract, [])) for extract in ("enrollment", "orders", "claims")],
        )
        for p in book.inbox.packages
    )
    rules = compared()
    return Told(packages, {k: n for k, n in violations(book).items() if k[0] in rules}), book


def differences(engine: Told, oracle: Told) -> list[str]:
    """One line a difference; empty where they agree."""
    lines = [f"package {p}: the oracle does not say so" for p in (engine.packages - oracle.packages)]
    lines += [f"package {p}: the engine does not say so" for p in (oracle.packages - engine.packages)]
    for key in sorted(set(engine.findings) | set(oracle.findings)):
        ours, theirs = engine.findings.get(key, 0), oracle.findings.get(key, 0)
        if ours != theirs:
            lines.append(f"{' '.join(key)}: engine {ours}, oracle {theirs}")
    return lines
