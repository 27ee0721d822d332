"""Packages: refused with their reason, superseded, current; chains, lateness, expectations, serials."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from .rules import violations
from .tiny import NOW, book, order, package, spell

CELL = ("P01", "310000", "2025-11-05")


def fate(root: Path, now: datetime = NOW, **more: str) -> dict[str, tuple[str, list[str]]]:
    packages = book(root, now, **more).inbox.packages
    return {p.name: (p.status, sorted({r for r, _ in p.reasons})) for p in packages}


def found(root: Path, now: datetime = NOW, **more: str) -> dict[str, int]:
    """Violations of the cell P01 × Shanghai × 5 November."""
    return {k[0]: n for k, n in violations(book(root, now, **more)).items() if k[1:] == CELL}


def good(inbox: Path, **given: Any) -> str:
    return package(inbox, **{"orders": [order(1)], "enrollment": [spell(1)], **given})


def test_a_good_package_is_accepted_and_breaks_nothing(tmp_path: Path) -> None:
    good(tmp_path / "inbox")
    assert fate(tmp_path) == {"P01-310000-20251105-1": ("accepted", [])}
    assert found(tmp_path) == {}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"credit_code": "91990002100158577R"}, "V02"),
        ({"standard_version": "1.1"}, "S01"),
        ({"sequence": True}, "S01"),
        ({"submitted_at": "2025-11-06T02:00:00"}, "S01"),
        ({"submitted_at": "2025-11-06T08:10:01+08:00"}, "V04"),
        ({"surprise": 1}, "S01"),
        ({"extracts": []}, "S01"),
        ({"reason": {"code": "no_such", "text": ""}}, "S08"),
    ],
)
def test_manifests_refused(tmp_path: Path, change: dict[str, Any], rule: str) -> None:
    good(tmp_path / "inbox", change=change)
    assert fate(tmp_path)["P01-310000-20251105-1"] == ("refused", [rule])
    assert found(tmp_path)[rule] == 1


def test_ten_minutes_ahead_is_still_taken(tmp_path: Path) -> None:
    good(tmp_path / "inbox", sent="2025-11-06T08:10:00+08:00")
    assert fate(tmp_path)["P01-310000-20251105-1"][0] == "accepted"


def test_unknown_platform_and_province(tmp_path: Path) -> None:
    good(tmp_path / "inbox", name="P77-310000-20251105-1", change={"platform_code": "P77"})
    good(tmp_path / "inbox", province="990000")
    assert {tuple(r) for _, r in fate(tmp_path).values()} == {("S08",)}


def test_the_name_must_say_what_the_manifest_says(tmp_path: Path) -> None:
    good(tmp_path / "inbox", name="P01-310000-20251105-2")
    assert fate(tmp_path) == {"P01-310000-20251105-2": ("refused", ["S01"])}


def test_a_json_key_given_twice(tmp_path: Path) -> None:
    good(tmp_path / "inbox")
    path = tmp_path / "inbox/P01-310000-20251105-1/manifest.json"
    path.write_text(path.read_text().replace('{"standard', '{"sequence": 1, "standard', 1))
    assert fate(tmp_path)["P01-310000-20251105-1"] == ("refused", ["S01"])


def test_digest_rows_and_columns(tmp_path: Path) -> None:
    good(tmp_path / "inbox")
    path = tmp_path / "inbox/P01-310000-20251105-1/orders.csv"
    path.write_bytes(path.read_bytes() + b"x\n")
    assert fate(tmp_path)["P01-310000-20251105-1"] == ("refused", ["S02"])
    good(tmp_path / "inbox", province="110000", orders=[order(1, color="red")])
    assert fate(tmp_path)["P01-110000-20251105-1"] == ("refused", ["S05"])


def test_folder_without_manifest_waits_and_zip_without_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inbox/P01-310000-20251105-1").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "inbox/P01-310000-20251105-2.zip", "w") as archive:
        archive.writestr("orders.csv", "")
    (tmp_path / "inbox/P01-310000-20251105-3.zip.part").write_bytes(b"")
    assert fate(tmp_path) == {"P01-310000-20251105-2": ("refused", ["S01"])}


@pytest.mark.parametrize("top", ["", "P01-310000-20251105-1/"])
def test_a_zip_of_the_same_bytes_is_taken_once(tmp_path: Path, top: str) -> None:
    good(tmp_path / "inbox")
    folder = tmp_path / "inbox/P01-310000-20251105-1"
    with zipfile.ZipFile(tmp_path / "inbox/P01-310000-20251105-1.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, top + path.name)
    assert len(book(tmp_path).inbox.packages) == 1
    assert len(book(tmp_path).judged) == 1


def test_same_sequence_with_other_bytes_the_earlier_stands(tmp_path: Path) -> None:
    good(tmp_path / "inbox", sent="2025-11-06T03:00:00+08:00")
    folder = tmp_path / "inbox/P01-310000-20251105-1"
    other = tmp_path / "other"
    good(other, sent="2025-11-06T02:00:00+08:00")
    with zipfile.ZipFile(tmp_path / "inbox/P01-310000-20251105-1.zip", "w") as archive:
        for path in (other / folder.name).iterdir():
            archive.write(path, path.name)
    packages = {p.sent.hour: p for p in book(tmp_path).inbox.packages}
    assert packages[2].status == "accepted"
    assert [r for r, _ in packages[3].reasons] == ["S12"]
    assert found(tmp_path)["S12"] == 1


def test_a_higher_sequence_wins_and_a_refused_one_replaces_nothing(tmp_path: Path) -> None:
    first = good(tmp_path / "inbox")
    second = good(tmp_path / "inbox", sequence=2, sent="2025-11-06T04:00:00+08:00", previous=first)
    good(
        tmp_path / "inbox",
        sequence=3,
        sent="2025-11-06T05:00:00+08:00",
        previous=second,
        change={"credit_code": "x"},
    )
    said = fate(tmp_path)
    assert [said[f"P01-310000-20251105-{n}"][0] for n in (1, 2, 3)] == ["superseded", "accepted", "refused"]
    assert found(tmp_path) == {"V02": 1}


def test_a_refusal_is_made_good_by_a_later_package(tmp_path: Path) -> None:
    first = good(tmp_path / "inbox", change={"credit_code": "x"})
    good(tmp_path / "inbox", sequence=2, sent="2025-11-06T04:00:00+08:00", previous=first)
    assert found(tmp_path) == {}


def test_resubmission_without_reason(tmp_path: Path) -> None:
    first = good(tmp_path / "inbox")
    good(
        tmp_path / "inbox",
        sequence=2,
        sent="2025-11-06T04:00:00+08:00",
        previous=first,
        change={"reason": None},
    )
    assert found(tmp_path) == {"S10": 1}


def test_chain(tmp_path: Path) -> None:
    good(tmp_path / "inbox", on=date(2025, 11, 4), orders=[], sent="2025-11-05T02:00:00+08:00")
    good(tmp_path / "inbox", previous=None)  # a gap: it should name the package of the day before
    assert found(tmp_path) == {"S04": 1}


def test_chain_runs_through_refused_packages(tmp_path: Path) -> None:
    refused = good(tmp_path / "inbox", on=date(2025, 11, 4), orders=[], change={"credit_code": "x"})
    good(tmp_path / "inbox", previous=refused)
    assert "S04" not in found(tmp_path)


def test_totals(tmp_path: Path) -> None:
    good(tmp_path / "inbox")
    path = tmp_path / "inbox/P01-310000-20251105-1/manifest.json"
    manifest = json.loads(path.read_text())
    orders = next(x for x in manifest["extracts"] if x["extract"] == "orders")
    orders["totals"].update(premium_yuan=0.02, workers=2)
    path.write_text(json.dumps(manifest))
    assert found(tmp_path) == {"S09": 2}
    orders["totals"].update(premium_yuan="0.0100", workers=1)
    path.write_text(json.dumps(manifest))
    assert found(tmp_path) == {}


@pytest.mark.parametrize(
    ("form", "encoding"), [("csv.gz", "utf-8"), ("csv", "gb18030"), ("csv", "bom"), ("parquet", "utf-8")]
)
def test_formats(tmp_path: Path, form: str, encoding: str) -> None:
    good(tmp_path / "inbox", orders=[order(1, worker_id="骑手一")], enrollment=[spell(1, worker_id="骑手一")])
    folder = tmp_path / "inbox/P01-310000-20251105-1"
    manifest = json.loads((folder / "manifest.json").read_text())
    said = next(x for x in manifest["extracts"] if x["extract"] == "orders")
    raw = (folder / "orders.csv").read_bytes()
    if form == "csv.gz":
        raw = gzip.compress(raw)
    elif form == "parquet":
        raw = parquet(raw)
    else:
        raw = b"\xef\xbb\xbf" + raw if encoding == "bom" else raw.decode().encode("gb18030")
    said.update(format=form, bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest())
    said["encoding"] = "gb18030" if encoding == "gb18030" else "utf-8"
    (folder / "orders.csv").write_bytes(raw)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert found(tmp_path) == {}
    assert book(tmp_path).judged[0].covered


def parquet(raw: bytes) -> bytes:
    import io
    from decimal import Decimal

    pyarrow = pytest.importorskip("pyarrow")
    header, cells = (line.split(",") for line in raw.decode().splitlines())
    kinds: dict[str, Any] = {
        "serial": int,
        "distance_m": int,
        "accepted_at": datetime.fromisoformat,
        "finished_at": datetime.fromisoformat,
        "worker_income_yuan": Decimal,
        "premium_yuan": Decimal,
    }
    table = pyarrow.table({h: [kinds.get(h, str)(c)] for h, c in zip(header, cells, strict=True)})
    out = io.BytesIO()
    import pyarrow.parquet as pq

    pq.write_table(table, out)
    return out.getvalue()


# time -------------------------------------------------------------------------------------------------
def test_on_time_at_the_deadline_late_a_second_after(tmp_path: Path) -> None:
    good(tmp_path / "inbox", sent="2025-11-06T06:00:00+08:00")
    assert found(tmp_path) == {}
    good(tmp_path / "two/inbox", sent="2025-11-06T06:00:01+08:00")
    assert found(tmp_path / "two") == {"T02": 1}


def test_a_day_is_missing_once_its_deadline_has_passed(tmp_path: Path) -> None:
    good(tmp_path / "inbox", on=date(2025, 11, 4), orders=[])
    assert found(tmp_path, datetime(2025, 11, 6, 5, 59, 59)) == {}
    assert found(tmp_path, datetime(2025, 11, 6, 6)) == {"T01": 1}


def test_the_register_of_expectations_rules_alone(tmp_path: Path) -> None:
    good(tmp_path / "inbox", on=date(2025, 11, 4), orders=[])
    rows = "platform_code,province_code,valid_from,valid_to\nP01,310000,2025-11-05,\n"
    rows += "P01,110000,2025-11-05,2025-11-05\n"  # an empty period
    keys = set(violations(book(tmp_path, expected_submissions=rows)))
    assert keys == {("T01", *CELL)}


@pytest.mark.parametrize(
    ("serials", "count"),
    [([1, 2, 3], 0), ([5, 6, 7], 0), ([1, 3], 1), ([1, 9], 7), ([1, 1, 2], 1), ([2, 1], 1), ([3, 1], 2)],
)
def test_serials(tmp_path: Path, serials: list[int], count: int) -> None:
    """[2, 1]: the later order carries the earlier number; [3, 1]: a hole as well."""
    rows = [order(n, serial=serial) for n, serial in enumerate(serials, 1)]
    good(tmp_path / "inbox", orders=rows)
    assert found(tmp_path).get("T03", 0) == count


def test_equal_times_may_be_numbered_in_any_order(tmp_path: Path) -> None:
    at = "2025-11-05 09:00:00"
    good(tmp_path / "inbox", orders=[order(2, accepted_at=at), order(1, accepted_at=at)])
    assert found(tmp_path) == {}


def test_serials_run_on_over_midnight(tmp_path: Path) -> None:
    before = order(1, accepted_at="2025-11-04 23:59:59", finished_at="2025-11-05 00:10:00")
    first = good(tmp_path / "inbox", on=date(2025, 11, 4), orders=[before])
    good(tmp_path / "inbox", previous=first, orders=[order(4)], enrollment=[])
    assert found(tmp_path) == {"T03": 2}


def test_a_quarantined_row_whose_serial_can_be_read_leaves_no_gap(tmp_path: Path) -> None:
    good(tmp_path / "inbox", orders=[order(1), order(2, accepted_at="yesterday"), order(3)])
    assert found(tmp_path) == {"S06": 1}


def test_renumbered_on_resubmission(tmp_path: Path) -> None:
    first = good(tmp_path / "inbox", orders=[order(1), order(2), order(3)])
    good(
        tmp_path / "inbox",
        sequence=2,
        sent="2025-11-06T03:00:00+08:00",
        previous=first,
        orders=[order(1), order(2, order_id="o9"), order(3)],
        enrollment=[spell(1)],
    )
    assert found(tmp_path) == {"T04": 1}
