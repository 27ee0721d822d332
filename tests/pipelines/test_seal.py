"""Trees, leaves and roots: published vectors, the plain definition, and any text that may stand in a row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import rfc8785
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelines import merkle, seal
from pipelines.receipts import SealError, canonical
from warehouse.standard import load

# Published with Certificate Transparency: transparency-dev/merkle, testonly/constants.go (LeafInputs,
# RootHashes) and testonly/reference_test.go (TestRefInclusionProof); from google/certificate-transparency.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                 "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {  # (index, size): audit path
    (0, 1): [],
    (0, 2): ["96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"],
    (1, 2): ["6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


@pytest.mark.parametrize("size", range(9))
def test_root_is_the_published_one(size: int) -> None:
    assert merkle.fold(merkle.leaf_hashes(LEAVES[:size]))[0].hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), PATHS)
def test_audit_path_is_the_published_one_and_leads_to_the_root(index: int, size: int) -> None:
    path = merkle.fold(merkle.leaf_hashes(LEAVES[:size]), index)[1]
    assert [node.hex() for node in path] == PATHS[index, size]
    found = merkle.root_from_path(merkle.leaf_hash(LEAVES[index]), index, size, path)
    assert found is not None
    assert found.hex() == ROOTS[size]


def plain_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1 word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:split]) + plain_root(leaves[split:])).digest()


@pytest.mark.parametrize("size", [*range(70), 127, 128, 129, 1000])
def test_root_follows_the_definition_and_every_path_leads_to_it(size: int) -> None:
    leaves = [b"leaf %d" % number for number in range(size)]
    root = plain_root(leaves)
    assert merkle.fold(merkle.leaf_hashes(leaves))[0] == root
    for index in range(0, size, max(1, size // 64)):
        same, path = merkle.fold(merkle.leaf_hashes(leaves), index)
        hashed = merkle.leaf_hash(leaves[index])
        assert same == root == merkle.root_from_path(hashed, index, size, path)
        assert merkle.root_from_path(hashed, (index + 1) % size, size, path) != root or size == 1
        assert merkle.root_from_path(hashed, index, size, [*path, hashed]) is None
        assert not path or merkle.root_from_path(hashed, index, size, path[:-1]) is None
        assert merkle.root_from_path(hashed, size, size, path) is None
        assert merkle.root_from_path(hashed, -1, size, path) is None


def test_levels_longer_than_one_block_of_pairs_follow_the_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merkle, "_PAIRS", 4)
    for size in (7, 8, 9, 33, 100):
        leaves = [b"%d" % number for number in range(size)]
        assert merkle.fold(merkle.leaf_hashes(leaves))[0] == plain_root(leaves)


# --- leaves -------------------------------------------------------------------------------------------------

COLUMNS = load().extracts["orders"].columns
ARROW = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "TIMESTAMP": pa.timestamp("us"),
    "DECIMAL(12,2)": pa.decimal128(12, 2), "DECIMAL(12,4)": pa.decimal128(12, 4),
}  # fmt: skip
SCHEMA = pa.schema(
    [("version_id", pa.string()), *((column.name, ARROW[column.sql_type]) for column in COLUMNS)]
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.text(
    '\\"\x00\x01\x0b\x1f\b\n/u01Bb', max_size=10
)
WHOLE_SECONDS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)).map(
    lambda at: at.replace(microsecond=0)
)
VALUES = {
    "VARCHAR": TEXT, "BIGINT": st.integers(-(2**63), 2**63 - 1), "TIMESTAMP": WHOLE_SECONDS,
    "DECIMAL(12,2)": st.decimals(-(10**9), 10**9, places=2),
    "DECIMAL(12,4)": st.decimals(-(10**7), 10**7, places=4),
}  # fmt: skip
ANY_ROW = st.fixed_dictionaries({column.name: st.none() | VALUES[column.sql_type] for column in COLUMNS})
# few values, so that serials, orders and whole rows repeat
NARROW_ROW = ANY_ROW.flatmap(
    lambda row: st.fixed_dictionaries({
        **{name: st.just(value) for name, value in row.items()},
        "serial": st.none() | st.integers(1, 4),
        "order_id": st.none() | st.sampled_from("abé\U0001f600\uffff"),
        "status": st.sampled_from(["completed", "cancelled"]),
    })
)  # fmt: skip
SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def as_text(value: Any) -> str | None:
    """A typed value as the standard writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return f"{value:%Y-%m-%d %H:%M:%S}".rjust(19, "0") if isinstance(value, datetime) else str(value)


def leaf(row: dict[str, Any]) -> bytes:
    """The leaf by the package rfc8785."""
    return rfc8785.dumps({column.name: as_text(row[column.name]) for column in COLUMNS})


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        serial, order = row["serial"], row["order_id"]
        return (serial is None, serial or 0, order is None, (order or "").encode(), leaf(row))

    return sorted(rows, key=key)


def order(number: int, **changes: Any) -> dict[str, Any]:
    """One plain order row."""
    return {
        "order_id": f"O{number:06d}", "serial": number, "work_type": "order", "worker_id": f"W{number % 7}",
        "industry": "instant_delivery", "city_code": "310100",
        "accepted_at": datetime(2025, 10, 1, 8, 0, number % 60), "picked_up_at": None,
        "finished_at": datetime(2025, 10, 1, 9), "status": "completed", "distance_m": 1200,
        "customer_paid_yuan": Decimal("12.30"), "worker_income_yuan": Decimal("6.50"),
        "premium_yuan": Decimal("0.0700"), **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def relation(connection: duckdb.DuckDBPyConnection, rows: list[tuple[str, dict[str, Any]]]) -> str:
    """A table of (version_id, row), in this order."""
    connection.register(
        "handed_in", pa.Table.from_pylist([{"version_id": v, **row} for v, row in rows], schema=SCHEMA)
    )
    connection.execute("create or replace temp table sealed_rows as select * from handed_in")
    connection.unregister("handed_in")
    return "sealed_rows"


def root_of(rows: list[dict[str, Any]]) -> str:
    return plain_root([leaf(row) for row in in_order(rows)]).hex()


def test_a_leaf_reads_as_documented(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [("v", order(7, order_id='A"1\\\n\u0001é'))]
    found = connection.execute(f"select {seal.leaf_sql(load())} from {relation(connection, rows)}").fetchall()
    assert found[0][0] == (
        '\x00{"accepted_at":"2025-10-01 08:00:07","city_code":"310100","customer_paid_yuan":"12.30",'
        '"distance_m":"1200","finished_at":"2025-10-01 09:00:00","industry":"instant_delivery",'
        '"order_id":"A\\"1\\\\\\n\\u0001é","picked_up_at":null,"premium_yuan":"0.0700","serial":"7",'
        '"status":"completed","work_type":"order","worker_id":"W0","worker_income_yuan":"6.50"}'
    )


def test_every_single_character_is_escaped_as_rfc8785_does(connection: duckdb.DuckDBPyConnection) -> None:
    codes = [*range(0x300), *range(0x2000, 0x2100), 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFF, 0x1F600, 0x10FFFF]
    texts = [f"\\{chr(code)}x" for code in codes]
    # what looks like an escape and is none, beside one that is
    texts += ["\\u000B", "\\\\u001F", "\\\\\\u001F\x1f", "\x1f\\u001f\\", "\x01\\\x0b", '\\"\\u000F\x0f"']
    rows = [("v", order(number, order_id=text)) for number, text in enumerate(texts)]
    found = connection.execute(
        f"select encode({seal.leaf_sql(load())}) from {relation(connection, rows)} order by serial"
    ).fetchall()
    assert [text[1:] for (text,) in found] == [leaf(row) for _, row in rows]


@SLOW
@given(st.lists(ANY_ROW, max_size=8))
@example([dict.fromkeys((column.name for column in COLUMNS), None)])
def test_leaves_equal_rfc8785_for_any_values(
    connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]
) -> None:
    name = relation(connection, [("v", row) for row in rows])
    found = connection.execute(f"select encode({seal.leaf_sql(load())}) from {name}").fetchall()
    assert sorted(text[1:] for (text,) in found) == sorted(map(leaf, rows))
    assert all(text[:1] == b"\x00" for (text,) in found)


def test_a_fraction_of_a_second_is_kept(connection: duckdb.DuckDBPyConnection) -> None:
    name = relation(connection, [("v", order(1, accepted_at=datetime(2025, 1, 1, 0, 0, 0, 500000)))])
    found = connection.execute(f"select {seal.leaf_sql(load())} from {name}").fetchall()
    assert '"accepted_at":"2025-01-01 00:00:00.5"' in found[0][0]


# --- roots of submissions -----------------------------------------------------------------------------------


@settings(SLOW, max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), NARROW_ROW), max_size=12), st.randoms(use_true_random=False)
)
def test_roots_follow_the_definition_whatever_the_order_of_the_file(
    connection: duckdb.DuckDBPyConnection, rows: list[tuple[str, dict[str, Any]]], random: Any
) -> None:
    shuffled = random.sample(rows, len(rows))
    first = seal.seal_orders(connection, relation(connection, rows), "ABC")
    assert first == seal.seal_orders(connection, relation(connection, shuffled), "CBA")
    for version in "ABC":
        mine = [row for name, row in rows if name == version]
        assert first[version] == seal.SealResult(root_of(mine), len(mine))


def test_roots_across_batches(connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "BATCH_ROWS", 7)
    rows = [("AB"[number % 2], order(number)) for number in range(5000)]
    found = seal.seal_orders(connection, relation(connection, rows), ["B", "A"])
    assert found == {
        version: seal.SealResult(root_of([row for name, row in rows if name == version]), 2500)
        for version in "AB"
    }
    backwards = seal.seal_orders(connection, relation(connection, rows[::-1]), ["A", "B"])
    assert backwards == found


def test_one_changed_digit_gives_another_root(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [("v", order(number)) for number in range(1, 10)]
    before = seal.seal_orders(connection, relation(connection, rows), ["v"])["v"]
    rows[4] = ("v", order(5, premium_yuan=Decimal("0.0701")))
    assert seal.seal_orders(connection, relation(connection, rows), ["v"])["v"] != before
    del rows[4]
    assert seal.seal_orders(connection, relation(connection, rows), ["v"])["v"].rows == 8


def test_no_rows_give_the_empty_tree(connection: duckdb.DuckDBPyConnection) -> None:
    name = relation(connection, [("other", order(1))])
    assert seal.seal_orders(connection, name, ["nil"]) == {"nil": seal.SealResult(ROOTS[0], 0)}
    assert seal.seal_orders(connection, name, []) == {}


def test_another_type_is_refused_and_named(connection: duckdb.DuckDBPyConnection) -> None:
    name = relation(connection, [("v", order(1))])
    for replaced, message in (
        (
            "premium_yuan::double as premium_yuan",
            r"premium_yuan is DOUBLE, the standard's type is DECIMAL\(12,4\)",
        ),
        ("serial::varchar as serial", "serial is VARCHAR"),
    ):
        with pytest.raises(SealError, match=message):
            seal.seal_orders(connection, f"(select * replace ({replaced}) from {name})", ["v"])
    with pytest.raises(SealError, match="column status is missing"):
        seal.seal_orders(connection, f"(select * exclude (status) from {name})", ["v"])


def test_a_failure_half_way_leaves_the_connection_usable(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "BATCH_ROWS", 10)
    name = relation(connection, [("v", order(number)) for number in range(10_000)])
    with monkeypatch.context() as patch:
        patch.setattr(seal._Rows, "add", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            seal.seal_orders(connection, name, ["v"])
    assert connection.execute("select 42").fetchall() == [(42,)]
    assert seal.seal_orders(connection, name, ["v"])["v"].rows == 10_000


JSON = st.recursive(
    st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcXYZ_09", max_size=5), inner, max_size=4)
    ),
)


@given(JSON)
def test_canonical_equals_the_package_rfc8785(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)
