"""Writing packages: extract files in the formats of the standard, the manifest last, the chain of
receipts kept.

Everything is built under a name ending in `.part`, which an inbox ignores, and renamed into place when whole.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from data_samples.world import Cell
from warehouse import standard

STANDARD = standard.load("1.0")
EXTRACTS = ("enrollment", "orders", "claims")
OFFSET = "+08:00"
GZIP_LEVEL = 3
_DTYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(), "timestamp": pl.Datetime("us"), "date": pl.Date(),
}  # fmt: skip


def schema(extract: standard.Extract) -> dict[str, pl.DataType]:
    """The storage type of every column of an extract or a witness file; whatever is not a number or a
    time is text."""
    return {
        column.name: pl.Decimal(column.precision or 12, column.scale or 0)
        if column.type == "decimal"
        else _DTYPES.get(column.type, pl.String())
        for column in extract.columns
    }


SCHEMAS = {name: schema(STANDARD.extracts[name]) for name in EXTRACTS}


@dataclass(frozen=True)
class Style:
    """How one platform writes. `shuffled`: its columns come in an order of its own; `lean`: it leaves out
    columns that are empty throughout."""

    format: str = "csv"
    encoding: str = "utf-8"
    bom: bool = False
    zipped: bool = False
    zip_folder: bool = False
    shuffled: bool = False
    lean: bool = False


STYLES = {
    "csv": Style(),
    "csv.gz": Style(format="csv.gz"),
    "gb18030": Style(encoding="gb18030"),
    "bom": Style(bom=True),
    "parquet": Style(format="parquet"),
    "zip": Style(zipped=True),
}
_MIXED = (
    Style(), Style(shuffled=True, lean=True), Style(), Style(format="csv.gz"), Style(encoding="gb18030"), Style(lean=True),
    Style(format="parquet"), Style(bom=True), Style(zipped=True), Style(format="parquet", lean=True), Style(),
    Style(zipped=True, zip_folder=True, format="csv.gz", lean=True), Style(encoding="gb18030", shuffled=True),
)  # fmt: skip


def style_of(cell: Cell, formats: str) -> Style:
    """The cell's way of writing: the one asked for, or, mixed, one of a dozen that its name picks."""
    if formats != "mixed":
        if formats not in STYLES:
            raise ValueError(f"unknown format {formats} (known: mixed, {', '.join(STYLES)})")
        return STYLES[formats]
    return _MIXED[(cell.platform_no * 5 + cell.province_no * 3) % len(_MIXED)]


class _Digest(io.RawIOBase):
    """A sink that counts and hashes what it passes on."""

    def __init__(self, sink: IO[bytes]) -> None:
        self.sink, self.size, self.hash = sink, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sink.write(data)
        self.hash.update(data)
        self.size += len(data)
        return len(data)


def columns_of(extract: str, style: Style, cell: Cell, table: pl.DataFrame | None) -> list[str]:
    """The header of a file. `table`: the whole extract where it is at hand, so that empty columns can be
    left out."""
    names = list(STANDARD.extracts[extract].names)
    if style.lean and table is not None:
        nullable = {column.name for column in STANDARD.extracts[extract].columns if column.null}
        names = [
            n
            for n in names
            if n not in nullable or (n in table.columns and table[n].null_count() < len(table))
        ]
    if style.shuffled:
        names.sort(key=lambda name: zlib.crc32(f"{cell.platform}{name}".encode()))
    return names


def write_extract(
    folder: Path, extract: str, tables: Iterable[pl.DataFrame], names: list[str], style: Style
) -> dict[str, Any]:
    """One extract's file, from tables that hold the standard's columns (absent ones are all null).

    Returns its entry in the manifest.
    """
    file = f"{extract}.{style.format}"
    types = {name: SCHEMAS[extract][name] for name in names}
    totals = _Totals(extract)
    with (folder / file).open("wb", buffering=1 << 20) as sink:
        digest = _Digest(sink)
        if style.format == "parquet":
            _write_parquet(digest, tables, types, totals)
        elif style.format == "csv.gz":
            with gzip.GzipFile("", "wb", GZIP_LEVEL, digest, mtime=0) as packed:
                _write_csv(packed, tables, types, style, totals)
        else:
            _write_csv(digest, tables, types, style, totals)
    return {
        "extract": extract, "file": file, "format": style.format,
        "encoding": None if style.format == "parquet" else style.encoding,
        "rows": totals.rows, "bytes": digest.size, "sha256": digest.hash.hexdigest(),
        "totals": totals.declared(), "nil": totals.rows == 0,
    }  # fmt: skip


def shaped(table: pl.DataFrame, types: dict[str, pl.DataType]) -> pl.DataFrame:
    """All columns of `types`, in that order; those that the table lacks are null."""
    return table.select(
        pl.col(name).cast(kind) if name in table.columns else pl.lit(None, dtype=kind).alias(name)
        for name, kind in types.items()
    )


def _write_csv(
    sink: Any, tables: Iterable[pl.DataFrame], types: dict[str, pl.DataType], style: Style, totals: _Totals
) -> None:
    if style.bom:
        sink.write(b"\xef\xbb\xbf")
    sink.write((",".join(types) + "\n").encode())
    for table in tables:
        whole = shaped(table, types)
        totals.add(whole)
        buffer = io.BytesIO()
        whole.write_csv(buffer, include_header=False, datetime_format="%Y-%m-%d %H:%M:%S")
        text = buffer.getbuffer()
        sink.write(text if style.encoding == "utf-8" else bytes(text).decode().encode(style.encoding))


def _write_parquet(
    sink: Any, tables: Iterable[pl.DataFrame], types: dict[str, pl.DataType], totals: _Totals
) -> None:
    target = pa.schema([(name, _arrow(kind)) for name, kind in types.items()])
    with pq.ParquetWriter(pa.PythonFile(sink, "w"), target, compression="zstd") as writer:
        for table in tables:
            whole = shaped(table, types)
            totals.add(whole)
            writer.write_table(whole.to_arrow().cast(target))


def _arrow(kind: pl.DataType) -> pa.DataType:
    if isinstance(kind, pl.Decimal):
        return pa.decimal128(kind.precision, kind.scale)
    if isinstance(kind, pl.Datetime):
        return pa.timestamp("us")
    return {pl.Int64(): pa.int64(), pl.Date(): pa.date32()}.get(kind, pa.string())


class _Totals:
    """The control totals of one extract, added up table by table."""

    def __init__(self, extract: str) -> None:
        self.extract, self.rows, self.yuan = extract, 0, Decimal(0)
        self.workers: list[pl.Series] = []
        self.serials: list[int] = []

    def add(self, table: pl.DataFrame) -> None:
        self.rows += len(table)
        amount = "benefit_yuan" if self.extract == "claims" else "premium_yuan"
        if amount in table.columns and len(table):
            scale = SCHEMAS[self.extract][amount].scale  # type: ignore[attr-defined]
            cents = (table[amount].cast(pl.Float64) * 10**scale).round().cast(pl.Int64).sum()
            self.yuan += Decimal(int(cents)).scaleb(-scale)
        if self.extract == "orders" and len(table):
            self.workers.append(table["worker_id"].unique())
            self.serials += [int(table["serial"].min()), int(table["serial"].max())]  # type: ignore[arg-type]

    def declared(self) -> dict[str, Any]:
        if self.extract != "orders":
            return {
                "rows": self.rows,
                ("benefit" if self.extract == "claims" else "premium") + "_yuan": f"{self.yuan:f}",
            }
        return {
            "orders": self.rows,
            "workers": pl.concat(self.workers).n_unique() if self.workers else 0,
            "premium_yuan": f"{self.yuan:f}",
            "first_serial": min(self.serials, default=None),
            "last_serial": max(self.serials, default=None),
        }


@dataclass(frozen=True)
class Draft:
    """A package whose files are written and whose manifest waits for the digest of the one sent before it."""

    cell: Cell
    business_date: date
    sequence: int
    submitted_at: datetime
    reason: tuple[str, str] | None
    folder: Path
    style: Style
    extracts: tuple[dict[str, Any], ...]

    @property
    def name(self) -> str:
        return package_name(self.cell, self.business_date, self.sequence)


@dataclass(frozen=True)
class Sent:
    """One version of a day in memory, as a platform sent it; the frames hold the standard's columns."""

    cell: Cell
    business_date: date
    sequence: int
    submitted_at: datetime
    reason: tuple[str, str] | None
    enrollment: pl.DataFrame
    orders: pl.DataFrame
    claims: pl.DataFrame

    @property
    def name(self) -> str:
        return package_name(self.cell, self.business_date, self.sequence)


def package_name(cell: Cell, on: date, sequence: int) -> str:
    return f"{cell.platform}-{cell.province}-{on:%Y%m%d}-{sequence}"


def finish(out: Path, draft: Draft, previous: str | None) -> str:
    """Writes the manifest, puts the package in place and returns the manifest's digest."""
    manifest = {
        "standard_version": STANDARD.version,
        "platform_code": draft.cell.platform,
        "credit_code": draft.cell.credit_code,
        "province_code": draft.cell.province,
        "business_date": draft.business_date.isoformat(),
        "sequence": draft.sequence,
        "submitted_at": draft.submitted_at.isoformat() + OFFSET,
        "reason": {"code": draft.reason[0], "text": draft.reason[1]} if draft.reason else None,
        "previous_digest": previous,
        "extracts": list(draft.extracts),
        "signature": None,
    }
    data = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    if draft.style.zipped:
        _zip(out / f"{draft.name}.zip", draft, data)
        shutil.rmtree(draft.folder)
    else:
        (draft.folder / "manifest.json").write_bytes(data)
        draft.folder.rename(out / draft.name)
    return hashlib.sha256(data).hexdigest()


def _zip(target: Path, draft: Draft, manifest: bytes) -> None:
    """A zip of the package's files, the manifest last, with fixed times so that the bytes depend on
    nothing else."""
    inside = f"{draft.name}/" if draft.style.zip_folder else ""
    part = target.with_name(target.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=GZIP_LEVEL) as archive:
        for entry in draft.extracts:
            with (
                (draft.folder / entry["file"]).open("rb") as source,
                archive.open(_info(inside + entry["file"]), "w") as member,
            ):
                shutil.copyfileobj(source, member, 1 << 20)
        archive.writestr(_info(inside + "manifest.json"), manifest)
    part.rename(target)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
