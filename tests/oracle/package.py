"""One package (folder or zip): its bytes, its manifest, its text rows, and every reason to refuse it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import re
import stat
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from .reference import Reference, in_force, night_of
from .signature import manifest_signed
from .standard import CODES, EXTRACTS, MANIFEST_KEYS
from .typing_rows import Row, credit_code_valid, type_row

csv.field_size_limit(1 << 30)
NAME = re.compile(r"([A-Za-z0-9_]+)-(\d{6})-(\d{8})-([1-9]\d*)", re.ASCII)
SHANGHAI = timezone(timedelta(hours=8))
OFFSET = re.compile(r".*(Z|[+-]\d\d:?\d\d)")
TOLERANCE = timedelta(minutes=10)


@dataclass
class Package:
    """grain: one version as handed in. `reasons` are (rule, text); status comes from inbox.decide."""

    name: str
    files: dict[str, bytes | None]  # None: a link or a folder in place of a file
    reasons: list[tuple[str, str]] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)
    platform: str = ""
    province: str = ""
    day: date | None = None
    sequence: int = 0
    submitted_at: datetime | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    status: str = ""

    @property
    def manifest_digest(self) -> str:
        raw = self.files.get("manifest.json")
        return hashlib.sha256(raw).hexdigest() if raw is not None else ""

    @property
    def content(self) -> str:
        """The same for a folder and for a zip of it: the bytes of every file, by name."""
        whole = hashlib.sha256()
        for name in sorted(self.files):
            whole.update(name.encode() + b"\0" + hashlib.sha256(self.files[name] or b"").digest())
        return whole.hexdigest()

    @property
    def key(self) -> tuple[str, str, str]:
        return self.platform, self.province, self.day.isoformat() if self.day else ""

    @property
    def night(self) -> date | None:
        return night_of(self.submitted_at) if self.submitted_at else None

    @property
    def sent(self) -> datetime:
        assert self.submitted_at is not None
        return self.submitted_at

    @property
    def on(self) -> date:
        assert self.day is not None
        return self.day

    def refuse(self, rule: str, text: str) -> None:
        if (rule, text) not in self.reasons:
            self.reasons.append((rule, text))


# bytes ------------------------------------------------------------------------------------------------
def files_of_folder(folder: Path) -> dict[str, bytes | None]:
    return {
        p.name: None if p.is_symlink() or not p.is_file() else p.read_bytes()
        for p in sorted(folder.iterdir())
    }


def files_of_zip(path: Path) -> dict[str, bytes | None] | None:
    """The files at the top or in one folder named like the package; None for what is no zip."""
    found: dict[str, bytes | None] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                name = info.filename.removeprefix(path.stem + "/")
                if info.is_dir() or not name:
                    continue
                link = stat.S_ISLNK(info.external_attr >> 16)
                found[name] = None if link else archive.read(info)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        return None
    return found


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({k for k, _ in pairs}) != len(pairs):
        raise ValueError("a JSON key is given twice")
    return dict(pairs)


def parse_time(text: Any) -> datetime | None:
    """A timestamp with offset, as Asia/Shanghai wall time."""
    if not isinstance(text, str) or not OFFSET.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text).astimezone(SHANGHAI).replace(tzinfo=None)
    except ValueError:
        return None


# the manifest -----------------------------------------------------------------------------------------
def _manifest_faults(m: dict[str, Any]) -> list[str]:
    """What makes a manifest unreadable (S01), key by key."""
    faults = [f"unknown key {k}" for k in sorted(set(m) - MANIFEST_KEYS)]
    if m.get("standard_version") != "1.0":
        faults.append("standard_version is not 1.0")
    faults += [
        f"{key} is not text"
        for key in ("platform_code", "credit_code", "province_code")
        if not isinstance(m.get(key), str)
    ]
    sequence = m.get("sequence")
    if isinstance(sequence, bool) or not isinstance(sequence, int) or sequence < 1:
        faults.append("sequence is not a positive integer")
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", m.get("business_date", "")):
            raise ValueError
        date.fromisoformat(m["business_date"])
    except (ValueError, TypeError):
        faults.append("business_date is not a date")
    if parse_time(m.get("submitted_at")) is None:
        faults.append("submitted_at is not a timestamp with offset")
    if not isinstance(m.get("reason"), dict | None) or not isinstance(m.get("signature"), dict | None):
        faults.append("reason or signature is not an object")
    if not isinstance(m.get("previous_digest"), str | None):
        faults.append("previous_digest is not text")
    extracts = m.get("extracts")
    if not isinstance(extracts, list) or not all(isinstance(x, dict) for x in extracts):
        return [*faults, "extracts is not a list of objects"]
    if sorted(str(x.get("extract")) for x in extracts) != sorted(EXTRACTS):
        faults.append("extracts are not enrollment, orders and claims, once each")
    for x in extracts:
        name = x.get("file")
        if not isinstance(name, str) or not name or "/" in name or "\\" in name or name in (".", ".."):
            faults.append("file is not a bare file name")
        if x.get("format") not in ("csv", "csv.gz", "parquet"):
            faults.append("unknown format")
        elif x["format"] != "parquet" and x.get("encoding") not in ("utf-8", "gb18030"):
            faults.append("unknown encoding")
        for key in ("rows", "bytes"):
            if isinstance(x.get(key), bool) or not isinstance(x.get(key), int):
                faults.append(f"{key} is not an integer")
        if not isinstance(x.get("sha256"), str) or not isinstance(x.get("totals"), dict):
            faults.append("sha256 or totals is missing")
        if not isinstance(x.get("nil"), bool):
            faults.append("nil is not true or false")
    return faults


def read_manifest(p: Package) -> bool:
    """Fills the package from its manifest; False where it cannot be read (S01)."""
    named = NAME.fullmatch(p.name)
    if named:
        p.platform, p.province, p.sequence = named[1], named[2], int(named[4])
        try:
            p.day = datetime.strptime(named[3], "%Y%m%d").date()
        except ValueError:
            p.day = None
    raw = p.files.get("manifest.json")
    if raw is None:
        p.refuse("S01", "no manifest.json")
        return False
    try:
        m = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_no_duplicates, parse_float=Decimal)
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        p.refuse("S01", str(error))
        return False
    faults = _manifest_faults(m) if isinstance(m, dict) else ["not an object"]
    for fault in faults:
        p.refuse("S01", fault)
    if faults:
        return False
    p.manifest, p.platform, p.province = m, m["platform_code"], m["province_code"]
    p.day, p.sequence = date.fromisoformat(m["business_date"]), m["sequence"]
    p.submitted_at = parse_time(m["submitted_at"])
    if p.name != f"{p.platform}-{p.province}-{p.on:%Y%m%d}-{p.sequence}":
        p.refuse("S01", "the package's name does not say what the manifest says")
    return True


def check_manifest(p: Package, reference: Reference, now: datetime) -> None:
    """Codes, credit code, clock and signature of a readable manifest."""
    m = p.manifest
    if not reference.knows_platform(p.platform):
        p.refuse("S08", "unknown platform_code")
    elif m["credit_code"] not in reference.credit_codes(p.platform):
        p.refuse("V02", "credit_code is not the register's")
    if not credit_code_valid(m["credit_code"]):
        p.refuse("V02", "credit_code has a wrong check character")
    if not reference.knows_province(p.province):
        p.refuse("S08", "unknown province_code")
    if isinstance(m.get("reason"), dict) and m["reason"].get("code") not in CODES["reason"]:
        p.refuse("S08", "unknown reason code")
    if p.sent > now + TOLERANCE:
        p.refuse("V04", "submitted_at lies in the future")
    keys = [
        r
        for r in reference.rows("platform_keys")
        if r["platform_code"] == p.platform and in_force(r, p.sent.date())
    ]
    if keys:
        signature = m.get("signature") or {}
        named = [k for k in keys if k["key_id"] == signature.get("key_id")]
        if signature.get("algorithm") != "ed25519" or not any(
            manifest_signed(m, k["public_key"]) for k in named
        ):
            p.refuse("S03", "signature wrong or missing")


# the extracts -----------------------------------------------------------------------------------------
def _parquet_table(raw: bytes) -> tuple[list[str], list[list[str]]]:
    import pyarrow.parquet  # only to turn the file into text rows

    table = pyarrow.parquet.read_table(io.BytesIO(raw))
    columns = [["" if v is None else str(v) for v in column.to_pylist()] for column in table.columns]
    return list(table.column_names), [list(row) for row in zip(*columns, strict=True)]


def _text_table(raw: bytes, packed: bool, encoding: str) -> tuple[list[str], list[list[str]]]:
    if packed:
        raw = gzip.decompress(raw)
    text = raw.decode(encoding).removeprefix("\ufeff")
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    return (rows[0], rows[1:]) if rows else ([], [])


def read_extract(p: Package, declared: dict[str, Any], reference: Reference) -> None:
    """S02 and S05 of one extract, then its rows, typed."""
    extract, name = declared["extract"], declared["file"]
    raw = p.files.get(name)
    if raw is None:
        p.refuse("S02", f"{name} is missing or a link")
        return
    if len(raw) != declared["bytes"] or hashlib.sha256(raw).hexdigest() != declared["sha256"].lower():
        p.refuse("S02", f"{name}: bytes or sha256 differ")
    try:
        if declared["format"] == "parquet":
            header, body = _parquet_table(raw)
        else:
            header, body = _text_table(raw, declared["format"] == "csv.gz", declared["encoding"])
    except Exception as error:
        p.refuse("S02", f"{name} cannot be read: {type(error).__name__}")
        return
    if len(body) != declared["rows"] or declared["nil"] != (len(body) == 0):
        p.refuse("S02", f"{name}: rows or nil differ")
    columns = EXTRACTS[extract]
    missing = [c.name for c in columns.values() if not c.null and c.name not in header]
    if missing or set(header) - set(columns) or len(set(header)) != len(header):
        p.refuse("S05", f"{name}: columns missing, repeated or unknown")
        return
    rows = []
    for number, cells in enumerate(body, 1):
        row = Row(extract, p.platform, p.province, p.on, p.sequence, number, p.sent, {})
        if len(cells) == len(header):
            row.text = dict(zip(header, cells, strict=True))
        else:
            row.broken[""] = "S06"
        rows.append(type_row(row, reference))
    p.rows[extract] = rows


def read_package(name: str, files: dict[str, bytes | None], reference: Reference, now: datetime) -> Package:
    p = Package(name, files)
    if read_manifest(p):
        check_manifest(p, reference, now)
        for declared in p.manifest["extracts"]:
            read_extract(p, declared, reference)
    return p
