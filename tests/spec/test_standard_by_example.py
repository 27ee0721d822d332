"""The reporting standard (报送规范 1.0) by example: one inbox, one night after another, each sentence a case."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import answers, seal_night, vault
from pipelines.nightly import Outcome
from tests.packages import Sent, claim, csv_bytes, good, header_of, order, package, spell
from warehouse.home import Home
from warehouse.snapshot import open_snapshot
from warehouse.standard import load

D1, D2, D3 = date(2025, 11, 3), date(2025, 11, 4), date(2025, 11, 5)
END = datetime(2025, 11, 7, 8)
RULES = (
    "S01",
    "S02",
    "S04",
    "S05",
    "S06",
    "S07",
    "S08",
    "S10",
    "S12",
    "V01",
    "V08",
    "V09",
    "X01",
    "X14",
    "T01",
    "T02",
    "T03",
)
Night = Callable[[Home, Path, datetime], Outcome]


def sent(day: int, clock: str = "02:00:00") -> str:
    return f"2025-11-{day:02d}T{clock}+08:00"


def orders(on: date, first: int, count: int = 1, prefix: str = "o", **cells: Any) -> list[dict[str, Any]]:
    """`count` orders with the serials from `first` on, one a minute."""
    return [{**order(n, on), "order_id": f"{prefix}{n}", **cells} for n in range(first, first + count)]


def the_inbox() -> list[tuple[Sent, str]]:
    """(package, how it arrives). P01 Shanghai tells the life of a submission; P02 and P08 the rest."""
    cover = {"registered_at": "2025-11-03 08:30:00", "covered_from": "2025-11-03 08:30:00"}
    d1 = package(on=D1, sent=sent(4), orders=orders(D1, 1, 3), enrollment=[spell(1, **cover)])
    d2 = package(on=D2, sent=sent(5, "06:00:00"), previous=d1.digest, orders=orders(D2, 4, 2))
    d2_next = package(on=D2, sequence=2, sent=sent(6), previous=d2.digest, orders=orders(D2, 4, 3))
    d3 = package(on=D3, sent=sent(6, "06:00:01"), previous=d2_next.digest, orders=orders(D3, 7, 2))
    lone: dict[str, Any] = {"platform": "P08", "province": "110000"}
    here = {"city_code": "110100", "worker_id": "v1"}
    city = "310100"
    abroad = orders(D1, 1, 1, "a", worker_id="v1")
    narrow = [{name: row[name] for name in header_of("orders", []) if name in row} for row in abroad]
    lines = csv_bytes("orders", orders(D2, 2, 3, "a", worker_id="v1")).split(b"\n")
    lines[2] += b",,"  # the second row has two cells too many
    return [
        (d1, "folder"),
        (d2, "zip"),
        (d2_next, "zip inside"),
        (d3, "folder"),
        # a nil return is a submission, and a pair is expected from its first accepted submission on
        (package(on=D1, sent=sent(4), **lone, enrollment=[spell(1, worker_id="v1", **cover)]), "folder"),
        # cover is national: v1 is enrolled in Beijing and works in Shanghai
        (package(on=D1, sent=sent(4), platform="P08", orders=narrow), "folder"),
        (package(on=D2, sent=sent(5), platform="P08", raw={"orders": b"\n".join(lines)}, orders=orders(D2, 2, 3, "a", worker_id="v1"),
                 change={"previous_digest": None}), "folder"),
        (package(on=D3, sent=sent(6), **lone, orders=orders(D3, 1, 1, "c", **here), claims=[claim(1, worker_id="v1", order_id="")],
                 enrollment=[spell(1, worker_id="v1", **cover, action="end", covered_to=f"{D3} 09:01:00")]), "folder"),
        (good(platform="P06", on=D3, sent=sent(6), sequence=2, change={"reason": None},
              orders=orders(D3, 1, 1, "f", industry="intracity_freight", city_code=city)), "folder"),
    ]  # fmt: skip


@dataclass(frozen=True)
class Told:
    home: Home
    inbox: list[tuple[Sent, str]]
    submissions: dict[str, dict[str, Any]]
    findings: list[dict[str, Any]]
    connection: duckdb.DuckDBPyConnection

    def rule(self, rule: str) -> set[tuple[str, str, date]]:
        return {
            (f["platform_code"], f["province_code"], f["period_from"])
            for f in self.findings
            if f["rule_id"] == rule
        }


@pytest.fixture(scope="module")
def told(new_home: Path, night: Night, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    import shutil

    from checks import run as judge

    root = tmp_path_factory.mktemp("spec")
    home = Home(Path(shutil.copytree(new_home, root / "home")))
    inbox = the_inbox()
    for each, how in inbox:
        each.folder(root / "inbox") if how == "folder" else each.zip(
            root / "inbox", inside=how == "zip inside"
        )
    real_run = judge.run
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            judge, "run", lambda c, rules, *a, **k: real_run(c, [r for r in rules if r.id in RULES], *a, **k)
        )
        assert not night(home, root / "inbox", END).is_red
    connection = open_snapshot(home)
    rows = {row["submission"]: row for row in answers.submissions(connection, answers.Filter())}
    yield Told(
        home, inbox, rows, answers.findings(connection, answers.Filter(statuses=("open",))), connection
    )
    connection.close()


# -- 1. a submission -------------------------------------------------------------------------------


def test_a_folder_a_zip_and_a_zip_of_a_folder_are_packages_alike(told: Told) -> None:
    assert {each.name for each, _ in told.inbox} == set(told.submissions)
    assert all(row["status"] != "refused" for row in told.submissions.values())


def test_the_originals_are_kept_byte_for_byte(told: Told) -> None:
    for each, _ in told.inbox:
        for content in each.files.values():
            assert b"".join(vault.original(told.home, hashlib.sha256(content).hexdigest())) == content


def test_due_by_six_six_itself_is_in_time(told: Told) -> None:
    assert ("P01", "310000", D3) in told.rule("T02")  # one second past six
    assert not {cell for cell in told.rule("T02") if cell[2] == D2 and cell[0] == "P01"}


def test_expected_from_the_first_accepted_submission_on(told: Told) -> None:
    assert ("P08", "110000", D2) in told.rule("T01")  # nothing came
    assert ("P08", "110000", D1) not in told.rule("T01")  # a nil return of orders came
    assert not {cell for cell in told.rule("T01") if cell[0] == "P06" and cell[2] < D3}  # not yet expected


def test_a_sequence_replaces_the_one_before_as_a_whole(told: Told) -> None:
    assert told.submissions["P01-310000-20251104-1"]["status"] == "superseded"
    assert told.submissions["P01-310000-20251104-2"]["status"].startswith("accepted")
    found = told.connection.execute(
        "select sum(orders) from marts.order_day where platform_code = 'P01' and business_date = ?", [D2]
    ).fetchone()
    assert found == (3,)


def test_a_resubmission_says_why(told: Told) -> None:
    assert told.rule("S10") == {("P06", "310000", D3)}


def test_the_chain_of_manifests(told: Told) -> None:
    """P08 Shanghai broke it on the second day; P01 went on from the last sent, whatever its date."""
    assert told.rule("S04") >= {("P08", "310000", D2)}
    assert not {cell for cell in told.rule("S04") if cell[0] == "P01"}


def test_a_column_that_may_be_null_may_be_left_out(told: Told) -> None:
    assert told.submissions["P08-310000-20251103-1"]["rows"]["orders"] == 1


# -- 2 to 4. the rows ------------------------------------------------------------------------------


def test_cover_is_half_open_and_the_latest_state_counts(told: Told) -> None:
    """v1's cover was ended at 09:01 of D3: the order accepted at that very second is not covered."""
    assert ("P08", "110000", D3) in told.rule("X01")


def test_cover_is_national(told: Told) -> None:
    assert ("P08", "310000", D1) in told.rule("X14") and ("P08", "310000", D1) not in told.rule("X01")


def test_the_first_serial_seen_starts_the_count(told: Told) -> None:
    """P01 counts 1 to 8 over three days; P08 in Shanghai has its second row unread, whose serial leaves a gap."""
    assert not {cell for cell in told.rule("T03") if cell[0] in ("P01", "P06")}


def test_a_row_that_cannot_be_cut_is_counted_and_keeps_its_place(told: Told) -> None:
    row = told.submissions["P08-310000-20251104-1"]
    assert row["status"] == "accepted_with_warnings"
    assert row["rows"]["orders"] == 3 and row["quarantined"]["orders"] >= 1
    cells = told.connection.execute(
        "select line_no, row_no, column_name, reason from staging.quarantine"
    ).fetchall()
    assert cells == [(3, 2, None, "16 fields, expected 14")]


# -- 6. what becomes of a submission ---------------------------------------------------------------


def test_every_accepted_submission_has_a_receipt_in_one_chain(told: Told) -> None:
    files = sorted(told.home.receipts.glob("*.json"))
    receipts = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    assert {receipt["submission"] for receipt in receipts} == set(told.submissions)
    assert [receipt["number"] for receipt in receipts] == list(range(1, len(receipts) + 1))


def test_the_home_verifies(told: Told) -> None:
    assert seal_night.verify_path(told.home.root) == []


def test_a_flipped_bit_in_the_archive_is_found(told: Told) -> None:
    path = next(iter(sorted(told.home.archive.rglob("*.enc"))))
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        assert seal_night.verify_path(told.home.root)
    finally:
        path.write_bytes(whole)


def test_deadline_and_night() -> None:
    """Night D is the night whose packages were sent by the deadline after business date D."""
    from pipelines.load import night_of

    six = timedelta(hours=6)
    assert night_of(datetime(2025, 11, 6, 6), six) == D3
    assert night_of(datetime(2025, 11, 6, 6, 0, 1), six) == date(2025, 11, 6)
    assert night_of(datetime(2025, 11, 6, 0), six) == D3


def test_the_standard_s_examples_stand_in_its_data() -> None:
    standard = load()
    assert standard.version == "1.0" and set(standard.extracts) == {"enrollment", "orders", "claims"}
