"""Receiving: signatures, sequences, sameness, the clock; and whatever else may stand in a manifest or a zip."""

from __future__ import annotations

import base64
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines import answers, manifest, nightly, unpack, vault
from pipelines.manifest import MANIFEST, PublicKey, Registers
from pipelines.nightly import Outcome
from pipelines.receive import Candidate, Package, Receiver, Unread, read_or_leave, scan, scan_one
from pipelines.text import mask, safe, safe_name
from tests.budget import examples
from tests.packages import CREDIT, DAY, NOW, Sent, claim, good, identity, order, package, spell
from warehouse.home import Home
from warehouse.snapshot import open_snapshot
from warehouse.standard import load

Night = Callable[[Home, Path, datetime], Outcome]
pytestmark = pytest.mark.usefixtures("few")
PROVINCES = frozenset({"110000", "310000", "330000", "440000", "500000"})
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PUBLIC = base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()


def registers(**more: Any) -> Registers:
    platforms = {code: frozenset({credit}) for code, credit in CREDIT.items()}
    found = Registers(load(), platforms, PROVINCES, [], NOW, timedelta(minutes=10))
    return Registers(**{**found.__dict__, **more})


@pytest.fixture
def few(only_rules: Callable[..., None]) -> None:
    only_rules("S01", "S02", "S03", "S12", "V04")


@pytest.fixture
def receiver(home: Home) -> Receiver:
    nightly.prepare(home)
    return Receiver(home, registers())


def receive(receiver: Receiver, path: Path) -> Package:
    return receiver.receive(Candidate(path, scan_one(path)))


def rules(found: Package) -> set[str]:
    return {reason.rule_id for reason in found.reasons}


def submissions(home: Home) -> dict[str, list[dict[str, Any]]]:
    with open_snapshot(home) as connection:
        rows = answers.submissions(connection, answers.Filter())
    result: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        result.setdefault(row["submission"], []).append(row)
    return result


# -- what a right package becomes ------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [False, True])
def test_a_right_package_is_taken_and_kept_byte_for_byte(
    receiver: Receiver, inbox: Path, zipped: bool
) -> None:
    sent = good(claims=[claim(1)])
    found = receive(receiver, sent.zip(inbox) if zipped else sent.folder(inbox))
    assert not found.reasons
    assert (found.platform_code, found.province_code, found.business_date, found.sequence) == (
        "P01",
        "310000",
        DAY,
        1,
    )
    assert found.submitted_at == datetime(2025, 11, 6, 2)
    assert found.manifest_digest == sent.digest
    for name, content in sent.files.items():
        assert b"".join(vault.original(receiver.home, found.originals[name])) == content
    assert [file.extract for file in found.files] == ["enrollment", "orders", "claims"]


def test_folder_and_zip_are_the_same_version_and_another_name_is_not(
    receiver: Receiver, tmp_path: Path
) -> None:
    sent = good()
    paths = [sent.folder(tmp_path / "a"), sent.zip(tmp_path / "b"), sent.zip(tmp_path / "c", inside=True)]
    assert len({receive(receiver, path).version_id for path in paths}) == 1
    assert (
        receive(receiver, sent.folder(tmp_path / "d", name="Copy of it")).version_id
        != receive(receiver, paths[0]).version_id
    )


def test_the_archive_is_encrypted(receiver: Receiver, inbox: Path) -> None:
    receive(receiver, good(enrollment=[spell(n) for n in range(1, 50)]).folder(inbox))
    kept = b"".join(path.read_bytes() for path in receiver.home.archive.rglob("*") if path.is_file())
    assert b"coverage_id" not in kept
    assert identity(1).encode() not in kept


# -- signatures ------------------------------------------------------------------------------------


def signed(**more: Any) -> Sent:
    return good(signed_by=("k1", PRIVATE), **more)


def with_key(home: Home, *, valid_from: date | None = None, valid_to: date | None = None) -> Receiver:
    nightly.prepare(home)
    return Receiver(home, registers(keys=[PublicKey("P01", "k1", PUBLIC, valid_from, valid_to)]))


def test_signature_right(home: Home, inbox: Path) -> None:
    assert not receive(with_key(home), signed().folder(inbox)).reasons


def test_signature_survives_another_layout_of_the_same_json(home: Home, inbox: Path) -> None:
    sent = signed()
    again = json.dumps(dict(reversed(sent.manifest.items())), indent=7).encode()
    assert not receive(with_key(home), sent.with_files(manifest_json=again).folder(inbox)).reasons


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (good(), "missing"),
        (good(signed_by=("k2", PRIVATE)), "not registered"),
        (good(signed_by=("k1", OTHER)), "does not verify"),
        (
            good(change={"signature": {"algorithm": "rsa", "key_id": "k1", "value": "aa=="}}),
            "algorithm is unknown",
        ),
        (
            good(change={"signature": {"algorithm": "ed25519", "key_id": "k1", "value": "no base64!"}}),
            "does not verify",
        ),
        (
            good(change={"signature": {"algorithm": "ed25519", "key_id": ["k1"], "value": 1}}),
            "not registered",
        ),
    ],
    ids=["missing", "unknown key", "another's key", "algorithm", "no base64", "wrong types"],
)
def test_signature_wrong(home: Home, inbox: Path, sent: Sent, words: str) -> None:
    found = receive(with_key(home), sent.folder(inbox))
    assert [reason.rule_id for reason in found.reasons] == ["S03"]
    assert words in found.reasons[0].en and found.reasons[0].expected


def test_signature_over_another_value(home: Home, inbox: Path) -> None:
    sent = signed()
    changed = {**sent.manifest, "submitted_at": "2025-11-06T02:00:01+08:00"}
    found = receive(with_key(home), sent.with_files(manifest_json=json.dumps(changed).encode()).folder(inbox))
    assert rules(found) == {"S03"}


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "expected"),
    [
        (date(2025, 11, 7), None, set()),  # not yet a key on the day it was sent
        (date(2025, 11, 6), None, {"S03"}),
        (None, date(2025, 11, 6), set()),  # no longer one: half-open
        (None, date(2025, 11, 7), {"S03"}),
    ],
)
def test_a_key_binds_on_the_day_the_package_was_sent(
    home: Home, inbox: Path, valid_from: date | None, valid_to: date | None, expected: set[str]
) -> None:
    assert (
        rules(receive(with_key(home, valid_from=valid_from, valid_to=valid_to), good().folder(inbox)))
        == expected
    )


def test_keys_of_the_register_are_used(home: Home, inbox: Path, night: Night) -> None:
    nightly.init(home)
    path = home.registers / "platform_keys.csv"
    header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    row = {
        "platform_code": "P01",
        "key_id": "k1",
        "algorithm": "ed25519",
        "public_key": PUBLIC,
        "valid_from": "2025-01-01",
    }
    path.write_text(
        ",".join(header) + "\n" + ",".join(row.get(name, "") for name in header) + "\n", encoding="utf-8"
    )
    good().folder(inbox)
    signed(province="110000", orders=[order(1, city_code="110100", order_id="b1")]).folder(inbox)
    night(home, inbox, NOW)
    found = submissions(home)
    assert found["P01-310000-20251105-1"][0]["status"] == "refused"
    assert [reason["rule_id"] for reason in found["P01-310000-20251105-1"][0]["reasons"]] == ["S03"]
    assert found["P01-110000-20251105-1"][0]["status"].startswith("accepted")


# -- the same again, and the clock -----------------------------------------------------------------


def test_same_bytes_twice_are_taken_once(home: Home, inbox: Path, night: Night) -> None:
    sent = good()
    sent.folder(inbox)
    sent.zip(inbox)
    assert night(home, inbox, NOW).packages == 1
    assert [row["status"] for row in submissions(home)[sent.name]] == ["accepted"]
    assert night(home, inbox, NOW).packages == 0
    with nightly.connect(home.warehouse) as connection:  # both names are remembered: neither is read again
        assert len(connection.execute("select * from staging.seen").fetchall()) == 2


@pytest.mark.parametrize("first", ["early", "late"])
@pytest.mark.parametrize("at_once", [True, False])
def test_same_sequence_with_other_bytes_the_earlier_stands(
    home: Home, inbox: Path, tmp_path: Path, night: Night, first: str, at_once: bool
) -> None:
    early = good(sent="2025-11-06T01:00:00+08:00")
    late = good(sent="2025-11-06T01:00:01+08:00", orders=[order(1), order(2), order(3)])
    order_of_arrival = [early, late] if first == "early" else [late, early]
    order_of_arrival[0].folder(inbox)
    if not at_once:
        night(home, inbox, NOW)
    order_of_arrival[1].zip(inbox)
    night(home, inbox, NOW)
    found = {row["submitted_at"].second: row for row in submissions(home)[early.name]}
    assert found[0]["status"] == "accepted" and found[0]["rows"]["orders"] == 2
    assert found[1]["status"] == "refused"
    assert [reason["rule_id"] for reason in found[1]["reasons"]] == ["S12"]
    with nightly.connect(home.warehouse) as connection:
        assert connection.execute("select count(*) from core.worker_day where orders = 2").fetchone() == (1,)


def test_a_package_from_the_future_is_judged_again(home: Home, inbox: Path, night: Night) -> None:
    sent = good(sent="2025-11-06T09:00:00+08:00")
    sent.folder(inbox)
    night(home, inbox, NOW)
    [row] = submissions(home)[sent.name]
    assert row["status"] == "refused" and row["reasons"][0]["rule_id"] == "V04"
    assert row["known_at"] == NOW and row["night"] == NOW.date()  # no night of the future is opened
    night(home, inbox, NOW + timedelta(days=1))
    [row] = submissions(home)[sent.name]
    assert row["status"].startswith("accepted") and row["known_at"] == datetime(2025, 11, 6, 9)


def test_the_tolerance_of_the_clock_is_inclusive(receiver: Receiver, tmp_path: Path) -> None:
    assert not receive(receiver, good(sent="2025-11-06T08:10:00+08:00").folder(tmp_path / "a")).reasons
    assert rules(receive(receiver, good(sent="2025-11-06T08:10:01+08:00").folder(tmp_path / "b"))) == {"V04"}


def test_a_refused_package_replaces_nothing(home: Home, inbox: Path, night: Night) -> None:
    first = good()
    first.folder(inbox)
    good(
        sequence=2,
        sent="2025-11-06T03:00:00+08:00",
        previous=first.digest,
        entry={"orders": {"sha256": "0" * 64}},
    ).folder(inbox)
    night(home, inbox, NOW)
    found = submissions(home)
    assert found[first.name][0]["status"] == "accepted"
    assert found["P01-310000-20251105-2"][0]["status"] == "refused"


def test_every_fault_is_told_at_once(receiver: Receiver, inbox: Path) -> None:
    sent = good(
        change={"credit_code": CREDIT["P02"], "previous_digest": 7, "surprise": 1},
        entry={"orders": {"rows": -1}, "claims": {"sha256": "0" * 64}},
    )
    told = [(reason.rule_id, reason.file) for reason in receive(receiver, sent.folder(inbox)).reasons]
    assert sorted(told, key=str) == [
        ("S01", MANIFEST), ("S01", MANIFEST), ("S01", MANIFEST), ("S02", "claims.csv"), ("V02", MANIFEST),
    ]  # fmt: skip


# -- what cannot be read now -----------------------------------------------------------------------


def test_one_closed_package_is_left_and_the_others_load(
    home: Home, inbox: Path, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root nothing is closed: the archive is told so for one file."""
    closed = good(province="110000").folder(inbox) / "orders.csv"
    good().folder(inbox)
    opened = vault._open_regular

    def refuse(source: Path) -> Any:
        if source == closed:
            raise PermissionError(13, "Permission denied", str(source))
        return opened(source)

    with monkeypatch.context() as patch:
        patch.setattr(vault, "_open_regular", refuse)
        outcome = night(home, inbox, NOW)
    assert outcome.unreadable == ("P01-110000-20251105-1: cannot be read now: Permission denied",)
    assert set(submissions(home)) == {"P01-310000-20251105-1"}
    assert not night(home, inbox, NOW).unreadable
    assert set(submissions(home)) == {"P01-310000-20251105-1", "P01-110000-20251105-1"}


@pytest.mark.skipif(
    os.geteuid() == 0, reason="root may read everything; the test above stands in for this one"
)
def test_closed_for_real(home: Home, inbox: Path, night: Night) -> None:
    folder = good().folder(inbox)
    (folder / "orders.csv").chmod(0)
    assert len(night(home, inbox, NOW).unreadable) == 1


def test_trouble_of_the_home_is_not_the_package_s(home: Home, inbox: Path) -> None:
    nightly.prepare(home)
    candidate = Candidate(good().folder(inbox), "x")

    def fail(_: Candidate) -> Package:
        raise OSError(28, "No space left on device", str(home.work / "a"))

    with pytest.raises(OSError, match="No space"):
        read_or_leave(candidate, fail)
    assert isinstance(read_or_leave(candidate, lambda c: (c.path / "gone").read_bytes()), Unread)


def test_a_folder_that_vanishes_is_passed_over(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good().folder(inbox)

    def gone(path: Path) -> str:
        raise FileNotFoundError(2, "gone", str(path))

    monkeypatch.setattr("pipelines.receive.scan_one", gone)
    found = scan(inbox, {})
    assert not found.packages and found.ignored == ("P01-310000-20251105-1: gone again",)


def test_a_file_swapped_for_a_link_or_pipe_is_not_followed(receiver: Receiver, tmp_path: Path) -> None:
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to("/etc/hostname")
    os.mkfifo(pipe)
    for path in (link, pipe):
        with pytest.raises(OSError) as caught:
            vault.archive(receiver.home, path)
        assert caught.value.filename == str(path)


# -- any JSON whatever -----------------------------------------------------------------------------

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["P01", "310000", "csv", "1.0", "2025-11-05", "\ud800", "\0", "../x", "9" * 400, 10**400, -0.0, 1e999])
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = [column.name for column in load().manifest.keys]
ENTRY_KEYS = [column.name for column in load().manifest.extract]
RIGHT = good().manifest


@settings(max_examples=examples(150))
@given(st.dictionaries(st.sampled_from([*KEYS, "surprise"]), ANYTHING, max_size=4), st.text(max_size=30))
@example({"platform_code": []}, "P01-310000-20251105-1")
@example({"reason": {"code": []}}, "P01-310000-20251105-1")
@example({"reason": {"code": "correction", "text": "\ud800"}}, "x")
def test_any_value_of_any_key_is_judged_and_never_raises(change: dict[str, Any], name: str) -> None:
    found, reasons = manifest.head(
        {**RIGHT, **change}, name, registers(keys=[PublicKey("P01", "k1", PUBLIC)])
    )
    for part in (found.reason_code, found.reason_text):
        assert part is None or part.encode("utf-8") is not None
    for reason in reasons:
        for text in (reason.zh, reason.en, reason.file, reason.value, reason.expected):
            assert text is None or b"\0" not in text.encode("utf-8")
    assert manifest.head(RIGHT, "P01-310000-20251105-1", registers())[1] == []


WRONG: dict[str, list[Any]] = {
    "standard_version": [1.0, "1.1", "", None, [], {}, True],
    "platform_code": ["P99", "", 1, None, [], {}, True, "p01"],
    "credit_code": ["", "91990001100079385A", 1, None, [], {}, CREDIT["P02"]],
    "province_code": ["31", 310000, None, [], {}, "999999"],
    "business_date": ["20251105", "2025-11-5", "2025-02-30", "2025-11-05T00:00:00", 20251105, None, [], {}, "٢٠٢٥-١١-٠٥", "1899-12-31"],
    "sequence": [0, -1, 1.0, "1", None, True, [], 10**9],
    "submitted_at": ["2025-11-06", "2025-11-06T02:00:00", "2025-11-06T24:00:00+08:00", "2025-W45-4T02:00:00+08:00", 0, None, [], "2025-11-06T02:00:00 +08:00"],
    "reason": ["correction", 1, [], {}, {"code": None}, {"code": "x"}, {"code": "other", "more": 1}, {"code": "other", "text": 5}],
    "previous_digest": ["", "0" * 63, "g" * 64, 0, [], {}],
    "extracts": [None, {}, "", 0],
    "signature": ["x", 0, [], {}, {"algorithm": "ed25519"}, {"algorithm": "ed25519", "key_id": "k", "value": "v", "more": 1}],
}  # fmt: skip


def judge(changed: dict[str, Any], home: Home, inbox: Path) -> list[manifest.Reason]:
    """The head and the extracts of a manifest that lies in a folder with the right files."""
    sent = good()
    folder = sent.with_files(manifest_json=json.dumps(changed).encode()).folder(
        inbox / os.urandom(4).hex(), name=sent.name
    )
    return list(receive(Receiver(home, registers()), folder).reasons)


@pytest.mark.parametrize("key", KEYS)
def test_each_wrong_value_of_each_key_is_told(home: Home, inbox: Path, key: str) -> None:
    nightly.prepare(home)
    assert WRONG[key], "every key has its wrong values"
    for value in WRONG[key]:
        reasons = judge({**RIGHT, key: value}, home, inbox)
        assert any(key in reason.en for reason in reasons), (key, value, reasons)
    if key not in ("reason", "previous_digest", "signature"):
        reasons = judge({name: value for name, value in RIGHT.items() if name != key}, home, inbox)
        assert any(f"{key}: missing key" in reason.en for reason in reasons)


WRONG_ENTRY: dict[str, list[Any]] = {
    "extract": ["order", "", 1, None, [], {}],
    "file": ["", ".", "..", "a/b", "/a", "a\\b", "manifest.json", 1, None, [], {}, "é" * 200, "a\nb\0"],
    "format": ["CSV", "xlsx", 1, None, [], {}],
    "encoding": ["UTF-8", "gbk", "", 1, None, [], {}],
    "rows": [-1, 1.0, "2", None, True, [], 1 << 60],
    "bytes": [-1, 1.5, "2", None, True, {}, 1 << 60],
    "sha256": ["", "0" * 63, 1, None, [], {}],
    "totals": [None, [], 1, {}, {"orders": "two"}],
    "nil": [None, 0, "false", [], True],
}


@pytest.mark.parametrize("key", ENTRY_KEYS)
def test_each_wrong_value_of_each_key_of_an_extract_is_told(home: Home, inbox: Path, key: str) -> None:
    nightly.prepare(home)
    for value in WRONG_ENTRY[key]:
        changed = json.loads(json.dumps(RIGHT))
        changed["extracts"][1][key] = value
        reasons = judge(changed, home, inbox)
        assert any(f"extracts[1].{key}" in reason.en for reason in reasons), (key, value, reasons)
    changed = json.loads(json.dumps(RIGHT))
    del changed["extracts"][1][key]
    assert judge(changed, home, inbox)


@settings(max_examples=examples(100))
@given(st.binary(max_size=200))
@example(b"\xff\xfe{")
@example(b'{"a": 1e99999999}')
@example(b'"\\ud800"')
def test_any_bytes_as_json_give_a_value_or_a_reason(raw: bytes) -> None:
    try:
        manifest.parse_json(raw)
    except ValueError as error:
        assert str(error)


@given(ANYTHING)
def test_totals_of_any_kind(value: Any) -> None:
    number = manifest.total(value)
    assert number is None or abs(number) < 10**20


# -- any bytes as a zip ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return good().zip(tmp_path_factory.mktemp("zip")).read_bytes()


@settings(max_examples=examples(150))
@given(data=st.data())
def test_a_zip_with_any_bytes_changed_is_read_or_refused(
    zipped: bytes, tmp_path: Path, data: st.DataObject
) -> None:
    changed = bytearray(zipped)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.sampled_from([0, 0, 0, 1, 20, 300]))
    path, folder = tmp_path / "P01-310000-20251105-1.zip", tmp_path / os.urandom(8).hex()
    path.write_bytes(bytes(changed[: len(changed) - cut]))
    folder.mkdir()
    reasons: list[manifest.Reason] = []
    unpack.unpack(path, path.stem, folder, reasons)
    assert reasons or (folder / MANIFEST).exists()
    assert {path.name for path in folder.iterdir()} <= {
        MANIFEST,
        "orders.csv",
        "enrollment.csv",
        "claims.csv",
    }


def test_a_zip_of_many_entries_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "DIRECTORY_LIMIT", 50_000)
    path = tmp_path / "P01-310000-20251105-1.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2000):
            archive.writestr(f"{number}", b"")
    reasons: list[manifest.Reason] = []
    unpack.unpack(path, path.stem, tmp_path, reasons)
    assert "list of contents is over 50000 bytes" in reasons[0].en


def test_an_entry_is_stopped_at_the_declared_size(tmp_path: Path) -> None:
    """Whatever its header says: the data itself is counted."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("orders.csv", b"x" * 100)
    with zipfile.ZipFile(sink) as archive:
        reasons: list[manifest.Reason] = []
        unpack._write(archive, archive.infolist()[0], tmp_path / "orders.csv", 99, reasons)
    assert [reason.rule_id for reason in reasons] == ["S02"]
    assert not (tmp_path / "orders.csv").exists()


# -- names and texts that are stored ---------------------------------------------------------------


def odd_names() -> Iterator[str]:
    yield from ("a", "订单", "é" * 3, "a b", "\u202egnp.exe", identity(1), f"x{identity(2)}y")
    yield os.fsdecode(b"\xff\xfe")


@pytest.mark.parametrize("name", [ascii(name) for name in odd_names()])
def test_a_stored_name_is_sound_text_without_persons(name: str) -> None:
    stored = safe_name(eval(name))  # noqa: S307 - our own literals, so that pytest can print them
    assert stored.encode("utf-8") and "9900011990" not in stored


@given(st.lists(st.text(max_size=12), min_size=2, max_size=2, unique=True))
def test_two_names_never_become_one(names: list[str]) -> None:
    try:
        [os.fsencode(name) for name in names]
    except UnicodeEncodeError:
        return
    assert safe_name(names[0]) != safe_name(names[1])


def test_masks() -> None:
    number, digest = identity(5), "a1" * 32
    assert number not in mask(f"x,{number},y") and number[:6] not in mask(number)
    assert mask("990001 19900101 0058") == "*" * 20
    assert mask("2025-11-05 09:00:00,12.50") == "2025-11-05 09:00:00,12.50"
    assert safe(f"{digest} {CREDIT['P08']}") == f"{digest} {CREDIT['P08']}"
    assert safe(f"of {number}.") == f"of {'*' * 18}."
    assert safe("a\0b\x1b[31m") == "a\ufffdb\ufffd[31m"


def test_package_helper_agrees_with_itself() -> None:
    sent = package(orders=[order(1)], enrollment=[spell(1)], claims=[claim(1)])
    assert all(len(sent.files[entry["file"]]) == entry["bytes"] for entry in sent.manifest["extracts"])
