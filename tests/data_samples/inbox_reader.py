"""A reader of inboxes that shares nothing with the project: standard library and pandas."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

TIMES = (
    "registered_at", "covered_from", "covered_to", "accepted_at", "picked_up_at", "finished_at", "injured_at",
    "reported_at", "applied_at", "confirmed_at", "appraised_at", "decided_at", "paid_at",
)  # fmt: skip
NUMBERS = (
    "serial",
    "distance_m",
    "customer_paid_yuan",
    "worker_income_yuan",
    "premium_yuan",
    "benefit_yuan",
    "medical_yuan",
)


@dataclass
class Package:
    name: str
    manifest: dict[str, Any]
    digest: str
    files: dict[str, bytes]
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)


def packages(inbox: Path) -> list[Package]:
    """Every package, its tables typed, checked against nothing."""
    found = []
    for path in sorted(inbox.iterdir()):
        if path.is_dir():
            files = {each.name: each.read_bytes() for each in path.iterdir()}
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                files = {Path(name).name: archive.read(name) for name in archive.namelist()}
                assert Path(archive.namelist()[-1]).name == "manifest.json"
        else:
            continue
        raw = files.pop("manifest.json")
        package = Package(
            path.name.removesuffix(".zip"), json.loads(raw), hashlib.sha256(raw).hexdigest(), files
        )
        for entry in package.manifest["extracts"]:
            package.tables[entry["extract"]] = _table(entry, files[entry["file"]])
        found.append(package)
    return found


def _table(entry: dict[str, Any], data: bytes) -> pd.DataFrame:
    if entry["format"] == "parquet":
        table = pd.read_parquet(io.BytesIO(data))
    else:
        if entry["format"] == "csv.gz":
            data = gzip.decompress(data)
        encoding = "utf-8-sig" if entry["encoding"] == "utf-8" else entry["encoding"]
        table = pd.read_csv(
            io.BytesIO(data), dtype=str, encoding=encoding, keep_default_na=False, na_values=[""]
        )
    for name in TIMES:
        if name in table:
            table[name] = pd.to_datetime(table[name]).astype("datetime64[us]")
    for name in NUMBERS:
        if name in table:
            table[name] = pd.to_numeric(table[name].astype("object"), errors="raise").astype(float)
    return table


def together(found: list[Package], extract: str, *, current: bool = True) -> pd.DataFrame:
    """One extract of all packages, of the highest sequences only; with platform, province, date, sequence, sent."""
    newest: dict[tuple[str, str, str], int] = {}
    for package in found:
        key = _key(package)
        newest[key] = max(newest.get(key, 0), package.manifest["sequence"])
    parts = []
    for package in found:
        manifest = package.manifest
        if current and manifest["sequence"] != newest[_key(package)]:
            continue
        platform, province, day = _key(package)
        parts.append(
            package.tables[extract].assign(
                platform=platform,
                province=province,
                date=day,
                sequence=manifest["sequence"],
                sent=pd.Timestamp(manifest["submitted_at"]).tz_localize(None),
            )
        )
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _key(package: Package) -> tuple[str, str, str]:
    manifest = package.manifest
    return manifest["platform_code"], manifest["province_code"], manifest["business_date"]
