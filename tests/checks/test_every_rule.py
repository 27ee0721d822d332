"""Every rule through the whole night: on what breaks it, with the exact number of rows; on what is clean, silent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from checks.catalogue import load
from data_samples.sample import write_sample
from pipelines import nightly as nights
from pipelines.answers import evidence
from pipelines.nightly import Outcome, nightly
from pipelines.receive import CHINA
from tests.checks.country import write
from tests.checks.planted import NOW, country
from tests.differential.engine import ask_oracle, differences, told
from tests.packages import package
from warehouse.home import Home

RELEASED = "('r1', date '2025-12-01', 'd', 'persons', 'a', 'x', null, 5, 5, 4, false)"
LIVE_ONLY = {"T10"}  # a replay has no time of receipt


@pytest.fixture(autouse=True)
def rules_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Detectors have tests of their own."""
    monkeypatch.setattr(nights.detect, "night", lambda *_: None)


def findings(home: Home) -> dict[tuple[str, str, str, str], int]:
    """Open findings of rules in the published snapshot."""
    snapshot = home.snapshot()
    assert snapshot is not None
    with duckdb.connect(str(snapshot), read_only=True) as connection:
        rows = connection.execute(
            "select rule_id, coalesce(platform_code, ''), coalesce(province_code, ''), cast(period_from as varchar), violations "
            "from checks.finding where kind = 'rule' and status <> 'resolved'"
        ).fetchall()
    return {(rule, platform, province, day): count for rule, platform, province, day, count in rows}


def test_planted_country(home: Home, inbox: Path) -> None:
    """What was planted is found, to the row, and nothing else; the oracle says the same; no order is priced twice."""
    made = country()
    write(made, inbox, home.registers)
    with duckdb.connect(str(home.warehouse)) as warehouse:
        warehouse.execute(f"insert into releases.cell values {RELEASED}")
    outcome = nightly(home, inbox, now=NOW, data_docs=False)
    assert not outcome.is_red, outcome.errors
    found = findings(home)
    assert found == made.expected
    assert {rule.id for rule in load()} - {rule for rule, *_ in found} == LIVE_ONLY
    assert differences(told(home), ask_oracle(inbox, NOW, home.registers)[0]) == []
    priced = orders_priced(home)
    assert len(priced) >= 4 and max(priced.values()) == 1


def orders_priced(home: Home) -> Counter[tuple[str, str]]:
    """(platform, order) → how many open findings of rules on contributions put a price on it."""
    rules = [rule.id for rule in load() if rule.price == "contribution"]
    with duckdb.connect(str(home.snapshot()), read_only=True) as connection:
        ids = connection.execute(
            "select finding_id from checks.finding where list_contains(?::varchar[], rule_id) and status = 'open'",
            [rules],
        ).fetchall()
        return Counter(
            (row["platform_code"], row["order_id"])
            for (finding_id,) in ids
            for row in evidence(connection, home, finding_id).iter_rows(named=True)
            if row["amount_yuan"] is not None
        )


def test_delivered_late_is_told_of_a_live_night(home: Home, inbox: Path) -> None:
    """T10: sent two hours before it was received."""
    now = datetime.now(CHINA)
    on = now.date() - timedelta(days=2)
    sent = (now - timedelta(hours=2)).isoformat(timespec="seconds")
    package(platform="P02", on=on, sent=sent).folder(inbox)
    nightly(home, inbox, data_docs=False)
    assert findings(home).get(("T10", "P02", "310000", str(on))) == 1


def test_pristine_sample_is_silent(home: Home, inbox: Path) -> None:
    """No rule at all; asked when every date is in and none is late."""
    inbox.rmdir()
    write_sample(
        inbox, days=4, start=date(2025, 10, 7), orders_per_day=3000, pristine=True, claims_per_million=3000.0
    )
    outcome = nightly(home, inbox, now=datetime(2025, 10, 11, 8), data_docs=False)
    assert not outcome.is_red, outcome.errors
    assert outcome.packages > 20
    assert findings(home) == {}


@pytest.mark.real
def test_real_orders_are_well_formed(
    real: Path, home: Home, night: Callable[[Home, Path, datetime], Outcome]
) -> None:
    """S, V08, V09, C and X01 to X09 have nothing to say of the real orders."""
    night(home, real, datetime(2025, 11, 6, 8))
    silent = {
        rule.id
        for rule in load()
        if rule.id[0] in "SC" or rule.id in ("V08", "V09") or "X01" <= rule.id <= "X09"
    }
    assert len(silent) > 25
    assert [key for key in findings(home) if key[0] in silent] == []
