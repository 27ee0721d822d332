"""The seal of the night: a Merkle root over each submission's order rows, and receipts that form a chain.

A root is that of the RFC 6962 §2.1 tree with SHA-256: leaf = SHA256(0x00 ‖ text), node = SHA256(0x01 ‖ left ‖ right),
split at the largest power of two, SHA256("") for no rows. A leaf's text is the RFC 8785 JSON object of the
typed row, every value as text or null: timestamps `YYYY-MM-DD HH:MM:SS` (a fraction only where there is one),
decimals with the column's full scale, integers plain. Rows are in the order of (serial, order_id, leaf text),
nulls last, text by its bytes: the same rows give the same root whatever the order of the file.

A receipt is one file of canonical JSON, so `sha256sum FILE` is its hash, which the next receipt carries.
HEAD counts the receipts, names the last one and the root of the RFC 6962 tree over all of them, and is signed;
a proof of one order is therefore short, and whoever kept an old HEAD can tell whether history was rewritten.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from warehouse.home import Home, write_atomically
from warehouse.standard import Standard, load

RECEIPT_FORMAT, HEAD_FORMAT, PROOF_FORMAT = "zhibao/receipt/1", "zhibao/head/1", "zhibao/proof/1"
FACTS = (
    "submission", "version_id", "platform_code", "province_code", "business_date", "sequence", "manifest_digest",
    "extract_digests", "rows", "quarantined", "orders_root", "orders_sealed", "known_at", "sealed_at",
    "standard_version", "ruleset", "token_version", "schema_version",
)  # fmt: skip
RECEIPT_KEYS = frozenset((*FACTS, "format", "number", "previous_receipt"))
RECEIPT_FILE = re.compile(r"([0-9]{9,})-(.+)-([^-]{1,12})\.json")
EMPTY_ROOT = hashlib.sha256(b"").hexdigest()
BATCH_ROWS = 20_000  # rows of one Arrow batch from DuckDB: some 8 MB of leaves, which stay in the cache
_BATCHES_AHEAD = 8
_FOLD_PAIRS = 1 << 16  # pairs hashed at a time: some 10 MB of Python objects

Hashes = npt.NDArray[np.uint8]  # shape (rows, 32)
Receipt = dict[str, Any]


class SealError(RuntimeError):
    """What is to be sealed or proven contradicts what is already sealed; the message says where."""


@dataclass(frozen=True)
class SealResult:
    """The seal of one submission's order rows: root in hex, and the rows (leaves) under it."""

    root_hex: str
    rows: int


# --- canonical JSON and the tree -------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """RFC 8785 JSON of texts, integers, nulls, lists and objects with ASCII keys (40 times faster than rfc8785).

    Floats are outside its use; `chain` compares every new receipt with the package rfc8785.
    """
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def hashes_of(leaves: Iterable[bytes]) -> Hashes:
    """Leaf hashes as the array that `fold` takes."""
    return _array(b"".join(map(leaf_hash, leaves)))


def fold(hashes: Hashes, index: int | None = None) -> tuple[bytes, list[bytes]]:
    """Root of the tree over leaf hashes, and the audit path of one leaf (RFC 6962 §2.1.1), lowest node first.

    Works level by level in place (`hashes` is used up): a last node without a neighbour moves up unhashed,
    which is the split at the largest power of two. Raises IndexError for a leaf that is not there.
    """
    count, path, sha = len(hashes), [], hashlib.sha256
    if index is not None and not 0 <= index < count:
        raise IndexError(f"leaf {index} of a tree of {count}")
    if not count:
        return bytes.fromhex(EMPTY_ROOT), []
    while count > 1:
        if index is not None:
            if (neighbour := index ^ 1) < count:
                path.append(hashes[neighbour].tobytes())
            index //= 2
        pairs = count // 2
        for start in range(0, pairs, _FOLD_PAIRS):
            stop = min(start + _FOLD_PAIRS, pairs)
            block = hashes[2 * start : 2 * stop].reshape(-1, 64).view("V64").ravel().tolist()
            hashes[start:stop] = _array(b"".join([sha(b"\x01" + pair).digest() for pair in block]))
        if count % 2:
            hashes[pairs] = hashes[count - 1]
        count = pairs + count % 2
    return hashes[0].tobytes(), path


def _array(digests: bytes) -> Hashes:
    return np.frombuffer(digests, dtype=np.uint8).reshape(-1, 32).copy()


# --- leaves out of DuckDB --------------------------------------------------------------------------------------------


def leaf_sql(standard: Standard) -> str:
    """DuckDB expression for a leaf as hashed: NUL, then the RFC 8785 JSON of the order row.

    DuckDB's to_json escapes as RFC 8785 does but for upper-case hexadecimal digits in \\u00XX; texts in which
    it escaped anything (a backslash shows) are therefore escaped by hand, the rest pass at full speed.
    """
    parts = []
    for position, column in enumerate(sorted(standard.extracts["orders"].columns, key=lambda item: item.name)):
        name, key = column.name, ("," if position else "{") + f'"{column.name}":'
        if column.sql_type == "VARCHAR":
            quoted = (
                f"case when contains(to_json({name})::varchar, '\\') "
                f"then concat('\"', {_escaped(name)}, '\"') else to_json({name})::varchar end"
            )
            parts.append(f"'{key}', coalesce({quoted}, 'null')")
        else:  # digits, signs, points and colons: nothing to escape
            parts.append(
                f"case when {name} is null then '{key}null' else '{key}\"' end, {name}::varchar, "
                f"case when {name} is not null then '\"' end"
            )
    return f"concat(chr(0), {', '.join(parts)}, '}}')"


def _escaped(name: str) -> str:
    """RFC 8785 §3.2.2.2: the backslash first, so that the escapes of others are not escaped again."""
    short = {8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r", 34: '\\"'}
    expression = f"replace({name}, '\\', '\\\\')"
    for code in (34, *range(32)):
        escape = short.get(code, f"\\u{code:04x}")
        expression = f"replace({expression}, chr({code}), '{escape}')"
    return expression


def _checked(connection: duckdb.DuckDBPyConnection, relation_sql: str, standard: Standard) -> None:
    """The relation must have the standard's types: a cast here would seal something else than is stored."""
    found = {row[0]: row[1] for row in connection.execute(f"describe select * from {relation_sql}").fetchall()}
    for column in standard.extracts["orders"].columns:
        if found.get(column.name) != column.sql_type:
            raise SealError(
                f"{relation_sql}: column {column.name} is {found.get(column.name, 'missing')}, "
                f"the standard's type is {column.sql_type}"
            )


class _Rows:
    """Leaf hashes and serials of one submission while they come in; 40 bytes a row."""

    def __init__(self, rows: int) -> None:
        self.hashes: Hashes = np.empty((rows, 32), dtype=np.uint8)
        self.serials = np.empty(rows, dtype=np.int64)
        self.filled, self.null_serials = 0, 0

    def add(self, hashes: Hashes, serials: npt.NDArray[np.int64], nulls: int) -> bool:
        """True once complete."""
        end = self.filled + len(hashes)
        self.hashes[self.filled : end], self.serials[self.filled : end] = hashes, serials
        self.filled, self.null_serials = end, self.null_serials + nulls
        return end == len(self.hashes)

    def ordered(self) -> Hashes | None:
        """Hashes in leaf order, or None where serials alone do not order the rows."""
        if self.null_serials:
            return None
        if bool((self.serials[1:] > self.serials[:-1]).all()):
            return self.hashes
        order = np.argsort(self.serials)
        if bool((np.diff(self.serials[order]) == 0).any()):
            return None
        return self.hashes[order]


def seal_orders(
    connection: duckdb.DuckDBPyConnection, relation_sql: str, submissions: Iterable[str]
) -> dict[str, SealResult]:
    """Root and rows of each submission named by version_id; one without rows has the empty tree's root.

    `relation_sql` names what holds version_id and the 14 typed order columns; it is read once, so hand in what
    holds these submissions only. DuckDB makes the leaves while Python hashes those that are there: OpenSSL's
    SHA-256 uses the processor's instructions, DuckDB's does not, which is worth more than its threads. Memory: 40 bytes a row of the submissions under way (one, where the relation keeps a
    submission's rows together) beside DuckDB's own. Raises SealError if a column has another type.
    """
    standard = load()
    wanted = list(dict.fromkeys(submissions))
    results = dict.fromkeys(wanted, SealResult(EMPTY_ROOT, 0))
    _checked(connection, relation_sql, standard)
    connection.register("seal_wanted", pa.table({"n": pa.array(range(len(wanted)), pa.int32()), "version_id": pa.array(wanted, pa.string())}))
    try:
        counts = connection.execute(
            f"select w.n, count(*) from {relation_sql} as o join seal_wanted as w on w.version_id = o.version_id group by w.n"
        ).fetchall()
        under_way, tied = {n: _Rows(rows) for n, rows in counts}, []
        query = (
            f"select w.n, o.serial, encode({leaf_sql(standard)}) as leaf "
            f"from {relation_sql} as o join seal_wanted as w on w.version_id = o.version_id"
        )
        for n, serials, nulls, hashes in _pieces(connection, query):
            if under_way[n].add(hashes, serials, nulls):
                rows = under_way.pop(n)
                ordered = rows.ordered()
                if ordered is None:
                    tied.append(wanted[n])
                else:
                    results[wanted[n]] = SealResult(fold(ordered)[0].hex(), len(ordered))
    finally:
        connection.unregister("seal_wanted")
    if under_way:
        raise SealError(f"{relation_sql}: rows changed while they were sealed")
    for version_id in tied:  # a repeated or missing serial: the whole order, text included, decides
        hashes, _ = _ordered_leaves(connection, relation_sql, standard, version_id)
        results[version_id] = SealResult(fold(hashes)[0].hex(), len(hashes))
    return results


def _pieces(
    connection: duckdb.DuckDBPyConnection, query: str
) -> Iterator[tuple[int, npt.NDArray[np.int64], int, Hashes]]:
    """(n, serials, null serials, leaf hashes) for each run of rows of one submission, as DuckDB delivers them."""
    for batch in _batches(connection, query):
        numbers = batch.column(0).to_numpy()
        is_null = batch.column(1).is_null().to_numpy(zero_copy_only=False)
        serials = batch.column(1).fill_null(0).to_numpy()
        hashes = _leaf_hashes(batch.column(2))
        if bool((numbers[1:] < numbers[:-1]).any()):
            order = np.argsort(numbers, kind="stable")
            numbers, is_null, serials, hashes = numbers[order], is_null[order], serials[order], hashes[order]
        edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        for start, end in zip(edges[:-1], edges[1:], strict=True):
            yield int(numbers[start]), serials[start:end], int(is_null[start:end].sum()), hashes[start:end]


def _batches(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> Iterator[pa.RecordBatch]:
    """The query's Arrow batches, some fetched ahead in a thread, so that DuckDB works while Python hashes."""
    reader = connection.sql(query, params=list(parameters)).to_arrow_reader(BATCH_ROWS)
    with ThreadPoolExecutor(max_workers=1) as executor:
        try:
            ahead = deque(executor.submit(next, reader, None) for _ in range(_BATCHES_AHEAD))
            while (batch := ahead.popleft().result()) is not None:
                ahead.append(executor.submit(next, reader, None))
                if len(batch):
                    yield batch
        finally:
            executor.shutdown(cancel_futures=True)
            reader.close()  # or the connection would refuse other work


def _leaf_hashes(leaves: pa.Array) -> Hashes:
    """SHA-256 of each blob (its 0x00 is in it), read in place."""
    blobs = leaves.cast(pa.binary())
    ends = np.frombuffer(blobs.buffers()[1], dtype=np.int32)[blobs.offset : blobs.offset + len(blobs) + 1].tolist()
    text, sha = memoryview(blobs.buffers()[2]), hashlib.sha256
    return _array(b"".join([sha(text[start:end]).digest() for start, end in zip(ends[:-1], ends[1:], strict=True)]))


def _ordered_leaves(
    connection: duckdb.DuckDBPyConnection, relation_sql: str, standard: Standard, version_id: str, order_id: str = ""
) -> tuple[Hashes, list[tuple[int, str]]]:
    """All leaf hashes of one submission in leaf order, and (index, leaf text) of the rows of one order."""
    query = f"""
        with leaves as (
            select serial, order_id, encode({leaf_sql(standard)}) as leaf from {relation_sql} where version_id = $1
        )
        select leaf, coalesce(order_id = $2, false) as is_wanted
        from leaves order by serial nulls last, encode(order_id) nulls last, leaf
    """
    hashes, found, index = [_array(b"")], [], 0
    for batch in _batches(connection, query, (version_id, order_id)):
        hashes.append(_leaf_hashes(batch.column(0)))
        for row in np.flatnonzero(batch.column(1).to_numpy(zero_copy_only=False)).tolist():
            found.append((index + row, batch.column(0)[row].as_py()[1:].decode()))
        index += len(batch)
    return np.concatenate(hashes), found
