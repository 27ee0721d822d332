"""A drawn night onto disk, in every format of the standard, its faults included."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.differential.nights import Night, Sent
from tests.differential.rows import CREDIT, Row
from tests.oracle.standard import EXTRACTS
from tests.oracle.tiny import declared_totals


def write(made: Night, inbox: Path) -> None:
    inbox.mkdir(parents=True)
    last: dict[tuple[str, str], str | None] = {}
    for package in made.packages:
        pair = (package.platform, package.province)
        before = last.get(pair) if not package.wrong_chain else "0" * 64
        files = _files(package, before, made.now)
        if (inbox / package.name).exists() and not package.zipped:
            continue
        last[pair] = hashlib.sha256(files["manifest.json"]).hexdigest()
        if package.zipped:
            with zipfile.ZipFile(inbox / f"{package.name}.zip", "w") as archive:
                for name, raw in files.items():
                    archive.writestr(name, raw)
            continue
        folder = inbox / package.name
        folder.mkdir()
        for name, raw in files.items():
            (folder / name).write_bytes(raw)
    for name, text in made.files.items():
        (inbox / name).write_text(text, encoding="utf-8")


def _files(package: Sent, before: str | None, now: datetime) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    extracts = []
    for extract in ("enrollment", "orders", "claims"):
        rows = package.rows[extract]
        name, form, encoding, raw = _pack(extract, rows, package.packed)
        if package.fault == "short" and extract == "orders" and rows and form == "csv":
            raw = raw.rstrip(b"\r\n").rpartition(b",")[0] + b"\n"  # the last row lacks its last field
        if package.fault == "column" and extract == "orders":
            raw = raw.replace(b"worker_id", b"worker", 1)
        files[name] = raw
        totals = {
            k: v if v is None or isinstance(v, int) else str(v)
            for k, v in declared_totals(extract, rows, package.on).items()
        }
        if package.fault == "totals" and extract == "orders":
            totals |= {"workers": 77, "premium_yuan": "12345.0"}
        extracts.append(
            {
                "extract": extract,
                "file": name,
                "format": form,
                "encoding": encoding,
                "rows": len(rows) + (package.fault == "rows" and extract == "orders"),
                "bytes": len(raw),
                "sha256": hashlib.sha256(raw + (b"x" if package.fault == "sha" else b"")).hexdigest(),
                "nil": not rows if package.fault != "nil" else bool(rows),
                "totals": totals,
            }
        )
    manifest = {
        "standard_version": "1.0",
        "platform_code": package.platform,
        "credit_code": CREDIT[
            package.platform if package.fault != "credit" else "P09" if package.platform != "P09" else "P08"
        ],
        "province_code": package.province if package.fault != "name" else "110000",
        "business_date": package.on.isoformat(),
        "sequence": package.sequence,
        "submitted_at": f"{(package.at if package.fault != 'future' else now + timedelta(minutes=11)).isoformat()}+08:00",
        "reason": package.reason,
        "previous_digest": before,
        "extracts": extracts,
        "signature": None,
        **({"surplus": 1} if package.fault == "key" else {}),
    }
    raw = json.dumps(manifest, ensure_ascii=False).encode()
    files["manifest.json"] = raw if package.fault != "json" else raw[:-1]
    return files


def _pack(extract: str, rows: list[Row], packed: str) -> tuple[str, str, str | None, bytes]:
    """(file name, format, encoding, bytes); columns that are empty throughout are left out where they may be."""
    names = [c for c, column in EXTRACTS[extract].items() if not column.null or any(r.get(c) for r in rows)]
    if packed == "parquet":
        columns = {c: pa.array([str(r.get(c, "")) or None for r in rows], pa.string()) for c in names}
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns), buffer)
        return f"{extract}.parquet", "parquet", None, buffer.getvalue()
    text = io.StringIO()
    writer = csv.DictWriter(
        text, names, lineterminator="\r\n" if packed == "crlf" else "\n", restval="", extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows(rows)
    raw = text.getvalue().encode("gb18030" if packed == "gb" else "utf-8")
    if packed == "gz":
        return f"{extract}.csv.gz", "csv.gz", "utf-8", gzip.compress(raw, mtime=0)
    return f"{extract}.csv", "csv", "gb18030" if packed == "gb" else "utf-8", raw
