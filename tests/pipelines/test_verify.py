"""Receipts, HEAD and proofs: written whole or not at all, and every tampering named."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import stat
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import rfc8785

from pipelines import receipts, seal, verify
from pipelines.receipts import Receipt, SealError
from warehouse.standard import load

SIZES = {
    "P02-310000-20251001-1": 5,
    "P02-310000-20251002-1": 0,
    "P07-440000-20251001-1": 8,
    "P02-310000-20251001-2": 6,
}
NIL = seal.SealResult(hashlib.sha256(b"").hexdigest(), 0)
COLUMNS = load().extracts["orders"].columns
Row = tuple[str, dict[str, Any]]


def order(number: int, **changes: Any) -> dict[str, Any]:
    """One plain order row."""
    return {
        "order_id": f"O{number:06d}", "serial": number, "work_type": "order", "worker_id": f"W{number % 7}",
        "industry": "instant_delivery", "city_code": "310100", "accepted_at": datetime(2025, 10, 1, 8),
        "picked_up_at": None, "finished_at": datetime(2025, 10, 1, 9), "status": "completed",
        "distance_m": 1200, "customer_paid_yuan": Decimal("12.30"), "worker_income_yuan": Decimal("6.50"),
        "premium_yuan": Decimal("0.0700"), **changes,
    }  # fmt: skip


def relation(connection: duckdb.DuckDBPyConnection, rows: list[Row]) -> str:
    """A table of (version_id, row), in this order."""
    columns = ", ".join(f"{column.name} {column.sql_type}" for column in COLUMNS)
    connection.execute(f"create or replace table sealed_rows (version_id varchar, {columns})")
    connection.executemany(
        f"insert into sealed_rows values (?{', ?' * len(COLUMNS)})",
        [[version_id, *(row[column.name] for column in COLUMNS)] for version_id, row in rows],
    )
    return "sealed_rows"


def version(submission: str) -> str:
    return hashlib.sha256(submission.encode()).hexdigest()


def facts(submission: str, root: seal.SealResult) -> dict[str, Any]:
    platform, province, day, sequence = submission.split("-")
    extracts = ("enrollment", "orders", "claims")
    return {
        "submission": submission, "version_id": version(submission), "platform_code": platform,
        "province_code": province, "business_date": date(2025, int(day[4:6]), int(day[6:])),
        "sequence": int(sequence), "manifest_digest": version(submission + "m"),
        "extract_digests": {name: version(submission + name) for name in extracts},
        "rows": {"enrollment": 1, "orders": root.rows, "claims": 0},
        "quarantined": dict.fromkeys(extracts, 0),
        "orders_root": root.root_hex, "orders_sealed": root.rows, "known_at": datetime(2025, 10, 3, 2, 30),
        "sealed_at": datetime(2025, 10, 3, 6), "standard_version": "1.0", "ruleset": version("rules"),
        "token_version": 1, "schema_version": 1,
    }  # fmt: skip


class Sealed:
    """A home with four sealed submissions and the rows they were sealed over."""

    def __init__(self, home: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.home, self.connection, self.folder = home, connection, home / "receipts"
        self.rows = [
            (version(name), order(number + 1, order_id=f"{name[:3]}-{number}"))
            for name, size in SIZES.items()
            for number in range(size)
        ]
        self.name = relation(connection, self.rows)
        roots = seal.seal_orders(connection, self.name, map(version, SIZES))
        self.receipts = receipts.chain(None, [facts(name, roots[version(name)]) for name in SIZES])
        self.head = receipts.write_receipts(home, self.receipts)

    def change(self, *rows: Row) -> None:
        relation(self.connection, list(rows))

    def problems(self, **options: Any) -> list[str]:
        return verify.verify_home(self.home, self.connection, self.name, **options)

    def proofs(self, platform: str = "P02", order_id: str = "P02-3") -> list[dict[str, Any]]:
        return seal.prove(self.home, self.connection, self.name, self.receipts, platform, order_id)


@pytest.fixture
def sealed(tmp_path: Path) -> Sealed:
    return Sealed(tmp_path, duckdb.connect())


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def kinds(problems: list[str]) -> set[str]:
    return {problem.split(":")[0] for problem in problems}


# --- writing ------------------------------------------------------------------------------------------------


def test_receipts_chain_by_the_hash_of_their_files(sealed: Sealed) -> None:
    names = sorted(path.name for path in sealed.folder.iterdir())
    assert names[:2] == [
        f"000000001-P02-310000-20251001-1-{version('P02-310000-20251001-1')[:12]}.json",
        f"000000002-P02-310000-20251002-1-{version('P02-310000-20251002-1')[:12]}.json",
    ]
    previous = None
    for name in names[:-1]:
        data = (sealed.folder / name).read_bytes()
        assert data == rfc8785.dumps(json.loads(data))
        assert json.loads(data)["previous_receipt"] == previous
        previous = hashlib.sha256(data).hexdigest()
    assert names[-1] == "HEAD"
    assert sealed.head is not None
    assert sealed.head == json.loads((sealed.folder / "HEAD").read_bytes())
    assert (sealed.head["number"], sealed.head["receipt"]) == (4, previous)
    assert json.loads((sealed.folder / names[0]).read_bytes())["business_date"] == "2025-10-01"


def test_keys_are_kept_and_private(sealed: Sealed) -> None:
    private, public = sealed.home / "keys" / "seal-1.key", sealed.home / "keys" / "seal-1.pub"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert sealed.head is not None
    assert public.read_text() == sealed.head["public_key"]
    before = private.read_bytes()
    public.unlink()  # killed between the two halves
    receipts.write_receipts(sealed.home, sealed.receipts)
    assert (private.read_bytes(), public.read_text()) == (before, sealed.head["public_key"])
    private.unlink()
    with pytest.raises(SealError, match="has signed before"):
        receipts.write_receipts(sealed.home, sealed.receipts)


def test_writing_again_changes_nothing(sealed: Sealed) -> None:
    before = snapshot(sealed.folder)
    assert receipts.write_receipts(sealed.home, sealed.receipts) == sealed.head
    assert snapshot(sealed.folder) == before


@pytest.mark.parametrize("allowed", range(6))
def test_a_killed_run_repeats_cleanly(
    sealed: Sealed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    home = tmp_path / "killed"
    shutil.copytree(sealed.home / "keys", home / "keys")
    receipts.write_receipts(home, sealed.receipts[:1])
    done = 0

    def written(path: Path, data: bytes) -> None:
        nonlocal done
        if done == allowed:
            path.with_name(f".{path.name}.1.part").write_bytes(data[:20])
            raise KeyboardInterrupt
        done += 1
        path.write_bytes(data)

    with monkeypatch.context() as patch:
        patch.setattr(receipts, "write_atomically", written)
        if allowed < 4:  # three receipts and HEAD
            with pytest.raises(KeyboardInterrupt):
                receipts.write_receipts(home, sealed.receipts)
            assert kinds(verify.verify_receipts(home / "receipts")) <= {"unsealed"}
    receipts.write_receipts(home, sealed.receipts)
    there = {name: data for name, (data, _) in snapshot(home / "receipts").items()}
    assert there == {name: data for name, (data, _) in snapshot(sealed.folder).items()}
    assert verify.verify_receipts(home / "receipts") == []


def test_a_later_night_continues_the_chain(sealed: Sealed) -> None:
    more = receipts.chain(sealed.receipts[-1], [facts("P09-310000-20251003-1", NIL)])
    assert (more[0]["number"], more[0]["previous_receipt"]) == (5, sealed.head and sealed.head["receipt"])
    head = receipts.write_receipts(sealed.home, [*sealed.receipts, *more])
    assert head is not None
    assert head["number"] == 5
    assert sealed.problems(kept_head=sealed.head) == []


def test_a_lost_file_is_written_again(sealed: Sealed) -> None:
    before = snapshot(sealed.folder)
    lost = sorted(sealed.folder.iterdir())[0]
    lost.unlink()
    receipts.write_receipts(sealed.home, sealed.receipts)
    assert {name: data for name, (data, _) in snapshot(sealed.folder).items()} == {
        name: data for name, (data, _) in before.items()
    }


def write(s: Sealed, known: list[Receipt]) -> None:
    receipts.write_receipts(s.home, known)


def another_history(s: Sealed) -> list[Receipt]:
    return receipts.chain(
        None, [{key: r[key] for key in receipts.FACTS} | {"ruleset": "x"} for r in s.receipts]
    )


CONTRADICTIONS: list[tuple[Callable[[Sealed], object], str]] = [
    (lambda s: write(s, s.receipts[:3]), "HEAD counts 4 receipts, 3 are known"),
    (lambda s: write(s, s.receipts[::-1]), "receipt 1 .* does not continue the chain"),
    (lambda s: write(s, another_history(s)), "not what this home signs after receipt 4: altered or forked"),
    (lambda s: (s.folder / "000000009-x.json").write_text("{}"), "000000009-x.json is no known receipt"),
    (lambda s: (s.folder / "HEAD").write_text('{"number":4}'), "not what this home signs after receipt 4"),
    (lambda s: (s.folder / "HEAD").write_text("[]"), "does not count its receipts"),
    (lambda s: (s.home / "keys" / "seal-1.pub").write_text("00"), "not the public half"),
]


@pytest.mark.parametrize(("spoil", "message"), CONTRADICTIONS)
def test_what_contradicts_the_seal_is_refused(
    sealed: Sealed, spoil: Callable[[Sealed], object], message: str
) -> None:
    def spoil_and_write() -> None:
        spoil(sealed)
        write(sealed, sealed.receipts)

    with pytest.raises(SealError, match=message):
        spoil_and_write()


def test_an_unsealed_file_with_other_bytes_is_refused(sealed: Sealed) -> None:
    (sealed.folder / "HEAD").unlink()
    name = receipts.receipt_name(sealed.receipts[1])
    (sealed.folder / name).write_bytes(b"{}")
    with pytest.raises(SealError, match="differs from the receipt that is known"):
        receipts.write_receipts(sealed.home, sealed.receipts)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"surplus": 1}, r"keys differ in \['surplus'\]"),
        ({"rows": {"orders": 1.0}}, "no text, integer, list or object"),
        ({"sequence": 2**60}, "P02"),
        ({"ruleset": Decimal(1)}, "P02"),
        ({"ruleset": "\ud800"}, "P02"),
        ({"rows": {1: 1}}, "P02"),
    ],
)
def test_a_receipt_without_a_canonical_form_is_refused(change: dict[str, Any], message: str) -> None:
    entry = facts("P02-310000-20251001-1", seal.SealResult("00", 0)) | change
    with pytest.raises(SealError, match=message):
        receipts.chain(None, [entry])


def test_nothing_sealed_yet_is_no_fault(tmp_path: Path) -> None:
    assert receipts.write_receipts(tmp_path, []) is None
    assert verify.verify_receipts(tmp_path / "receipts") == []
    assert receipts.read_head(tmp_path) is None


# --- tampering with receipts --------------------------------------------------------------------------------


def files(sealed: Sealed) -> list[Path]:
    return sorted(path for path in sealed.folder.iterdir() if path.name != "HEAD")


def rewrite(path: Path, **changes: Any) -> None:
    path.write_bytes(rfc8785.dumps(json.loads(path.read_bytes()) | changes))


def flip_a_count(s: Sealed) -> None:
    rewrite(files(s)[2], orders_sealed=7)


def flip_the_last(s: Sealed) -> None:
    rewrite(files(s)[3], ruleset="other")


def flip_a_byte(s: Sealed) -> None:
    data = bytearray(files(s)[1].read_bytes())
    data[100] ^= 1
    files(s)[1].write_bytes(data)


def add_a_space(s: Sealed) -> None:
    files(s)[1].write_bytes(files(s)[1].read_bytes() + b" ")


def delete_one(s: Sealed) -> None:
    files(s)[1].unlink()


def delete_all(s: Sealed) -> None:
    for path in files(s):
        path.unlink()


def truncate(s: Sealed) -> None:
    files(s)[3].unlink()


def swap_contents(s: Sealed) -> None:
    one, two = files(s)[1:3]
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def swap_and_renumber(s: Sealed) -> None:
    one, two = (json.loads(path.read_bytes()) for path in files(s)[1:3])
    for path in files(s)[1:3]:
        path.unlink()
    for receipt, number in ((two, 2), (one, 3)):
        receipt["number"] = number
        (s.folder / receipts.receipt_name(receipt)).write_bytes(rfc8785.dumps(receipt))


def fork(s: Sealed) -> None:
    other = s.receipts[2] | {"version_id": "f" * 64}
    (s.folder / receipts.receipt_name(other)).write_bytes(rfc8785.dumps(other))


def lose_head(s: Sealed) -> None:
    (s.folder / "HEAD").unlink()


def garble_head(s: Sealed) -> None:
    (s.folder / "HEAD").write_bytes(b"{")


def shorten_head(s: Sealed) -> None:
    rewrite(s.folder / "HEAD", number=3, receipt=receipts.receipt_hash(s.receipts[2]))


def sign_by_another(s: Sealed) -> None:
    shutil.rmtree(s.home / "keys")
    shutil.move(s.folder / "HEAD", s.home / "aside")
    assert s.head is not None
    forged = receipts.sign_head(receipts.seal_key(s.home), s.receipts[-1], s.head["receipts_root"])
    (s.folder / "HEAD").write_bytes(rfc8785.dumps(forged))
    (s.home / "keys" / "seal-1.pub").write_text(s.head["public_key"])


def sign_a_wrong_root(s: Sealed) -> None:
    forged = receipts.sign_head(receipts.seal_key(s.home), s.receipts[-1], "0" * 64)
    (s.folder / "HEAD").write_bytes(rfc8785.dumps(forged))


def spell_in_capitals(s: Sealed) -> None:
    assert s.head is not None
    rewrite(s.folder / "HEAD", signature=s.head["signature"].upper())


def add_a_stranger(s: Sealed) -> None:
    (s.folder / "notes.txt").write_text("x")


TAMPERINGS: list[tuple[Callable[[Sealed], None], set[str], str]] = [
    (flip_a_count, {"altered"}, "receipt 4 follows"),
    (flip_the_last, {"altered"}, "receipt 4 is not the one that HEAD names"),
    (flip_a_byte, {"altered"}, "receipt 3 follows"),
    (add_a_space, {"altered"}, "not canonical JSON"),
    (delete_one, {"deleted"}, "receipt 2 is missing"),
    (delete_all, {"truncated"}, "HEAD counts 4 receipts, the last one here is 0"),
    (truncate, {"truncated"}, "HEAD counts 4 receipts, the last one here is 3"),
    (swap_contents, {"reordered"}, "holds receipt 3 (P07-440000-20251001-1)"),
    (swap_and_renumber, {"altered"}, "receipt 2 follows"),
    (fork, {"forked"}, "receipt 3 is there twice"),
    (lose_head, {"deleted"}, "HEAD is missing"),
    (garble_head, {"unreadable"}, "HEAD"),
    (shorten_head, {"signature"}, "HEAD after receipt 3 is not signed by the key it names"),
    (sign_by_another, {"signature"}, "expected"),
    (sign_a_wrong_root, {"altered"}, "receipts 1 to 4 do not give the root that HEAD signs"),
    (spell_in_capitals, {"signature"}, "HEAD after receipt 4 is not signed by the key it names"),
    (add_a_stranger, {"stranger"}, "notes.txt is no receipt"),
]


@pytest.mark.parametrize(
    ("tamper", "expected", "words"), TAMPERINGS, ids=[case[0].__name__ for case in TAMPERINGS]
)
def test_tampering_is_caught_and_named(
    sealed: Sealed, tamper: Callable[[Sealed], None], expected: set[str], words: str
) -> None:
    assert sealed.problems() == []
    tamper(sealed)
    public_key = (sealed.home / "keys" / "seal-1.pub").read_text()
    problems = verify.verify_receipts(sealed.folder, public_key=public_key)
    assert expected <= kinds(problems), problems
    assert any(words in problem for problem in problems), problems
    assert kinds(problems) <= expected | {"reordered", "altered", "forked"}, problems


def test_any_flipped_bit_is_caught(sealed: Sealed) -> None:
    public_key = (sealed.home / "keys" / "seal-1.pub").read_text()
    for path in (files(sealed)[0], files(sealed)[3], sealed.folder / "HEAD"):
        data = path.read_bytes()
        for place in range(0, len(data), 11):
            path.write_bytes(data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :])
            assert verify.verify_receipts(sealed.folder, public_key=public_key), (path.name, place)
        path.write_bytes(data)
    assert sealed.problems() == []


def resign(s: Sealed, entries: list[Receipt]) -> None:
    """What someone who holds the home's key could do: another history, faultless in itself."""
    shutil.rmtree(s.folder)
    receipts.write_receipts(s.home, entries)


def test_a_cut_history_under_an_older_head_shows_against_a_kept_head(sealed: Sealed) -> None:
    resign(sealed, sealed.receipts[:2])
    assert sealed.problems() == []
    assert sealed.problems(kept_head=sealed.head) == [
        "truncated: the kept HEAD counts 4 receipts, the last one here is 2"
    ]


def test_a_rewritten_history_shows_against_a_kept_head(sealed: Sealed) -> None:
    entries = [{key: receipt[key] for key in receipts.FACTS} for receipt in sealed.receipts]
    entries[0]["ruleset"] = "other"
    more = facts("P09-310000-20251003-1", NIL)
    resign(sealed, receipts.chain(None, [*entries, more]))
    assert sealed.problems() == []
    found = sealed.problems(kept_head=sealed.head)
    assert found == ["forked: receipt 4 is not the one that the kept HEAD names"]


def test_a_kept_head_must_be_signed_by_the_same_key(sealed: Sealed, tmp_path: Path) -> None:
    other = Sealed(tmp_path / "other", duckdb.connect())
    assert kinds(sealed.problems(kept_head=other.head)) == {"signature"}
    assert kinds(sealed.problems(kept_head={"number": 1})) == {"unreadable"}
    altered = {**(sealed.head or {}), "number": 3}
    assert kinds(sealed.problems(kept_head=altered)) == {"signature"}


# --- the lake -----------------------------------------------------------------------------------------------


def test_changed_rows_of_the_lake_are_found(sealed: Sealed) -> None:
    rows = list(sealed.rows)
    sealed.change(*reversed(rows))
    assert sealed.problems() == []
    rows[2] = (rows[2][0], rows[2][1] | {"premium_yuan": Decimal("0.0699")})
    sealed.change(*rows[:-1])
    first, last = sealed.problems()
    assert first.startswith("altered: P02-310000-20251001-1")
    assert "the lake has 5 order rows" in first
    assert last.startswith("altered: P02-310000-20251001-2")
    assert "the lake has 5 order rows" in last
    assert "sealed were 6" in last


def test_a_lake_that_cannot_be_read_is_a_problem_not_a_crash(sealed: Sealed) -> None:
    gone = "read_parquet('gone.parquet')"
    assert kinds(verify.verify_home(sealed.home, sealed.connection, gone)) == {"unreadable"}


def test_a_home_without_its_public_key_is_a_problem(sealed: Sealed) -> None:
    (sealed.home / "keys" / "seal-1.pub").unlink()
    assert kinds(sealed.problems()) == {"deleted"}


# --- proofs -------------------------------------------------------------------------------------------------


def test_every_sealed_row_of_an_order_is_proven(sealed: Sealed, tmp_path: Path) -> None:
    assert sealed.head is not None
    proofs = sealed.proofs()
    assert [proof["receipt"]["submission"] for proof in proofs] == [
        "P02-310000-20251001-1",
        "P02-310000-20251001-2",
    ]
    for proof in proofs:
        assert verify.verify_proof(proof) == verify.verify_proof(proof, sealed.head["public_key"]) == []
        assert json.loads(proof["leaf"])["order_id"] == "P02-3"
    assert sealed.proofs("P07", "P02-3") == []
    assert sealed.proofs("P02", "unknown") == []
    path = tmp_path / "proofs.json"
    path.write_text(json.dumps(proofs, ensure_ascii=True, indent=1))
    assert verify.verify_file(path) == []


def test_a_repeated_row_is_proven_at_each_of_its_places(tmp_path: Path) -> None:
    connection = duckdb.connect()
    rows = [("a", order(1)), ("a", order(1)), ("a", order(1, status="cancelled")), ("a", order(2))]
    name = relation(connection, rows)
    root = seal.seal_orders(connection, name, ["a"])["a"]
    known = receipts.chain(None, [facts("P02-310000-20251001-1", root) | {"version_id": "a"}])
    receipts.write_receipts(tmp_path, known)
    proofs = seal.prove(tmp_path, connection, name, known, "P02", "O000001")
    assert [proof["index"] for proof in proofs] == [0, 1, 2]
    assert [verify.verify_proof(proof) for proof in proofs] == [[], [], []]


def test_what_is_not_under_head_yet_is_not_proven(sealed: Sealed) -> None:
    more = receipts.chain(sealed.receipts[-1], [facts("P09-310000-20251003-1", NIL)])
    sealed.receipts += more
    assert len(sealed.proofs()) == 2
    with pytest.raises(SealError, match="HEAD does not match the 3 receipts"):
        seal.prove(sealed.home, sealed.connection, sealed.name, sealed.receipts[:3], "P02", "P02-3")


def test_rows_that_no_longer_give_the_root_are_not_proven(sealed: Sealed) -> None:
    rows = list(sealed.rows)
    rows[0] = (rows[0][0], rows[0][1] | {"distance_m": 1})
    sealed.change(*rows)
    with pytest.raises(SealError, match="no longer give the sealed root"):
        sealed.proofs()


def leaves_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all single values in a JSON value."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [found for key, inner in items for found in leaves_of(inner, (*path, key))]
    return [path]


CHANGED: list[Any] = ["", "0" * 64, None, 1, 10**30, [], {}, True, 0.5]


def test_a_proof_with_any_value_changed_fails(sealed: Sealed) -> None:
    proof = sealed.proofs()[1]
    places = leaves_of(proof)
    assert len(places) > 40
    for place in places:
        for new in CHANGED:
            changed = copy.deepcopy(proof)
            inner: Any = changed
            for key in place[:-1]:
                inner = inner[key]
            if inner[place[-1]] == new:
                continue
            inner[place[-1]] = new
            assert verify.verify_proof(changed), (place, new)


def test_a_proof_with_anything_missing_or_added_fails(sealed: Sealed) -> None:
    proof = sealed.proofs()[0]
    for key in proof:
        assert verify.verify_proof({name: value for name, value in proof.items() if name != key})
    assert verify.verify_proof(proof | {"more": 1})
    assert verify.verify_proof(proof | {"path": proof["path"][:-1]})
    assert verify.verify_proof(proof | {"path": [*proof["path"], proof["path"][0]]})
    nonsense: list[Any] = [None, [], "x", {}, {"format": "zhibao/proof/1"}]
    for value in nonsense:
        assert verify.verify_proof(value)


def test_a_proof_under_another_key_fails_against_the_known_key(sealed: Sealed, tmp_path: Path) -> None:
    forged = Sealed(tmp_path / "other", duckdb.connect())
    proof = forged.proofs()[0]
    assert verify.verify_proof(proof) == []
    assert sealed.head is not None
    assert kinds(verify.verify_proof(proof, sealed.head["public_key"])) == {"signature"}


def test_files_of_every_kind_are_verified(sealed: Sealed, tmp_path: Path) -> None:
    assert verify.verify_file(sealed.folder) == []
    assert verify.verify_file(sealed.folder / "HEAD") == []
    assert verify.verify_file(files(sealed)[0]) == []
    alone = tmp_path / "alone.json"
    shutil.copy(files(sealed)[0], alone)
    assert kinds(verify.verify_file(alone)) == {"unreadable"}
    flip_a_count(sealed)
    assert kinds(verify.verify_file(files(sealed)[0])) == {"altered"}
    for text in ("", "[]", "{}", "7", "[7]"):
        alone.write_text(text)
        assert kinds(verify.verify_file(alone)) == {"unreadable"}
    assert kinds(verify.verify_file(tmp_path / "missing")) == {"unreadable"}
