"""A small builder of packages by the standard: right by default, easy to break in one place.

    sent = package(orders=[order(1)], enrollment=[spell(1)])      # everything agrees
    sent.folder(inbox); sent.zip(inbox)                           # as it may arrive
    package(orders=[…], raw={"orders": b"…"})                     # other bytes, digests made to agree
    package(…, change={"sequence": "1"}), package(…, entry={"orders": {"rows": 3}})   # one wrong key

Rows are dicts of texts as they stand in a CSV. Identity numbers are of the unassigned area 99.
"""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from warehouse.reference import FOLDER as REGISTERS
from warehouse.standard import Column, load

EXTRACTS = ("enrollment", "orders", "claims")
DAY = date(2025, 11, 5)
NOW = datetime(2025, 11, 6, 8)
CREDIT = {
    row[0]: row[row.index(code)]
    for name in ("platform", "submitters")
    for row in csv.reader((REGISTERS / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:])
    for code in row
    if len(code) == 18
}
CITY = {"110000": "110100", "310000": "310100", "330000": "330100", "440000": "440100", "500000": "500100"}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity(number: int, born: str = "19900101", area: str = "990001") -> str:
    """A valid identity number; the unassigned area 99 unless told otherwise."""
    body = f"{area}{born}{number % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def order(number: int, on: date = DAY, **cells: Any) -> dict[str, Any]:
    """Order o{number}, serial number, by w1 in Shanghai: accepted `number` minutes after 09:00, ten minutes long."""
    accepted = datetime(on.year, on.month, on.day, 9) + timedelta(minutes=number)
    return {
        "order_id": f"o{number}",
        "serial": str(number),
        "work_type": "order",
        "worker_id": "w1",
        "industry": "ride_hailing",
        "city_code": "310100",
        "accepted_at": str(accepted),
        "picked_up_at": "",
        "finished_at": str(accepted + timedelta(minutes=10)),
        "status": "completed",
        "distance_m": "1000",
        "customer_paid_yuan": "",
        "worker_income_yuan": "10.00",
        "premium_yuan": "0.01",
        **cells,
    }


def spell(number: int, **cells: Any) -> dict[str, Any]:
    """Cover c{number} of worker w{number} since 2025-11-01, open."""
    return {
        "coverage_id": f"c{number}",
        "action": "start",
        "worker_id": f"w{number}",
        "id_number": identity(number),
        "programme": "oip",
        "registered_at": "2025-11-01 08:00:00",
        "covered_from": "2025-11-01 08:00:00",
        "covered_to": "",
        "labor_relation": "partial",
        "engagement": "crowdsourced",
        "contracting_party": "",
        "industry": "ride_hailing",
        "city_code": "310100",
        "trade": "",
        **cells,
    }


def claim(number: int, **cells: Any) -> dict[str, Any]:
    """Claim k{number} of w1, injured on order o1."""
    return {
        "claim_id": f"k{number}",
        "worker_id": "w1",
        "id_number": identity(1),
        "programme": "oip",
        "coverage_id": "c1",
        "order_id": "o1",
        "injured_at": "2025-11-05 09:05:00",
        "injury_city_code": "310100",
        "reported_at": "2025-11-05 10:00:00",
        "reported_by": "worker",
        "applied_at": "",
        "outcome": "pending",
        "suspended_days": "",
        "injury_class": "medical",
        "disability_grade": "",
        "benefit_yuan": "",
        **cells,
    }


# -- bytes of an extract ---------------------------------------------------------------------------


def header_of(extract: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The standard's columns that some row has; all mandatory ones where there is no row."""
    names = load().extracts[extract].names
    if not rows:
        return list(load().extracts[extract].mandatory)
    held = {name for row in rows for name in row}
    return [name for name in names if name in held] + sorted(held - set(names))


def csv_bytes(
    extract: str, rows: Sequence[Mapping[str, Any]], *, names: Sequence[str] | None = None, newline: str = "\n",
    encoding: str = "utf-8", bom: bool = False, quoting: Literal[0, 1, 2, 3] = csv.QUOTE_MINIMAL,
) -> bytes:  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(
        text, list(names or header_of(extract, rows)), lineterminator=newline, restval="", quoting=quoting
    )
    writer.writeheader()
    writer.writerows(rows)
    return (b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode(encoding)


def arrow_type(column: Column) -> pa.DataType:
    kinds = {"integer": pa.int64(), "timestamp": pa.timestamp("us"), "date": pa.date32()}
    return (
        pa.decimal128(column.precision, column.scale)
        if column.type == "decimal"
        else kinds.get(column.type, pa.string())
    )


def parquet_bytes(
    extract: str, rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, pa.DataType] | None = None
) -> bytes:
    """Typed columns from texts; `kinds` writes some column in another type (its values are then taken as they are)."""
    arrays, fields = [], []
    for name in header_of(extract, rows):
        given = kinds or {}
        kind = given.get(name) or arrow_type(load().extracts[extract].column(name))
        values = (
            [row.get(name) for row in rows]
            if name in given
            else [_typed(row.get(name), kind) for row in rows]
        )
        arrays.append(pa.array(values, kind))
        fields.append((name, kind))
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), sink)
    return sink.getvalue()


def _typed(text: Any, kind: pa.DataType) -> Any:
    if text in (None, ""):
        return None
    if pa.types.is_decimal(kind):
        return Decimal(text)
    if pa.types.is_integer(kind):
        return int(text)
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(text)
    return str(text)


def totals(extract: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The control totals over rows as sent, as far as they are numbers."""

    def numbers(name: str) -> list[Decimal]:
        found = []
        for row in rows:
            try:
                number = Decimal(str(row.get(name) or "x"))
            except ArithmeticError:
                continue
            found += [number] if number.is_finite() else []
        return found

    if extract == "orders":
        serials = [int(value) for value in numbers("serial")]
        return {
            "orders": len(rows),
            "workers": len({row.get("worker_id") for row in rows if row.get("worker_id")}),
            "premium_yuan": f"{sum(numbers('premium_yuan'), Decimal(0)):f}",
            "first_serial": min(serials, default=None),
            "last_serial": max(serials, default=None),
        }
    amount = "benefit_yuan" if extract == "claims" else "premium_yuan"
    return {"rows": len(rows), amount: f"{sum(numbers(amount), Decimal(0)):f}"}


# -- a package -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """One package as bytes: file name → content, manifest included."""

    name: str
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads(self.files["manifest.json"]))

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.files["manifest.json"]).hexdigest()

    def with_files(self, **files: bytes) -> Sent:
        """Other bytes, digests left as they are; names with dots replaced by underscores (manifest_json=…)."""
        known = {name.replace(".", "_"): name for name in self.files}
        return replace(
            self, files={**self.files, **{known.get(key, key): content for key, content in files.items()}}
        )

    def folder(self, inbox: Path, name: str | None = None) -> Path:
        """As a folder, the manifest written last."""
        target = inbox / (name or self.name)
        target.mkdir(parents=True)
        for file in sorted(self.files, key=lambda file: file == "manifest.json"):
            (target / file).write_bytes(self.files[file])
        return target

    def zip(self, inbox: Path, *, inside: bool = False, compression: int = zipfile.ZIP_DEFLATED) -> Path:
        """As a zip, renamed into place; `inside`: in one folder named like the package."""
        inbox.mkdir(parents=True, exist_ok=True)
        target = inbox / f"{self.name}.zip"
        with zipfile.ZipFile(f"{target}.part", "w", compression) as archive:
            for file, content in self.files.items():
                archive.writestr(f"{self.name}/{file}" if inside else file, content)
        Path(f"{target}.part").rename(target)
        return target


def package(
    *,
    platform: str = "P01",
    province: str = "310000",
    on: date = DAY,
    sequence: int = 1,
    sent: str | None = None,
    previous: str | None = None,
    reason: Any = None,
    orders: Iterable[Mapping[str, Any]] = (),
    enrollment: Iterable[Mapping[str, Any]] = (),
    claims: Iterable[Mapping[str, Any]] = (),
    forms: Mapping[str, str] | str = "csv",
    encoding: str = "utf-8",
    raw: Mapping[str, bytes] | None = None,
    change: Mapping[str, Any] | None = None,
    entry: Mapping[str, Mapping[str, Any]] | None = None,
    without: Sequence[str] = (),
    signed_by: tuple[str, Ed25519PrivateKey] | None = None,
    **style: Any,
) -> Sent:
    """A package that agrees with itself, but for what is asked for.

    `raw`: an extract's bytes (sizes and digests follow them); `change` replaces keys of the manifest, `entry` those of
    an extract's object; `without` drops keys of the manifest; `style` goes to csv_bytes.
    """
    files: dict[str, bytes] = {}
    objects = []
    for extract, given in (("enrollment", enrollment), ("orders", orders), ("claims", claims)):
        rows = list(given)
        form = forms if isinstance(forms, str) else forms.get(extract, "csv")
        content = (raw or {}).get(extract)
        if content is None:
            text = (
                parquet_bytes(extract, rows)
                if form == "parquet"
                else csv_bytes(extract, rows, encoding=encoding, **style)
            )
            content = gzip.compress(text, mtime=0) if form == "csv.gz" else text
        file = str((entry or {}).get(extract, {}).get("file", f"{extract}.{form}"))
        files[Path(file.replace("\0", "")).name or f"{extract}.{form}"] = content
        described = {
            "extract": extract,
            "file": file,
            "format": form,
            "encoding": None if form == "parquet" else encoding,
            "rows": len(rows),
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "totals": totals(extract, rows),
            "nil": not rows,
            **(entry or {}).get(extract, {}),
        }
        objects.append({key: value for key, value in described.items() if value is not DROP})
    manifest: dict[str, Any] = {
        "standard_version": "1.0",
        "platform_code": platform,
        "credit_code": CREDIT[platform],
        "province_code": province,
        "business_date": on.isoformat(),
        "sequence": sequence,
        "submitted_at": sent or f"{on + timedelta(days=1)}T02:00:00+08:00",
        "reason": reason or ({"code": "correction", "text": "更正"} if sequence > 1 else None),
        "previous_digest": previous,
        "extracts": objects,
        "signature": None,
        **(change or {}),
    }
    manifest = {key: value for key, value in manifest.items() if key not in without}
    if signed_by is not None:
        rest = {key: value for key, value in manifest.items() if key != "signature"}
        value = base64.b64encode(signed_by[1].sign(rfc8785.dumps(rest))).decode()
        manifest["signature"] = {"algorithm": "ed25519", "key_id": signed_by[0], "value": value}
    files["manifest.json"] = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    return Sent(f"{platform}-{province}-{on:%Y%m%d}-{sequence}", files)


DROP = object()  # in `entry`: leave the key out


def good(**more: Any) -> Sent:
    """Two paid orders of one covered worker: no rule has anything to say."""
    return package(**{"orders": [order(1), order(2)], "enrollment": [spell(1)], **more})
