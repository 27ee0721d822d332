"""Reading: nothing repaired in silence, nothing lost, whatever the bytes; and every format says the same."""

from __future__ import annotations

import csv
import gzip
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines import nightly, read, totals, vault
from pipelines.cut import carefully
from pipelines.look import Look
from pipelines.manifest import Registers
from pipelines.receive import Candidate, Receiver, scan_one
from tests.budget import examples
from tests.packages import (
    CREDIT,
    DAY,
    NOW,
    Sent,
    claim,
    csv_bytes,
    good,
    header_of,
    identity,
    order,
    package,
    parquet_bytes,
    spell,
)  # fmt: skip
from warehouse.engine import connect
from warehouse.home import Home
from warehouse.standard import load

EXTRACTS = load().extracts


@dataclass(frozen=True)
class Read:
    """What came of packages: rows per extract (in order), quarantined cells, reasons by submission."""

    rows: Mapping[str, list[dict[str, Any]]]
    cells: list[dict[str, Any]]
    reasons: Mapping[str, list[Any]]

    def column(self, extract: str, name: str) -> list[Any]:
        return [row[name] for row in self.rows[extract]]


@pytest.fixture(scope="module")
def desk(new_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Read]:
    """Receives and reads packages without a warehouse: each call in a place of its own."""
    import shutil

    root = tmp_path_factory.mktemp("desk")
    home = Home(Path(shutil.copytree(new_home, root / "home")))
    platforms = {code: frozenset({credit}) for code, credit in CREDIT.items()}
    provinces = frozenset({"110000", "310000", "330000", "440000", "500000"})
    receiver = Receiver(home, Registers(load(), platforms, provinces, [], NOW, timedelta(minutes=10)))
    connection = connect(threads=2)
    count = [0]

    def take(*sent: Sent) -> Read:
        count[0] += 1
        inbox = root / f"in{count[0]}"
        paths = [each.folder(inbox) for each in sent]
        packages = [receiver.receive(Candidate(path, scan_one(path))) for path in paths]
        readable = [package for package in packages if not package.refused]
        batch = read.read(
            connection, readable, list(EXTRACTS.values()), lake=home.lake, label=f"r{count[0]}", work=home.work,
            token_key=vault.key(home, "token"), test_area=True,
        )  # fmt: skip
        judged = {package.version_id: package for package in totals.compare(connection, batch)}
        rows = {
            name: fetch(connection, f"select * from read_parquet('{path}')")
            for name, path in batch.lake.items()
        }
        cells = (
            fetch(connection, f"select * from read_parquet('{batch.quarantine}')") if batch.quarantine else []
        )
        reasons = {p.submission: list(judged.get(p.version_id, p).reasons) for p in packages}
        assert (
            not any(reasons.values())
            or any(package.reasons for package in judged.values())
            or len(readable) < len(packages)
        )
        return Read({name: rows.get(name, []) for name in EXTRACTS}, cells, reasons)

    return take


def fetch(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(params=["fast", "careful"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of cutting: a value must mean the same in either."""
    if request.param == "careful":
        monkeypatch.setattr(Look, "is_plain", lambda *_: False)
    return str(request.param)


# -- values: typed exactly, or kept as they were sent ----------------------------------------------

INTEGERS: dict[str, int | None] = {
    "1": 1, "007": 7, "-5": -5, "999999999999999999": 10**18 - 1, "+5": None, " 5": None, "5 ": None, "5.": None, "5.0": None,
    "1e3": None, "٣": None, "１": None, "1_000": None, "1,000": None, "0x10": None, "9999999999999999999": None, "--5": None,
    "-": None, "true": None, "NULL": None, "NaN": None, "1\u00a0": None,
}  # fmt: skip
DECIMALS: dict[str, Decimal | None] = {
    "0.07": Decimal("0.07"), "0.0700": Decimal("0.07"), "0.07000": Decimal("0.07"), "-0.01": Decimal("-0.01"), "5": Decimal(5),
    "000.5": Decimal("0.5"), "12345678.1234": Decimal("12345678.1234"), "0.07001": None, "0.00005": None, "5.": None, ".5": None,
    "1e3": None, "1E-2": None, "+5": None, " 5": None, "0,07": None, "1,000.00": None, "123456789.1": None, "nan": None,
    "inf": None, "٣": None, "0.0７": None, "0.07元": None, "0.07%": None, "--1": None, "1.2.3": None,
}  # fmt: skip
TIMES: dict[str, datetime | None] = {
    "2025-11-05 09:00:00": datetime(2025, 11, 5, 9), "2024-02-29 23:59:59": datetime(2024, 2, 29, 23, 59, 59),
    "0001-01-01 00:00:00": datetime(1, 1, 1), "9999-12-31 23:59:59": datetime(9999, 12, 31, 23, 59, 59),
    "2025-1-1 00:00:00": None, "2025-11-05T09:00:00": None, "2025-11-05 09:00": None, "2025-11-05 24:00:00": None,
    "2025-02-30 00:00:00": None, "2023-02-29 00:00:00": None, "2025-13-01 00:00:00": None, "2025-11-05 09:00:60": None,
    "2025-11-05 09:60:00": None, "2025-11-05 09:00:00.5": None, "2025-11-05 09:00:00.000": None,
    "2025-11-05 09:00:00+08:00": None, "2025-11-05 09:00:00Z": None, "0000-01-01 00:00:00": None, "2025/11/05 09:00:00": None,
    " 2025-11-05 09:00:00": None, "2025-11-05  09:00:00": None, "2025-11-05 9:00:00": None, "20251105 090000": None,
    "05-11-2025 09:00:00": None, "1762304400": None, "45966.375": None, "infinity": None, "epoch": None,
    "２０２５-11-05 09:00:00": None, "2025-11-05 09:00:00 ": None,
}  # fmt: skip
TEXTS: dict[str, str | None] = {
    "a": "a", " a ": " a ", "=cmd|'/c calc'!A1": "=cmd|'/c calc'!A1", "+1": "+1", "@x": "@x", '"': '"', "a,b": "a,b", "订单": "订单",
    "x" * 64: "x" * 64, "订" * 64: "订" * 64, "😀" * 64: "😀" * 64, "x" * 65: None, "订" * 65: None, "a\tb": None, "a\x7f": None,
    "\ufeffa": "\ufeffa", "a\u2028b": "a\u2028b", "NULL": "NULL", "#a": "#a", "a\\": "a\\",
}  # fmt: skip


def check_column(desk: Callable[..., Read], way: str, column: str, values: Mapping[str, Any]) -> None:
    rows: list[dict[str, Any]] = [
        {**order(number), column: text} for number, text in enumerate(values, start=1)
    ]
    if column == "order_id":
        rows = [{**row, "serial": str(number)} for number, row in enumerate(rows, start=1)]
    # a control character sends the file the careful way of itself; the rest must mean the same both ways
    found = desk(package(orders=rows, enrollment=[spell(1)], entry={"orders": {"totals": _totals_of(rows)}}))
    assert found.column("orders", column) == list(values.values()), way
    bad = [number for number, value in enumerate(values.values(), start=1) if value is None]
    assert [row["is_untyped"] for row in found.rows["orders"]] == [value is None for value in values.values()]
    assert [(cell["row_no"], cell["line_no"]) for cell in found.cells] == [
        (number, number + 1) for number in bad
    ]
    for cell, (text, _) in zip(
        found.cells, [item for item in values.items() if item[1] is None], strict=True
    ):
        assert (cell["extract"], cell["column_name"], cell["rule_id"]) == ("orders", column, "S06")
        assert cell["original_text"] in (text, read_mask(text))
        assert column in cell["reason"] and "expected" in cell["reason"]
        assert cell["submission"] == "P01-310000-20251105-1" and cell["business_date"] == DAY


def read_mask(text: str) -> str:
    import re

    return re.sub("[0-9]{14,}[0-9Xx]{0,4}", "*" * 18, text)


def _totals_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "orders": len(rows),
        "workers": 1,
        "premium_yuan": "0",
        "first_serial": 1,
        "last_serial": len(rows),
    }


def test_integers(desk: Callable[..., Read], way: str) -> None:
    check_column(desk, way, "serial", INTEGERS)


def test_decimals(desk: Callable[..., Read], way: str) -> None:
    check_column(desk, way, "premium_yuan", DECIMALS)


def test_timestamps(desk: Callable[..., Read], way: str) -> None:
    check_column(desk, way, "accepted_at", TIMES)


def test_texts(desk: Callable[..., Read], way: str) -> None:
    check_column(desk, way, "order_id", TEXTS)


def test_bounded_integers(desk: Callable[..., Read], way: str) -> None:
    grades: dict[str, int | None] = {"1": 1, "10": 10, "0": None, "11": None, "-1": None}
    rows = [claim(number, disability_grade=text) for number, text in enumerate(grades, start=1)]
    found = desk(good(claims=rows))
    assert found.column("claims", "disability_grade") == list(grades.values())
    assert [cell["row_no"] for cell in found.cells] == [3, 4, 5]
    assert "from 1 to 10" in found.cells[0]["reason"]


def test_empty_mandatory_cells(desk: Callable[..., Read], way: str) -> None:
    found = desk(good(orders=[order(1), order(2, worker_id="", picked_up_at=""), order(3, serial="")]))
    told = [
        (cell["row_no"], cell["line_no"], cell["column_name"], cell["original_text"], cell["rule_id"])
        for cell in found.cells
    ]
    assert told == [(2, 3, "worker_id", None, "S07"), (3, 4, "serial", None, "S07")]
    assert found.column("orders", "worker_id") == ["w1", None, "w1"]


IDENTITIES: dict[str, str | None] = {  # text → what is wrong
    identity(1): None,
    identity(2, born="20251105"): None,
    identity(2, born="20251106"): "birth date impossible",  # the day after the business date
    identity(2, born="18991231"): "birth date impossible",
    identity(2, born="20250230"): "birth date impossible",
    identity(3)[:-1] + "Z": "not 17 digits and a digit or X",
    identity(3)[:17]: "not 17 digits and a digit or X",
    identity(3) + " ": "not 17 digits and a digit or X",
    identity(3)[:-1] + str((int(identity(3)[-1].replace("X", "0")) + 1) % 10): "check digit wrong",
    identity(4, area="000001"): "area not assigned",
    identity(4, area="710001"): "area not assigned",
    "９" + identity(3)[1:]: "not 17 digits and a digit or X",
    "x" * 70: "expected 18 characters",
}


def test_identity_numbers(desk: Callable[..., Read], way: str) -> None:
    rows = [spell(number, id_number=text) for number, text in enumerate(IDENTITIES, start=1)]
    found = desk(good(enrollment=rows))
    faults = list(IDENTITIES.values())
    assert [row["person"] is not None for row in found.rows["enrollment"]] == [
        fault is None for fault in faults
    ]
    assert [row["is_untyped"] for row in found.rows["enrollment"]] == [fault is not None for fault in faults]
    bad = [number for number, fault in enumerate(faults, start=1) if fault is not None]
    assert [cell["row_no"] for cell in found.cells] == bad
    for cell in found.cells:
        assert cell["rule_id"] == "V01" and set(cell["original_text"]) == {"*"}
        assert (faults[cell["row_no"] - 1] or "") in cell["reason"]
    first = found.rows["enrollment"][0]
    assert (first["birth_date"], first["sex"], first["id_area"]) == (date(1990, 1, 1), "M", "990001")
    assert "id_number" not in first


def test_one_person_has_one_token_in_every_extract(desk: Callable[..., Read]) -> None:
    found = desk(good(enrollment=[spell(1), spell(2), spell(3, id_number=identity(1))], claims=[claim(1)]))
    persons = found.column("enrollment", "person")
    assert persons[0] == persons[2] == found.column("claims", "person")[0] != persons[1]


def test_a_production_profile_refuses_the_test_area(home: Home, inbox: Path) -> None:
    assert nightly.allows_test_area(home)
    (home.root / "profile").write_text("production\n", encoding="utf-8")
    assert not nightly.allows_test_area(home)


def test_credit_codes(desk: Callable[..., Read], way: str) -> None:
    broken = CREDIT["P01"][:-1] + "A"
    rows = [spell(1, contracting_party=CREDIT["P02"]), spell(2), spell(3, contracting_party=broken)]
    found = desk(good(enrollment=rows))
    assert found.column("enrollment", "contracting_party") == [CREDIT["P02"], None, broken]  # kept, and told
    assert [(cell["row_no"], cell["column_name"], cell["rule_id"]) for cell in found.cells] == [
        (3, "contracting_party", "V02")
    ]


# -- structure: exactly so many good and bad rows --------------------------------------------------

HEADER = header_of("orders", [order(1)])
LINE = {number: csv_bytes("orders", [order(number)]).split(b"\n")[1] for number in range(1, 40)}


def raw(*lines: bytes, end: bytes = b"\n", last: bytes | None = None) -> bytes:
    return end.join([",".join(HEADER).encode(), *lines]) + (end if last is None else last)


def open_quote(number: int, column: str = "worker_id") -> bytes:
    """A row whose cell begins with a quote that is never closed."""
    cells = LINE[number].split(b",")
    cells[HEADER.index(column)] = b'"' + cells[HEADER.index(column)]
    return b",".join(cells)


STRUCTURES: dict[str, tuple[bytes, int, list[str], list[tuple[int, str]]]] = {
    # bytes, declared rows, good order_ids, (line, words of the reason) of the bad rows
    "plain": (raw(LINE[1], LINE[2]), 2, ["o1", "o2"], []),
    "no end of the last line": (raw(LINE[1], LINE[2], last=b""), 2, ["o1", "o2"], []),
    "CRLF": (raw(LINE[1], LINE[2], end=b"\r\n"), 2, ["o1", "o2"], []),
    "CRLF without the last": (raw(LINE[1], LINE[2], end=b"\r\n", last=b""), 2, ["o1", "o2"], []),
    "CR only": (raw(LINE[1], LINE[2], end=b"\r"), 2, ["o1", "o2"], []),
    "CR only without the last": (raw(LINE[1], LINE[2], end=b"\r", last=b""), 2, ["o1", "o2"], []),
    "header LF, rows CRLF": (raw(LINE[1] + b"\r", LINE[2] + b"\r"), 2, ["o1", "o2"], []),
    "header CRLF, rows LF": (raw() [:-1] + b"\r\n" + LINE[1] + b"\n" + LINE[2] + b"\n", 2, ["o1", "o2"], []),
    "mixed ends": (raw(LINE[1] + b"\r\n" + LINE[2] + b"\r" + LINE[3]), 3, ["o1", "o2", "o3"], []),
    "a lone CR in a cell": (raw(LINE[1].replace(b"o1", b"o\r1"), LINE[2]), 2, ["o2"], [(2, "order_id")]),
    "blank lines": (raw(b"", LINE[1], b"", b"", LINE[2], b""), 2, ["o1", "o2"], []),
    "blank lines CRLF": (raw(LINE[1], b"", LINE[2], b"", end=b"\r\n"), 2, ["o1", "o2"], []),
    "a line of blanks": (raw(LINE[1], b"   ", LINE[2]), 3, ["o1", "o2"], [(3, "1 fields, expected 14")]),
    "BOM": (b"\xef\xbb\xbf" + raw(LINE[1]), 1, ["o1"], []),
    "a comma too many": (raw(LINE[1] + b",", LINE[2]), 2, ["o2"], [(2, "15 fields, expected 14")]),
    "a comma too many on every line": (raw(LINE[1] + b",", LINE[2] + b","), 2, [], [(2, "15 fields"), (3, "15 fields")]),
    "a comma too many and one too few": (raw(LINE[1] + b",", LINE[2][:-5]), 2, [], [(2, "15 fields"), (3, "13 fields")]),
    "one cell too few": (raw(LINE[1], LINE[2][:-5]), 2, ["o1"], [(3, "13 fields, expected 14")]),
    "open quote": (raw(LINE[1], open_quote(2), LINE[3], LINE[4]), 4, ["o1", "o3", "o4"], [(3, "broken quotes")]),
    "open quote at the end": (raw(LINE[1], open_quote(2)), 2, ["o1"], [(3, "broken quotes")]),
    "two open quotes": (
        raw(LINE[1], open_quote(2), LINE[3], open_quote(4), LINE[5]), 5, ["o1", "o3", "o5"], [(3, "broken quotes"), (5, "broken quotes")]),
    "two open quotes that make a row together": (
        raw(LINE[1], open_quote(2, "premium_yuan"), LINE[3] + b'"', LINE[4]), 4, ["o1", "o3", "o4"],
        [(3, "broken quotes"), (4, "premium_yuan")]),
    "thirty open quotes": (raw(*(open_quote(number) for number in range(1, 31)), LINE[31]), 31, ["o31"], [(n + 1, "broken quotes") for n in range(1, 31)]),
    "a quoted line feed": (raw(LINE[1].replace(b"o1", b'"o\n1"'), LINE[2]), 2, ["o2"], [(2, "order_id")]),
    "quotes everywhere": (csv_bytes("orders", [order(1), order(2)], quoting=csv.QUOTE_ALL), 2, ["o1", "o2"], []),
    "a doubled quote": (raw(LINE[1].replace(b"o1", b'"o""1"'), LINE[2]), 2, ['o"1', "o2"], []),
    "a comma in quotes": (raw(LINE[1].replace(b"o1", b'"o,1"'), LINE[2]), 2, ["o,1", "o2"], []),
    "a quote inside": (raw(LINE[1].replace(b"o1", b'o"1'), LINE[2]), 2, ['o"1', "o2"], []),
    "a blank before a quote": (raw(LINE[1].replace(b"o1", b' "o1"'), LINE[2]), 2, [' "o1"', "o2"], []),
    "a blank after a quote": (raw(LINE[1].replace(b"o1", b'"o1" '), LINE[2]), 2, ["o2"], [(2, "broken quotes")]),
    "empty quotes and a blank": (raw(LINE[1].replace(b"o1", b'"" '), LINE[2]), 2, ["o2"], [(2, "broken quotes")]),
    "a quoted blank": (raw(LINE[1].replace(b"o1", b'" "'), LINE[2]), 2, [" ", "o2"], []),
    "a NUL": (raw(LINE[1], LINE[2].replace(b"o2", b"o\x002"), LINE[3]), 3, ["o1", "o3"], [(3, "NUL")]),
    "not UTF-8": (raw(LINE[1], LINE[2].replace(b"o2", b"\xff\xfe"), LINE[3]), 3, ["o1", "o3"], [(3, "not utf-8")]),
    "not UTF-8 in the last cell": (raw(LINE[1], LINE[2] + b"\xe8\xae"), 2, ["o1"], [(3, "not utf-8")]),
    "GB18030 in UTF-8": (raw(LINE[1], LINE[2].replace(b"o2", "订单".encode("gb18030"))), 2, ["o1"], [(3, "not utf-8")]),
    "an overlong form": (raw(LINE[1], LINE[2].replace(b"o2", b"\xc0\xaf")), 2, ["o1"], [(3, "not utf-8")]),
    "a surrogate": (raw(LINE[1], LINE[2].replace(b"o2", b"\xed\xa0\x80")), 2, ["o1"], [(3, "not utf-8")]),
    "a huge cell": (raw(LINE[1], LINE[2].replace(b"o2", b"x" * 70_000), LINE[3]), 3, ["o1", "o3"], [(3, "longer than 65536")]),
    "a huge line without commas": (raw(LINE[1], b"x" * 300_000, LINE[3]), 3, ["o1", "o3"], [(3, "longer than 65536")]),
    "a huge line, CR only": (raw(LINE[1], b"x" * 300_000, LINE[3], end=b"\r"), 3, ["o1", "o3"], [(3, "longer than 65536")]),
    "a huge quoted cell of many lines": (
        raw(LINE[1], open_quote(2), *(b"y" * 30_000 for _ in range(5)), LINE[3]), 8 - 0, ["o1", "o3"],
        [(3, "broken quotes"), *((number, "1 fields") for number in range(4, 9))]),
}  # fmt: skip


@pytest.mark.parametrize("name", list(STRUCTURES))
@pytest.mark.parametrize("packed", [False, True], ids=["csv", "csv.gz"])
def test_structure(desk: Callable[..., Read], name: str, packed: bool) -> None:
    content, declared, good_ids, bad = STRUCTURES[name]
    if name == "a huge quoted cell of many lines":
        declared = 8
    form = "csv.gz" if packed else "csv"
    sent = package(
        enrollment=[spell(1)], forms={"orders": form}, raw={"orders": gzip.compress(content) if packed else content},
        entry={"orders": {"rows": declared, "nil": False, "totals": _totals_of([{}] * declared)}},
    )  # fmt: skip
    found = desk(sent)
    told = [reason for reason in found.reasons[sent.name] if reason.rule_id != "S09"]
    assert not told
    assert len(found.rows["orders"]) == declared  # every row of the file has its place
    assert [row["order_id"] for row in found.rows["orders"] if row["order_id"] is not None] == good_ids
    lines = [(cell["line_no"], cell["reason"] + str(cell["column_name"])) for cell in found.cells]
    assert len(lines) == len(bad), lines
    for (line, reason), (expected, words) in zip(lines, bad, strict=True):
        assert line == expected and words in reason
    assert {cell["row_no"] for cell in found.cells} == {
        n for n, row in enumerate(found.rows["orders"], 1) if row["is_untyped"]
    }


def test_malformed_lines_are_kept_with_persons_masked(desk: Callable[..., Read]) -> None:
    rows = csv_bytes("enrollment", [spell(1), spell(2)]).split(b"\n")
    content = b"\n".join([rows[0], rows[1], rows[2] + b",more", b""])
    found = desk(good(enrollment=[spell(1), spell(2)], raw={"enrollment": content}))
    [cell] = found.cells
    assert (cell["extract"], cell["row_no"], cell["line_no"], cell["column_name"], cell["rule_id"]) == (
        "enrollment",
        2,
        3,
        None,
        "S06",
    )
    assert cell["original_text"].startswith("c2,start,w2,******************,oip") and cell[
        "original_text"
    ].endswith(",more")
    assert not found.reasons["P01-310000-20251105-1"]  # the totals are over the rows as sent: none differs


def test_gb18030(desk: Callable[..., Read]) -> None:
    rows = [order(1, order_id="订单壹"), order(2, order_id="a\tb"), order(3, order_id="㐂𠮷")]
    found = desk(good(orders=rows, encoding="gb18030"))
    assert found.column("orders", "order_id") == ["订单壹", None, "㐂𠮷"]
    assert [cell["original_text"] for cell in found.cells] == ["a\tb"]


def test_gb18030_with_bytes_that_are_not(desk: Callable[..., Read]) -> None:
    rows = [order(1, order_id="订单壹"), order(2, order_id="XX"), order(3, order_id="订单叁")]
    content = csv_bytes("orders", rows, encoding="gb18030").replace(b"XX", b"\xff\xff")
    found = desk(good(orders=rows, encoding="gb18030", raw={"orders": content}))
    assert found.column("orders", "order_id") == ["订单壹", None, "订单叁"]
    assert found.cells[0]["line_no"] == 3 and "not gb18030" in found.cells[0]["reason"]


def test_columns_in_any_order_and_nullable_ones_left_out(desk: Callable[..., Read]) -> None:
    mandatory = [column.name for column in EXTRACTS["orders"].columns if not column.null]
    found = desk(
        good(
            raw={
                "orders": csv_bytes(
                    "orders",
                    [{n: order(1)[n] for n in mandatory}, {n: order(2)[n] for n in mandatory}],
                    names=mandatory[::-1],
                )
            }
        )
    )
    assert found.column("orders", "order_id") == ["o1", "o2"] and found.column("orders", "finished_at") == [
        None,
        None,
    ]


def test_rows_of_many_packages_keep_their_order(desk: Callable[..., Read]) -> None:
    sent = [
        good(
            province=province, orders=[order(n, order_id=f"{province}-{n}") for n in range(1, 4)], forms=form
        )
        for province, form in (
            ("110000", "csv"),
            ("310000", "parquet"),
            ("330000", "csv.gz"),
            ("440000", "csv"),
        )
    ]
    found = desk(*sent)
    for province in ("110000", "310000", "330000", "440000"):
        own = [row["order_id"] for row in found.rows["orders"] if row["province_code"] == province]
        assert own == [f"{province}-{n}" for n in range(1, 4)]
    provinces = [row["province_code"] for row in found.rows["orders"]]
    assert sum(one != other for one, other in itertools.pairwise(provinces)) == 3  # together


def test_a_bad_package_takes_nothing_of_its_neighbours_with_it(desk: Callable[..., Read]) -> None:
    broken = bytearray(parquet_bytes("claims", [claim(1)]))
    broken[4:120] = bytes(116)
    bad = good(
        province="110000", claims=[claim(1)], forms={"claims": "parquet"}, raw={"claims": bytes(broken)}
    )
    found = desk(bad, good(claims=[claim(2)]))
    assert [reason.rule_id for reason in found.reasons[bad.name]] == ["S02"]
    assert {row["province_code"] for rows in found.rows.values() for row in rows} == {"310000"}
    assert found.column("claims", "claim_id") == ["k2"]


def test_a_file_changed_while_it_is_read_is_refused(
    desk: Callable[..., Read], monkeypatch: pytest.MonkeyPatch
) -> None:
    real_type = read._type
    done: list[int] = []

    def change_one(connection: Any, extract: Any, sources: Any, *more: Any) -> None:
        real_type(connection, extract, sources, *more)
        if not done:
            path = next(s.file.path for s in sources if s.package.province_code == "110000")
            done.append(path.write_bytes(path.read_bytes().replace(b"w1", b"w9")))

    monkeypatch.setattr(read, "_type", change_one)
    found = desk(good(province="110000"), good())
    assert [reason.en for reason in found.reasons["P01-110000-20251105-1"]] == [
        "the file was changed while it was read"
    ]
    assert not found.reasons["P01-310000-20251105-1"]
    assert {row["province_code"] for row in found.rows["orders"]} == {"310000"}


# -- control totals --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "name"),
    [({"orders": 3}, "orders"), ({"workers": 2}, "workers"), ({"premium_yuan": "0.03"}, "premium_yuan"),
     ({"premium_yuan": 0.03}, "premium_yuan"), ({"first_serial": 2}, "first_serial"), ({"last_serial": None}, "last_serial")],
)  # fmt: skip
def test_a_total_that_differs_is_told_and_refuses_nothing(
    desk: Callable[..., Read], change: dict[str, Any], name: str
) -> None:
    right = {"orders": 2, "workers": 1, "premium_yuan": "0.02", "first_serial": 1, "last_serial": 2}
    found = desk(good(entry={"orders": {"totals": {**right, **change}}}))
    [reason] = found.reasons["P01-310000-20251105-1"]
    assert (reason.rule_id, reason.file, reason.expected) == ("S09", "orders.csv", str(right[name]))
    assert name in reason.en
    assert len(found.rows["orders"]) == 2


def test_totals_as_json_numbers(desk: Callable[..., Read]) -> None:
    right = {"orders": 2, "workers": 1, "premium_yuan": 0.02, "first_serial": 1, "last_serial": 2}
    assert not desk(good(entry={"orders": {"totals": right}})).reasons["P01-310000-20251105-1"]


def test_a_total_over_a_cell_that_cannot_be_read_is_not_compared(desk: Callable[..., Read]) -> None:
    rows = [order(1), order(2, premium_yuan="0.01元")]
    declared = {"orders": 2, "workers": 1, "premium_yuan": "0.02", "first_serial": 1, "last_serial": 2}
    assert not desk(good(orders=rows, entry={"orders": {"totals": declared}})).reasons[
        "P01-310000-20251105-1"
    ]


# -- Parquet types ---------------------------------------------------------------------------------

PARQUET: dict[str, tuple[str, pa.DataType, Any, Any]] = {  # column, type, value → value in the lake (None: quarantined)
    "small integer": ("serial", pa.int16(), 7, 7),
    "unsigned": ("serial", pa.uint64(), 7, 7),
    "text for an integer": ("serial", pa.string(), "7", 7),
    "double for an integer": ("serial", pa.float64(), 7.0, None),
    "boolean for an integer": ("serial", pa.bool_(), True, None),
    "wider decimal": ("premium_yuan", pa.decimal128(38, 10), Decimal("0.0700000000"), Decimal("0.07")),
    "finer decimal": ("premium_yuan", pa.decimal128(38, 10), Decimal("0.0700100000"), None),
    "double": ("premium_yuan", pa.float64(), 0.07, Decimal("0.07")),
    "double that is not exact": ("premium_yuan", pa.float64(), 0.1 + 0.2, None),
    "double without a number": ("premium_yuan", pa.float64(), float("nan"), None),
    "integer for a decimal": ("premium_yuan", pa.int32(), 5, Decimal(5)),
    "milliseconds": ("accepted_at", pa.timestamp("ms"), datetime(2025, 11, 5, 9), datetime(2025, 11, 5, 9)),
    "nanoseconds": ("accepted_at", pa.timestamp("ns"), datetime(2025, 11, 5, 9), datetime(2025, 11, 5, 9)),
    "fraction of a second": ("accepted_at", pa.timestamp("us"), datetime(2025, 11, 5, 9, 0, 0, 5), None),
    "with a zone": ("accepted_at", pa.timestamp("us", tz="UTC"), datetime(2025, 11, 5, 1), None),
    "date for a time": ("accepted_at", pa.date32(), date(2025, 11, 5), None),
    "text for a time": ("accepted_at", pa.string(), "2025-11-05 09:00:00", datetime(2025, 11, 5, 9)),
    "dictionary": ("worker_id", pa.dictionary(pa.int8(), pa.string()), "w1", "w1"),
    "large text": ("worker_id", pa.large_string(), "w1", "w1"),
    "integer for a text": ("worker_id", pa.int64(), 1, "1"),
    "a control character": ("worker_id", pa.string(), "w\0" + "1", None),
    "an empty text": ("worker_id", pa.string(), "", None),
    "a text of a million": ("worker_id", pa.string(), "x" * 1_000_000, None),
}  # fmt: skip


@pytest.mark.parametrize("name", list(PARQUET))
def test_parquet_types(desk: Callable[..., Read], name: str) -> None:
    column, kind, value, expected = PARQUET[name]
    rows = [order(1), order(2, **{column: value})]
    rows[0][column] = (
        value if pa.types.is_dictionary(kind) or not pa.types.is_string(kind) else rows[0][column]
    )
    content = parquet_bytes("orders", rows, {column: kind})
    found = desk(
        good(
            forms={"orders": "parquet"},
            raw={"orders": content},
            entry={"orders": {"totals": _totals_of(rows)}},
        )
    )
    assert found.rows["orders"][1][column] == expected
    assert (2 in {cell["row_no"] for cell in found.cells}) == (expected is None)
    for cell in found.cells:
        assert (
            cell["line_no"] is None
            and cell["column_name"] == column
            and len(cell["original_text"] or "") <= 1000
        )


# -- any rows, any format: the same ----------------------------------------------------------------

NAMES = st.text(
    st.characters(codec="gb18030", categories=("L", "N", "P", "S", "Zs"), max_codepoint=0xFFFF),
    min_size=1,
    max_size=12,
)
NAMES = NAMES.filter(
    lambda text: text.encode("gb18030").decode("gb18030") == text and not text.startswith("\ufeff")
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)


def money(scale: int) -> st.SearchStrategy[Decimal]:
    return st.integers(-(10**7), 10**7).map(lambda cents: Decimal(cents).scaleb(-scale))


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "order_id": NAMES, "serial": st.integers(-(10**17), 10**17), "work_type": st.sampled_from(["order", "shift"]),
            "worker_id": NAMES, "industry": st.just("ride_hailing"), "city_code": st.just("310100"), "accepted_at": MOMENTS,
            "picked_up_at": st.none() | MOMENTS, "finished_at": st.none() | MOMENTS, "status": st.just("completed"),
            "distance_m": st.none() | st.integers(0, 10**9), "customer_paid_yuan": st.none() | money(2),
            "worker_income_yuan": money(2), "premium_yuan": money(4),
        }
    ),
    max_size=6,
)  # fmt: skip
STYLES: list[dict[str, Any]] = [
    {}, {"newline": "\r\n"}, {"bom": True}, {"quoting": csv.QUOTE_ALL}, {"quoting": csv.QUOTE_ALL, "newline": "\r\n"},
    {"forms": "csv.gz"}, {"encoding": "gb18030"}, {"forms": "parquet"}, {"newline": "\r"}, {"forms": "csv.gz", "encoding": "gb18030"},
]  # fmt: skip


@settings(max_examples=examples(12))
@given(rows=ROWS, data=st.data())
def test_any_rows_in_any_format_are_the_same_rows(
    desk: Callable[..., Read], rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    texts = [
        {
            name: "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
            for name, value in row.items()
        }
        for row in rows
    ]
    for style in data.draw(st.lists(st.sampled_from(STYLES), min_size=2, max_size=3, unique_by=str)):
        found = desk(package(orders=texts, **style))
        assert not found.cells and not found.reasons["P01-310000-20251105-1"], style
        read_back = [{name: row[name] for name in EXTRACTS["orders"].names} for row in found.rows["orders"]]
        assert read_back == rows, style


# -- any bytes: the fast way and the careful way agree ---------------------------------------------

PIECES = [
    b"a",
    b"1",
    b",",
    b",",
    b",",
    b'"',
    b'"',
    b"\n",
    b"\n",
    b"\r\n",
    b"\r",
    b" ",
    b"\xe8\xae\xa2",
    b"\xff",
    b"\0",
    b"\t",
    b"=",
    b"\\",
]
TWO = ["order_id", "worker_id"]
ENGINE = duckdb.connect()


@settings(max_examples=examples(150))
@given(
    st.lists(st.sampled_from(PIECES), max_size=24).map(b"".join),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.sampled_from([0, 0, 0, 1, -1]),
)
@example(b'"a""b",1\n', b"\n", 0)
@example(b'a,"1" \n', b"\n", 0)
@example(b"a,1,\n", b"\n", 0)
@example(b'a, "1"\n', b"\n", 0)
@example(b'"a,1\na,1\n', b"\n", 0)
@example(b"a,1\na,1\n,\n", b"\n", 0)
@example(b'"",""\r\n', b"\r\n", 0)
def test_any_bytes_are_cut_the_same_way_or_told(
    tmp_path: Path, body: bytes, newline: bytes, more: int
) -> None:
    """A file that its bytes allow the fast way gives what the careful way gives: same rows, same cells, same lines."""
    path, target, end = tmp_path / "x.csv", tmp_path / "x.parquet", newline.decode()
    path.write_bytes(b"order_id,worker_id" + newline + body)
    look = Look()
    look.see(path.read_bytes())
    look.finish()
    rows = max(0, look.feeds + (look.last != b"\n") - 1 + more)
    count = carefully(path, target, "utf-8", tuple(TWO), end, rows)
    careful = ENGINE.execute(f"select * from read_parquet('{target}') order by row_no").fetchall()
    assert len(careful) == count
    if not look.is_utf8 or end == "\r" or not look.is_plain(rows, end):
        return
    if look.has_quotes and not read._quotes_are_sound(ENGINE, source_of(path, rows, end)):
        return
    if not look.has_quotes and look.commas != rows + 1:
        return
    try:
        fast = ENGINE.execute(
            f"select order_id, worker_id from {read._read_csv([path], TWO, end)}"
        ).fetchall()
    except duckdb.Error:
        return  # read() notices, and goes the careful way
    if len(fast) != rows:
        return  # DuckDB passes over a line of empty quotes: read() notices this too
    assert [tuple(row[4:]) for row in careful] == fast
    assert all(row[2] is None for row in careful)
    assert [row[1] for row in careful] == list(range(2, rows + 2))  # row n stands on line n + 1


def source_of(path: Path, rows: int, newline: str) -> read.Source:
    file: Any = type("File", (), {"rows": rows})
    package: Any = None
    return read.Source(package, file, EXTRACTS["orders"], path, "csv", tuple(TWO), newline)


@settings(max_examples=examples(100))
@given(st.binary(max_size=60), st.integers(0, 59))
def test_a_look_in_pieces_is_a_look_at_once(content: bytes, at: int) -> None:
    whole, pieces = Look(), Look()
    whole.see(content)
    pieces.see(content[:at])
    pieces.see(content[at:])
    first, second = (vars(look.finish()) for look in (whole, pieces))
    assert {k: v for k, v in first.items() if k not in ("_decoder", "cjk", "other")} == {
        k: v for k, v in second.items() if k not in ("_decoder", "cjk", "other")
    }


def test_quarantine_of_every_cell_of_a_large_file_stays_out_of_memory(desk: Callable[..., Read]) -> None:
    """A platform that writes T into every timestamp: all rows told, in the order of the file."""
    count = 20_000
    line = LINE[1].replace(b"2025-11-05 09", b"2025-11-05T09")
    content = raw(*([line] * count))
    found = desk(
        package(
            enrollment=[spell(1)],
            raw={"orders": content},
            entry={"orders": {"rows": count, "nil": False, "totals": _totals_of([{}] * count)}},
        )
    )
    assert len(found.cells) == 2 * count
    assert [cell["row_no"] for cell in found.cells] == [n for n in range(1, count + 1) for _ in (0, 1)]
    assert [cell["line_no"] for cell in found.cells[::2]] == list(range(2, count + 2))
