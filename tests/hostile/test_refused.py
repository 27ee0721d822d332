"""Every hostile package gives its own clear reason, and the others in the same inbox still load."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines import answers
from pipelines.nightly import Outcome
from tests.hostile.cases import CASES, SECRET, SENT, Case, right
from tests.packages import NOW, Sent, good, order
from warehouse.home import Home
from warehouse.snapshot import open_snapshot

pytestmark = pytest.mark.xdist_group("hostile")
FIRST = date(2025, 7, 1)


@dataclass(frozen=True)
class Ran:
    home: Home
    inbox: Path
    outcome: Outcome
    submissions: dict[str, list[dict[str, Any]]]


def day(case: Case) -> date:
    return FIRST + timedelta(days=CASES.index(case))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, night: Callable[[Home, Path, datetime], Outcome]) -> Ran:
    """One night over every case at once, with honest packages between them."""
    root = tmp_path_factory.mktemp("hostile")
    inbox = root / "inbox"
    inbox.mkdir()
    for case in CASES:
        case.make(inbox, day(case))
    for sent in honest():
        sent.folder(inbox)
    for sent in honest_zips():
        sent.zip(inbox, inside=sent.name.startswith("P06-33"))
    many = good(platform="P08", province="110000", sent=SENT, orders=[order(1, city_code="110100")])
    Sent(many.name, {**many.files, **{f"extra{n}": b"" for n in range(10_000)}}).zip(inbox)
    (inbox / "P02-310000-20251105-1").mkdir()
    (inbox / "P02-310000-20251105-1" / "manifest.json.part").write_text("{}")
    (inbox / "P02-310000-20251105-2.zip.part").write_text("half a zip")
    (inbox / f"list of {SECRET}.xlsx").write_text("x")
    (inbox / ".hidden").write_text("x")
    with open(os.fsencode(inbox) + b"/\xff\xfe.zip", "wb") as handle:  # noqa: PTH123 - a name that is not UTF-8
        handle.write(b"x")
    home = Home(root / "home")
    outcome = night(home, inbox, NOW)
    with open_snapshot(home) as connection:
        rows = answers.submissions(connection, answers.Filter())
    submissions: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        submissions.setdefault(row["submission"], []).append(row)
    return Ran(home, inbox, outcome, submissions)


def of(province: str, **more: Any) -> Sent:
    """An honest package of P06: order ids of its own, some in Chinese, one that a spreadsheet would run."""
    city = f"{province[:2]}0100"
    rows = [order(1, city_code=city, order_id=f"订单{city}"), order(2, city_code=city, order_id=f"={city}+1")]
    return good(platform="P06", province=province, sent=SENT, orders=rows, **more)


def honest() -> list[Sent]:
    odd = {"orders": {"file": "订单 [1]*?=é\u202e.csv"}}
    return [
        of("310000"),
        of("110000", forms="parquet"),
        of("500000", encoding="gb18030"),
        of("440000", newline="\r\n", bom=True, entry=odd),
    ]


def honest_zips() -> list[Sent]:
    return [of("330000", forms="csv.gz"), of("320000", entry={"orders": {"file": "订单*.csv"}})]


def test_the_night_is_not_red(ran: Ran) -> None:
    assert not ran.outcome.is_red, ran.outcome.errors
    assert ran.outcome.refused >= len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_reason(ran: Ran, case: Case) -> None:
    name = f"Copy of {right(day(case)).name}" if case.name == "name_of_a_copy" else right(day(case)).name
    [row] = ran.submissions[name]
    assert row["status"] == "refused"
    reasons = row["reasons"]
    found = [
        reason
        for reason in reasons
        if reason["rule_id"] == case.rule
        and (case.file is None or reason["file"] == case.file)
        and all(word in " ".join(str(part) for part in reason.values()) for word in case.words)
    ]
    assert found, reasons
    assert all(reason["zh"] and reason["en"] for reason in reasons)
    assert len(reasons) <= 201


@pytest.mark.parametrize("sent", [*honest(), *honest_zips()], ids=lambda sent: sent.name)
def test_honest_ones_still_load(ran: Ran, sent: Sent) -> None:
    [row] = ran.submissions[sent.name]
    assert row["status"].startswith("accepted"), row["reasons"]
    rows = {entry["extract"]: entry["rows"] for entry in sent.manifest["extracts"]}
    assert row["rows"] == rows
    assert not any(row["quarantined"].values())


def test_a_zip_with_10_000_more_entries_loads(ran: Ran) -> None:
    assert ran.submissions["P08-110000-20251105-1"][0]["status"].startswith("accepted")


def test_the_right_package_beside_its_copy_loads(ran: Ran) -> None:
    on = next(day(case) for case in CASES if case.name == "name_of_a_copy")
    assert ran.submissions[f"P01-500000-{on:%Y%m%d}-1"][0]["status"].startswith("accepted")


def test_what_is_not_complete_is_passed_over(ran: Ran) -> None:
    told = " ".join(ran.outcome.ignored)
    assert "P02-310000-20251105-1: no manifest.json yet" in told
    assert "P02-310000-20251105-2" not in told and ".hidden" not in told
    assert not any(name.startswith("P02") for name in ran.submissions)


def test_identity_numbers_in_odd_places_are_not_kept(ran: Ran) -> None:
    for path in ran.home.root.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
            assert SECRET not in str(path)


def test_refused_again_is_not_read_again(ran: Ran, night: Callable[[Home, Path, datetime], Outcome]) -> None:
    outcome = night(ran.home, ran.inbox, NOW)
    assert outcome.packages <= 1  # the one from the future is judged again
    assert outcome.refused == ran.outcome.refused
