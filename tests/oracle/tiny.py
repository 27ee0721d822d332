"""Tiny hand-made inboxes and registers for tests: one function a thing, defaults that break no rule."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from .book import Book
from .inbox import read_inbox
from .reference import load
from .rules_package import totals_of
from .standard import EXTRACTS
from .typing_rows import ID_WEIGHTS, Row, type_row

DAY = date(2025, 11, 5)
NOW = datetime(2025, 11, 6, 8)
CREDIT = {
    "P01": "91990001100079385Y",
    "P02": "91990002100158577R",
    "P08": "919900081006337109",
    "W01": "919901022000000024",
}

REGISTERS = {
    "province": """province_code,name_zh,region,scheme_from
110000,北京市,东部,2022-07-01
310000,上海市,东部,2022-07-01
330000,浙江省,东部,2025-07-01
500000,重庆市,西部,2022-07-01
520000,贵州省,西部,2026-07-01
650000,新疆维吾尔自治区,西部,2026-07-01
660000,新疆生产建设兵团,西部,2026-07-01
710000,台湾省,,
""",
    "platform": f"""platform_code,name_zh,credit_code,industry,joined_on,valid_from,valid_to
P01,曹操出行,{CREDIT["P01"]},ride_hailing,2022-07-01,2019-01-01,
P02,美团,{CREDIT["P02"]},instant_delivery,2022-07-01,2019-01-01,
P08,滴滴出行,{CREDIT["P08"]},ride_hailing,2025-07-01,2019-01-01,
""",
    "submitters": "submitter_code,kind,credit_code,valid_from,valid_to\n"
    f"W01,labour_company,{CREDIT['W01']},2019-01-01,\n",
    "city": "city_code,province_code\n110100,110000\n310100,310000\n330100,330000\n500100,500000\n"
    "520100,520000\n650100,650000\n659001,660000\n",
    "industry": """industry,in_scheme,valid_from,valid_to
ride_hailing,true,2022-07-01,
food_delivery,true,2022-07-01,2025-07-01
instant_delivery,true,2022-07-01,
intracity_freight,true,2022-07-01,
other,false,,
""",
}


def calendar() -> str:
    """Monday to Friday, 2025; no holidays."""
    lines = ["date,is_workday,workday_no"]
    on, number = date(2025, 1, 1), 0
    while on.year == 2025:
        number += on.weekday() < 5
        lines.append(f"{on},{'true' if on.weekday() < 5 else 'false'},{number}")
        on += timedelta(days=1)
    return "\n".join(lines) + "\n"


def registers(folder: Path, **more: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**REGISTERS, "calendar": calendar(), **more}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def identity(number: int, born: str = "19900101") -> str:
    """A valid identity number of the unassigned area 99."""
    body = f"990001{born}{number:03d}"
    total = sum(int(c) * w for c, w in zip(body, ID_WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def order(n: int, **cells: Any) -> dict[str, Any]:
    """Order o{n}, serial n, by w1 in Shanghai, accepted n minutes after 09:00, finished ten minutes later."""
    accepted = cells.get("accepted_at") or str(datetime(2025, 11, 5, 9) + timedelta(minutes=n))
    try:
        finished = str(datetime.fromisoformat(accepted) + timedelta(minutes=10))
    except ValueError:
        finished = "2025-11-05 23:00:00"
    return {
        "order_id": f"o{n}",
        "serial": n,
        "work_type": "order",
        "worker_id": "w1",
        "industry": "ride_hailing",
        "city_code": "310100",
        "accepted_at": accepted,
        "finished_at": finished,
        "status": "completed",
        "distance_m": 1000,
        "worker_income_yuan": "10.00",
        "premium_yuan": "0.01",
        **cells,
    }


def spell(n: int, **cells: Any) -> dict[str, Any]:
    return {
        "coverage_id": f"c{n}",
        "action": "start",
        "worker_id": f"w{n}",
        "id_number": identity(n),
        "programme": "oip",
        "registered_at": "2025-11-01 08:00:00",
        "covered_from": "2025-11-01 08:00:00",
        "covered_to": "",
        "labor_relation": "partial",
        "engagement": "crowdsourced",
        "industry": "ride_hailing",
        "city_code": "310100",
        **cells,
    }


def claim(n: int, **cells: Any) -> dict[str, Any]:
    return {
        "claim_id": f"k{n}",
        "worker_id": "w1",
        "id_number": identity(1),
        "programme": "oip",
        "order_id": "o1",
        "injured_at": "2025-11-05 09:30:00",
        "injury_city_code": "310100",
        "reported_at": "2025-11-05 10:00:00",
        "reported_by": "worker",
        "outcome": "pending",
        "injury_class": "medical",
        **cells,
    }


def write_csv(extract: str, rows: Iterable[dict[str, Any]]) -> bytes:
    rows = list(rows)
    names = [c for c in EXTRACTS[extract] if not EXTRACTS[extract][c].null or any(c in r for r in rows)]
    names += sorted({c for r in rows for c in r} - set(names))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def package(
    inbox: Path,
    *,
    platform: str = "P01",
    province: str = "310000",
    on: date = DAY,
    sequence: int = 1,
    sent: str | None = None,
    previous: str | None = None,
    name: str | None = None,
    reason: Any = None,
    change: dict[str, Any] | None = None,
    orders: Iterable[dict[str, Any]] = (),
    enrollment: Iterable[dict[str, Any]] = (),
    claims: Iterable[dict[str, Any]] = (),
) -> str:
    """Writes one package folder; gives the digest of its manifest. `change` replaces manifest keys."""
    folder = inbox / (name or f"{platform}-{province}-{on:%Y%m%d}-{sequence}")
    folder.mkdir(parents=True)
    extracts = []
    for extract, given in (("enrollment", enrollment), ("orders", orders), ("claims", claims)):
        rows = list(given)
        raw = write_csv(extract, rows)
        (folder / f"{extract}.csv").write_bytes(raw)
        extracts.append(
            {
                "extract": extract,
                "file": f"{extract}.csv",
                "format": "csv",
                "encoding": "utf-8",
                "rows": len(rows),
                "bytes": len(raw),
                "sha256": hashlib.sha256(raw).hexdigest(),
                "nil": not rows,
                "totals": {
                    k: v if v is None or isinstance(v, int) else str(v)
                    for k, v in declared_totals(extract, rows, on).items()
                },
            }
        )
    manifest = {
        "standard_version": "1.0",
        "platform_code": platform,
        "credit_code": CREDIT[platform],
        "province_code": province,
        "business_date": on.isoformat(),
        "sequence": sequence,
        "submitted_at": sent or f"{on + timedelta(days=1)}T02:00:00+08:00",
        "reason": reason or ({"code": "correction", "text": ""} if sequence > 1 else None),
        "previous_digest": previous,
        "extracts": extracts,
        "signature": None,
        **(change or {}),
    }
    raw = json.dumps(manifest, ensure_ascii=False).encode()
    (folder / "manifest.json").write_bytes(raw)
    return hashlib.sha256(raw).hexdigest()


def declared_totals(extract: str, rows: list[dict[str, Any]], on: date) -> dict[str, Any]:
    from .reference import Reference

    blank = Reference({})
    typed = []
    for n, row in enumerate(rows, 1):
        text = {k: str(v) for k, v in row.items()}
        typed.append(type_row(Row(extract, "", "", on, 1, n, NOW, text), blank))
    return totals_of(extract, typed)


def book(root: Path, now: datetime = NOW, **more: str) -> Book:
    """The book of root/inbox with tiny registers (`more`: a register's name to its CSV text)."""
    reference = load(registers(root / "registers", **more))
    return Book(read_inbox(root / "inbox", reference, now), reference)
