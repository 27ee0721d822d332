"""The five outcomes of a rule each show as themselves, in the command line as in the catalogue's table."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from checks import catalogue
from checks import run as judge
from data_samples.sample import write_sample
from pipelines.cli import cli
from pipelines.nightly import nightly
from tests.packages import good, order, spell
from warehouse.home import Home

NOW = datetime(2025, 10, 9, 8)


def ask(home: Home, *words: str) -> Any:
    told = CliRunner().invoke(cli, [*words, "--home", str(home.root), "--format", "json"])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def test_five_outcomes(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """X16 lacks its witness, T04 its history, C08 is switched off, V06 crashes, C07 is hit, V05 passes."""
    inbox = tmp_path / "inbox"
    write_sample(
        inbox, days=1, start=date(2025, 10, 7), orders_per_day=300, platforms=["P02"], provinces=["310000"],
        falsify=("C07:0.1:P02:310000:2025-10-07",), seed=5,
    )  # fmt: skip
    for path in [*inbox.glob("witness-*"), *inbox.glob("pulse-*")]:
        path.unlink()
    with (home.registers / "rule_switches.csv").open("a", encoding="utf-8") as register:
        register.write("C08,false,2025-01-01,,trial\n")
    real_run = judge.run
    chosen = {"X16", "T04", "C08", "V06", "C07", "V05"}

    def run(connection: Any, rules: Any, *more: Any, **named: Any) -> Any:
        broken = [
            r
            if r.id != "V06"
            else catalogue.Rule(**{**r.__dict__, "sql": "select cast('x' as integer) as platform_code"})
            for r in rules
            if r.id in chosen
        ]
        return real_run(connection, broken, *more, **named)

    monkeypatch.setattr(judge, "run", run)
    outcome = nightly(home, inbox, now=NOW, data_docs=False)
    assert outcome.is_red
    rows = ask(
        home,
        "verdicts",
        "--from",
        "2025-10-07",
        "--to",
        "2025-10-07",
        "--platform",
        "P02",
        "--province",
        "310000",
    )
    told = {row["rule_id"]: (row["outcome"], row["reason"]) for row in rows}
    assert set(told) == chosen
    assert told["X16"] == ("not_applicable", "employees absent")
    assert told["T04"] == ("not_applicable", "vintages absent")
    assert told["C08"] == ("skipped", "switched off")
    assert told["V06"][0] == "error" and "Conversion Error" in told["V06"][1]
    assert told["C07"] == ("hit", None)
    assert told["V05"] == ("pass", None)
    stopped = ask(home, "verdicts", "--outcome", "error,skipped", "--cells")
    assert {(r["rule_id"], r["outcome"]) for r in stopped} == {("C08", "skipped"), ("V06", "error")}
    listed = {row["rule_id"]: row for row in ask(home, "rules")}
    assert set(listed) == {rule.id for rule in catalogue.load()}
    assert listed["C07"]["cells_hit"] == 1 and listed["C07"]["violations_open"] > 0
    assert listed["V06"]["cells_error"] > 0 and listed["V05"]["cells_pass"] > 0
    assert not listed["C08"]["is_on"] and listed["C07"]["is_on"]
    assert listed["C04"]["grade"] == "V" and listed["C04"]["weakest_grade"] == "A"


def test_unknown_outcome(home: Home) -> None:
    told = CliRunner().invoke(cli, ["verdicts", "--outcome", "perhaps", "--home", str(home.root)])
    assert told.exit_code != 0


def test_certified_only_leaves_out_and_says_so(home: Home, inbox: Path) -> None:
    """Two cells of one order each; one contradicts its manifest's totals (S09, a defect), the other is clean."""
    totals = {"orders": 9, "workers": 1, "premium_yuan": "0.01", "first_serial": 1, "last_serial": 1}
    good(orders=[order(1)]).folder(inbox)
    good(orders=[order(2, serial="1", city_code="110100")], enrollment=[spell(2)], province="110000",
         entry={"orders": {"totals": totals}}).folder(inbox)  # fmt: skip
    nightly(home, inbox, now=datetime(2025, 11, 6, 8), data_docs=False)

    def orders_told(*words: str) -> tuple[Any, Any, str]:
        told = CliRunner().invoke(
            cli, ["indicators", "--indicator", "orders", *words, "--home", str(home.root), "--format", "json"]
        )
        assert told.exit_code == 0, told.output
        (row,) = json.loads(told.stdout)
        return row["value"], row["certified"], told.stderr

    assert orders_told()[:2] == (2, 0.5)
    assert "1 of 2 platform × province × days are not certified (counted in)" in orders_told()[2]
    assert orders_told("--certified")[0] == 1
    assert "1 of 2 platform × province × days are not certified (left out)" in orders_told("--certified")[2]
    assert orders_told("--certified", "--province", "310000")[0] == 1
    assert "certified" not in orders_told("--province", "310000")[2]
