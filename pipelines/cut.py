"""The careful way: a CSV cut line by line, so that a bad line never costs a good neighbour.

A record is a physical line. Where a quote stays open at its end the following lines are tried too, and taken only
if together they make a record of the right width; otherwise the first line alone is malformed. Blank lines are no
records. A lone carriage return ends a line only where it ends the header, or where the pieces that it would make
are each of the right width; elsewhere it is a control character inside a cell.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.text import KEPT, mask

LINE_LIMIT = 1 << 16  # a longer line is malformed: no row of the standard comes near it
TRIED = 20  # lines that a quote may keep open
BATCH = 50_000


@dataclass(frozen=True)
class Record:
    """One record: line number in the file, its bytes, and its cells or what is wrong with it as a whole."""

    line: int
    raw: bytes
    cells: list[str] | None
    fault: str | None = None


def records(
    handle: BinaryIO, encoding: str, width: int, newline: str = "\n", *, joining: bool = True
) -> Iterator[Record]:
    """The records after the header, of `width` cells. `joining`: a quote may keep a record open over several lines."""
    lines = _physical_lines(handle, newline)
    next(lines, None)
    pending: deque[tuple[int, bytes]] = deque()
    while True:
        item = pending.popleft() if pending else next(lines, None)
        if item is None:
            return
        number, raw = item
        if not raw.strip(b"\r\n"):
            continue
        whole = _record(number, raw, encoding, width)
        if whole.cells is None and joining and raw.count(b'"') % 2:
            whole = _joined(item, lines, pending, encoding, width) or whole
        if whole.cells is None and b"\r" in raw.rstrip(b"\r\n"):
            pieces = [
                _record(number, piece, encoding, width)
                for piece in raw.splitlines(keepends=True)
                if piece.strip(b"\r\n")
            ]
            if all(piece.cells is not None for piece in pieces):
                yield from pieces
                continue
        yield whole


def _joined(
    first: tuple[int, bytes],
    lines: Iterator[tuple[int, bytes]],
    pending: deque[tuple[int, bytes]],
    encoding: str,
    width: int,
) -> Record | None:
    """The record that starts on this line and ends on a later one; None (and nothing taken) where there is none."""
    taken: list[tuple[int, bytes]] = []
    joined = first[1]
    while len(taken) < TRIED and len(joined) < LINE_LIMIT:
        following = pending.popleft() if pending else next(lines, None)
        if following is None:
            break
        taken.append(following)
        joined += following[1]
        if following[1].count(b'"') % 2:
            break
    together = _record(first[0], joined, encoding, width) if taken else None
    if together is not None and together.cells is not None:
        return together
    pending.extendleft(reversed(taken))
    return None


def _physical_lines(handle: BinaryIO, newline: str) -> Iterator[tuple[int, bytes]]:
    """(number, bytes) of each line; a line over the limit comes cut and ends in a NUL, so that it is never a row."""
    number = 0
    pieces = _by_returns(handle) if newline == "\r" else iter(lambda: handle.readline(LINE_LIMIT + 1), b"")
    skipping = False
    for raw in pieces:
        ended = raw.endswith(b"\n") or (newline == "\r" and raw.endswith(b"\r"))
        if skipping:
            skipping = not ended
            continue
        number += 1
        if not ended and len(raw) > LINE_LIMIT:
            skipping = True
            raw = raw[:LINE_LIMIT] + b"\0"
        yield number, raw


def _by_returns(handle: BinaryIO) -> Iterator[bytes]:
    """Lines of a file that ends them with lone carriage returns (or with anything else), in pieces within the limit."""
    rest = b""
    while chunk := handle.read(1 << 20):
        parts = (rest + chunk).splitlines(keepends=True)
        rest = parts.pop()  # the last may go on, or be a return whose feed is still to come
        yield from (
            part[i : i + LINE_LIMIT + 1] for part in parts for i in range(0, len(part), LINE_LIMIT + 1)
        )
        while len(rest) > LINE_LIMIT + 1:
            yield rest[: LINE_LIMIT + 1]
            rest = rest[LINE_LIMIT + 1 :]
    if rest:
        yield rest


def _record(line: int, raw: bytes, encoding: str, width: int) -> Record:
    if len(raw) > LINE_LIMIT and raw.endswith(b"\0"):
        return Record(line, raw, None, f"longer than {LINE_LIMIT} bytes")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        return Record(line, raw, None, f"not {encoding}: byte {error.start + 1} of the line")
    if "\0" in text:
        return Record(line, raw, None, "a NUL byte")
    text = text.removesuffix("\n").removesuffix("\r")
    try:
        # a lone carriage return inside: hidden from csv, which would take it for a line's end
        rows = list(csv.reader(io.StringIO(text.replace("\r", "\0"), newline=""), strict=True))
    except csv.Error as error:
        return Record(line, raw, None, f"broken quotes: {str(error).splitlines()[0]}")
    if len(rows) != 1:
        return Record(line, raw, None, "broken quotes")
    if len(rows[0]) != width:
        return Record(line, raw, None, f"{len(rows[0])} fields, expected {width}")
    return Record(line, raw, [cell.replace("\0", "\r") for cell in rows[0]])


def carefully(
    path: Path, target: Path, encoding: str, header: tuple[str, ...], newline: str, rows: int
) -> int:
    """Cut a CSV into Parquet of texts; returns the number of records seen.

    Columns: row_no, line_no, fault, fault_text (of a malformed line, masked), and the header's; a malformed line
    keeps its place with all cells empty. An open quote that swallows lines is believed only as long as the
    number of rows comes out as declared.
    """
    count = 0
    for joining in (True, False):
        with path.open("rb") as handle:
            count = _write(
                records(handle, encoding, len(header), newline, joining=joining), target, encoding, header
            )
        if count == rows:
            break
    return count


def _write(found: Iterator[Record], target: Path, encoding: str, header: tuple[str, ...]) -> int:
    kinds = [
        ("row_no", pa.int64()),
        ("line_no", pa.int64()),
        ("fault", pa.string()),
        ("fault_text", pa.string()),
    ]
    schema = pa.schema(kinds + [(name, pa.string()) for name in header])
    empty: list[str | None] = [None] * len(header)
    count = 0
    with pq.ParquetWriter(target, schema) as writer:
        rows: list[list[object]] = []
        for record in found:
            count += 1
            if record.cells is None:
                text = mask(
                    record.raw[: KEPT * 4].decode(encoding, "replace").rstrip("\r\n").replace("\0", "\ufffd")
                )[:KEPT]
                rows.append([count, record.line, record.fault, text, *empty])
            else:
                rows.append([count, record.line, None, None, *(cell or None for cell in record.cells)])
            if len(rows) >= BATCH:
                writer.write_table(_table(rows, schema))
                rows = []
        writer.write_table(_table(rows, schema))
    return count


def _table(rows: list[list[object]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    return pa.Table.from_arrays(
        [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)], schema=schema
    )
