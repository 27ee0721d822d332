"""The seal of the night: a Merkle root over each submission's order rows, and proofs of single orders.

The tree is that of RFC 6962 (pipelines.merkle). A leaf is the RFC 8785 JSON object of the typed row with
every value as text or null: timestamps `YYYY-MM-DD HH:MM:SS` (a fraction only where there is one), decimals
with the column's full scale, integers plain. Leaves are in the order of (serial, order_id, leaf), nulls last,
text by its bytes: the same rows give the same root whatever the order of the file.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.merkle import EMPTY_ROOT, Hashes, as_array, fold, leaf_hashes
from pipelines.receipts import PROOF_FORMAT, Receipt, SealError, canonical, read_head
from warehouse.standard import Standard, load

BATCH_ROWS = 20_000  # rows of one Arrow batch from DuckDB: some 8 MB of leaves, which stay in the cache
_BATCHES_AHEAD = 8


@dataclass(frozen=True)
class SealResult:
    """The seal of one submission's order rows: root in hex, and the rows (leaves) under it."""

    root_hex: str
    rows: int


def leaf_sql(standard: Standard) -> str:
    """DuckDB expression for a leaf as hashed: NUL, then the RFC 8785 JSON of the order row."""
    parts = []
    columns = sorted(standard.extracts["orders"].columns, key=lambda column: column.name)
    for position, column in enumerate(columns):
        name, key = column.name, ("," if position else "{") + f'"{column.name}":'
        if column.sql_type == "VARCHAR":
            parts.append(f"'{key}', coalesce({_quoted(name)}, 'null')")
        else:  # digits, signs, points and colons: nothing to escape
            parts.append(
                f"case when {name} is null then '{key}null' else '{key}\"' end, {name}::varchar, "
                f"case when {name} is not null then '\"' end"
            )
    return f"concat(chr(0), {', '.join(parts)}, '}}')"


def _quoted(name: str) -> str:
    """A text as JSON. DuckDB escapes as RFC 8785 §3.2.2.2 does but for upper-case hexadecimal: \\u001F.

    Only texts in which it escaped anything are looked at. Escaped backslashes step aside (as chr(1), which no
    JSON holds), so that a backslash, a u and digits in the text itself are not taken for an escape.
    """
    json = f"to_json({name})::varchar"
    lower = f"replace({json}, '\\\\', chr(1))"
    for code in (0x0B, 0x0E, 0x0F, *range(0x1A, 0x20)):
        lower = f"replace({lower}, '\\u{code:04X}', '\\u{code:04x}')"
    return f"case when contains({json}, '\\') then replace({lower}, chr(1), '\\\\') else {json} end"


def _checked(connection: duckdb.DuckDBPyConnection, relation_sql: str, standard: Standard) -> None:
    """The relation must have the standard's types: a cast here would seal something else than is stored."""
    found = {
        row[0]: row[1] for row in connection.execute(f"describe select * from {relation_sql}").fetchall()
    }
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
    """Root and rows of each submission (a version_id); one without rows has the empty tree's root.

    `relation_sql` names what holds version_id and the 14 typed order columns; it is read once, so hand in
    what holds these submissions only. DuckDB makes the leaves while Python hashes those that are there
    (OpenSSL uses the processor's SHA instructions, DuckDB does not: that is worth more than its threads).
    Memory beside DuckDB's own: 40 bytes a row of the submissions under way (one, where the relation keeps
    a submission's rows together). Raises SealError where a column is missing or of another type.
    """
    standard = load()
    wanted = list(dict.fromkeys(submissions))
    results = dict.fromkeys(wanted, SealResult(EMPTY_ROOT.hex(), 0))
    _checked(connection, relation_sql, standard)
    connection.register(
        "_seal_wanted",
        pa.table(
            {"n": pa.array(range(len(wanted)), pa.int32()), "version_id": pa.array(wanted, pa.string())}
        ),
    )
    try:
        counts = connection.execute(
            f"select w.n, count(*) from {relation_sql} as o "
            f"join _seal_wanted as w on w.version_id = o.version_id group by w.n"
        ).fetchall()
        under_way = {n: _Rows(rows) for n, rows in counts}
        tied: list[str] = []
        query = (
            f"select w.n, o.serial, encode({leaf_sql(standard)}) as leaf "
            f"from {relation_sql} as o join _seal_wanted as w on w.version_id = o.version_id"
        )
        with closing(_pieces(connection, query)) as pieces:
            for n, serials, nulls, hashes in pieces:
                if under_way[n].add(hashes, serials, nulls):
                    ordered = under_way.pop(n).ordered()
                    if ordered is None:
                        tied.append(wanted[n])
                    else:
                        results[wanted[n]] = SealResult(fold(ordered)[0].hex(), len(ordered))
    finally:
        connection.unregister("_seal_wanted")
    if under_way:
        raise SealError(f"{relation_sql}: rows changed while they were sealed")
    for version_id in tied:  # a repeated or missing serial: the whole order, text included, decides
        hashes, _ = _ordered_leaves(connection, relation_sql, standard, version_id)
        results[version_id] = SealResult(fold(hashes)[0].hex(), len(hashes))
    return results


def _pieces(
    connection: duckdb.DuckDBPyConnection, query: str
) -> Generator[tuple[int, npt.NDArray[np.int64], int, Hashes]]:
    """(n, serials, null serials, leaf hashes) of each run of rows of one submission, as they come."""
    for batch in _batches(connection, query):
        numbers = batch.column(0).to_numpy()
        is_null = batch.column(1).is_null().to_numpy(zero_copy_only=False)
        serials = batch.column(1).fill_null(0).to_numpy()
        hashes = _leaf_hashes(batch.column(2))
        if bool((numbers[1:] < numbers[:-1]).any()):
            order = np.argsort(numbers, kind="stable")
            numbers, is_null, serials, hashes = numbers[order], is_null[order], serials[order], hashes[order]
        edges = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        for start, end in pairwise(edges):
            yield int(numbers[start]), serials[start:end], int(is_null[start:end].sum()), hashes[start:end]


def _batches(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()
) -> Generator[pa.RecordBatch]:
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
    ends = np.frombuffer(blobs.buffers()[1], dtype=np.int32)[
        blobs.offset : blobs.offset + len(blobs) + 1
    ].tolist()
    text, sha = memoryview(blobs.buffers()[2]), hashlib.sha256
    return as_array(b"".join([sha(text[start:end]).digest() for start, end in pairwise(ends)]))


def _ordered_leaves(
    connection: duckdb.DuckDBPyConnection,
    relation_sql: str,
    standard: Standard,
    version_id: str,
    order_id: str = "",
) -> tuple[Hashes, list[tuple[int, str]]]:
    """All leaf hashes of one submission in leaf order, and (index, leaf text) of the rows of one order."""
    query = f"""
        with leaves as (
            select serial, order_id, encode({leaf_sql(standard)}) as leaf
            from {relation_sql} where version_id = $1
        )
        select leaf, coalesce(order_id = $2, false) as is_wanted
        from leaves order by serial nulls last, encode(order_id) nulls last, leaf
    """
    hashes, found, index = [as_array(b"")], [], 0
    for batch in _batches(connection, query, (version_id, order_id)):
        hashes.append(_leaf_hashes(batch.column(0)))
        for row in np.flatnonzero(batch.column(1).to_numpy(zero_copy_only=False)).tolist():
            found.append((index + row, batch.column(0)[row].as_py()[1:].decode()))
        index += len(batch)
    return np.concatenate(hashes), found


def prove(
    home: Path,
    connection: duckdb.DuckDBPyConnection,
    relation_sql: str,
    receipts: Sequence[Receipt],
    platform_code: str,
    order_id: str,
) -> list[dict[str, Any]]:
    """Proofs that a platform's order lies under the signed HEAD: one for each sealed row of that order.

    Usually one; more where the order was sent again or repeated; none where no sealed submission holds it.
    `receipts`: all of them, oldest first. Verified offline by pipelines.verify.verify_proof. Raises SealError
    where the rows no longer give the sealed root.
    """
    head = read_head(home)
    if head is None or head["number"] > len(receipts):
        raise SealError(
            f"{home / 'receipts'}: HEAD does not match the {len(receipts)} receipts that are known"
        )
    tree = leaf_hashes(map(canonical, receipts[: head["number"]]))
    holders = {
        row[0]
        for row in connection.execute(
            f"select distinct version_id from {relation_sql} where order_id = $1", [order_id]
        ).fetchall()
    }
    proofs = []
    for receipt in receipts[: head["number"]]:
        if receipt["platform_code"] != platform_code or receipt["version_id"] not in holders:
            continue
        hashes, found = _ordered_leaves(connection, relation_sql, load(), receipt["version_id"], order_id)
        receipts_root, receipt_path = fold(tree.copy(), receipt["number"] - 1)
        for index, leaf in found:
            root, path = fold(hashes.copy(), index)
            if root.hex() != receipt["orders_root"] or receipts_root.hex() != head["receipts_root"]:
                raise SealError(
                    f"{receipt['submission']}: rows or receipts no longer give the sealed root; run verify"
                )
            proofs.append({
                "format": PROOF_FORMAT,
                "platform_code": platform_code,
                "order_id": order_id,
                "leaf": leaf,
                "index": index,
                "tree_size": len(hashes),
                "path": [node.hex() for node in path],
                "receipt": receipt,
                "receipt_path": [node.hex() for node in receipt_path],
                "head": head,
            })  # fmt: skip
    return proofs
