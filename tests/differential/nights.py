"""Tiny nights made of everything that may go wrong: few workers, few moments, few amounts, so that edges meet.

`night(rng)` draws from any `random.Random`; hypothesis gives one whose draws it can shrink. The first of each
list of choices is the plain one, so that a shrunk night is a plain one.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from tests.oracle.reference import Reference
from tests.oracle.rules_package import rows_hash
from tests.oracle.standard import EXTRACTS
from tests.oracle.tiny import _totals, identity

T = TypeVar("T")
Row = dict[str, Any]
Rows = dict[str, list[Row]]

CREDIT = {
    "P01": "91990001100079385Y",
    "P02": "91990002100158577R",
    "P04": "91990004100316950D",
    "P06": "91990006100475337M",
    "P08": "919900081006337109",
    "P09": "919900091007129024",
    "P12": "91990012100950476B",
    "W01": "919901022000000024",
    "Y01": "52990101200000001K",
}
OWN = {
    "P01": "ride_hailing",
    "P02": "instant_delivery",
    "P04": "instant_delivery",
    "P06": "intracity_freight",
    "P08": "ride_hailing",
    "P09": "instant_delivery",
    "P12": "ride_hailing",
    "W01": "other",
    "Y01": "other",
}
CITY = {
    "310000": "310100",
    "330000": "330100",
    "440000": "440100",
    "500000": "500100",
    "520000": "520100",
    "350000": "350200",
    "660000": "659001",
}
FIRST_DAYS = ("2025-11-04", "2025-06-30", "2026-06-30", "2023-09-12", "2022-06-30")
MOMENTS = (
    "09:00:00",
    "09:00:01",
    "08:59:59",
    "12:00:00",
    "00:00:00",
    "00:00:01",
    "23:50:00",
    "23:59:59",
    "15:30:00",
)
PREMIUMS = (
    "0.01",
    "0.07",
    "0.04",
    "0.25",
    "0.18",
    "0.06",
    "0.20",
    "0",
    "0.05",
    "0.035",
    "0.0120",
    "-0.01",
    "",
)
INDUSTRIES = ("ride_hailing", "instant_delivery", "food_delivery", "intracity_freight", "other")
PROGRAMMES = (
    "oip", "employee_insurance", "yilubao", "weigongka", "union_shanghai", "commercial_accident", "pension_subsidy",
)  # fmt: skip
LASTED = (600, 60, 59, 61, 86_400, 86_401, 0, -1, 1800, 7200)  # seconds
JUNK = (
    "", "x", " 1", "2025-13-01 00:00:00", "9" * 19, "1.23456", "1e5", "+1", "长" * 65, "2025-11-05T09:00:00", "00", "-0",
    "2025-11-05 24:00:00", "0.1 ", "True", "999999999999.99",
)  # fmt: skip
BAD_IDENTITY = ("99000119900101001X", "x", "990001202713010011", "", "10000119900101001X")


@dataclass
class Sent:
    """One package as it will lie in the inbox."""

    platform: str
    province: str
    on: date
    sequence: int
    at: datetime
    rows: Rows
    reason: Any = None
    fault: str = ""
    packed: str = "csv"
    zipped: bool = False
    wrong_chain: bool = False

    @property
    def name(self) -> str:
        return f"{self.platform}-{self.province}-{self.on:%Y%m%d}-{self.sequence}"


@dataclass
class Night:
    """Packages in the order sent, the files of witnesses, the registers that differ from the seeds, the clock."""

    now: datetime
    packages: list[Sent] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    registers: dict[str, str] = field(default_factory=dict)


class Maker:
    """Draws one night. `n` counts orders, spells and claims of the platform; serials run per pair."""

    def __init__(self, rng: Random, wild: bool = True, pairs: int = 0) -> None:
        self.rng, self.wild, self.pairs = rng, wild, pairs
        self.first = date.fromisoformat(self.one(FIRST_DAYS))
        self.days = [self.first + timedelta(days=i) for i in range(self.one((2, 1, 3)))]
        self.serial: dict[tuple[str, str], int] = {}
        self.orders: dict[str, list[Row]] = defaultdict(list)
        self.number: dict[str, int] = defaultdict(int)

    def one(self, choices: Sequence[T]) -> T:
        return choices[self.rng.randrange(len(choices))]

    def maybe(self, one_in: int) -> bool:
        """True once in so many; false is the plain outcome."""
        return self.rng.randrange(one_in) == one_in - 1

    def moment(self, on: date) -> str:
        return f"{on} {self.one(MOMENTS)}"

    def near(self, on: date) -> date:
        return on + timedelta(days=self.one((0, 0, 0, 1, -1, -2, -40)))

    def worker(self) -> str:
        return f"w{self.one((1, 2, 3))}"

    def person(self, worker: str) -> str:
        """Mostly the worker's own number; sometimes another's, or a child's."""
        if self.maybe(12):
            return self.one((identity(1), identity(2), identity(7, "20100301"), identity(8, "19570101")))
        return identity(int(worker[1:]))

    # -- rows -----------------------------------------------------------------------------------------
    def order(self, platform: str, province: str, on: date, at: str) -> Row:
        self.number[platform] += 1
        industry = OWN[platform] if not self.maybe(6) else self.one(INDUSTRIES)
        begin = datetime.fromisoformat(at)
        row = {
            "order_id": f"o{self.number[platform]}",
            "work_type": "order"
            if not self.maybe(10) and industry != "other"
            else self.one(("shift", "order")),
            "worker_id": self.worker(),
            "industry": industry,
            "city_code": CITY[province] if not self.maybe(25) else self.one(tuple(CITY.values())),
            "accepted_at": at,
            "picked_up_at": ""
            if not self.maybe(6)
            else str(begin + timedelta(seconds=self.one((1, 0, 300, -1)))),
            "finished_at": str(begin + timedelta(seconds=self.one(LASTED))) if not self.maybe(8) else "",
            "status": self.one(("completed", "completed", "completed", "completed", "cancelled", "running")),
            "distance_m": self.one(("1000", "", "25000", "13334", "2500", "0")),
            "customer_paid_yuan": self.one(("20.00", "", "10000.01")),
            "worker_income_yuan": self.one(("10.00", "10.00", "10", "0", "5000", "10001")),
            "premium_yuan": self.one(PREMIUMS) if self.maybe(3) else self.due(industry, on),
        }
        return row

    def due(self, industry: str, on: date) -> str:
        new = on >= date(2025, 7, 1)
        return {
            "ride_hailing": "0.01" if new else "0.04",
            "instant_delivery": self.one(("0.07", "0.25")) if new else "0.04",
            "food_delivery": "0.06",
            "intracity_freight": "0.18" if new else "0.20",
        }.get(industry, "0")

    def spell(self, on: date) -> Row:
        worker = self.worker()
        start = self.moment(self.near(on))
        programme = self.one(("oip", "oip", "oip", "oip", *PROGRAMMES))
        end = self.one(("", "", "day", "any"))
        if end == "day":
            end = str(datetime.fromisoformat(start) + timedelta(days=1, seconds=self.one((0, 0, 1))))
        elif end == "any":
            end = self.moment(self.near(on))
        return {
            "coverage_id": f"c{self.one((1, 2, 3, 4, 5, 6))}",
            "action": self.one(("start", "start", "change", "end")),
            "worker_id": worker,
            "id_number": self.person(worker),
            "programme": programme,
            "registered_at": start if not self.maybe(3) else self.moment(self.near(on)),
            "covered_from": start,
            "covered_to": end,
            "labor_relation": self.one(("partial", "employment", "civil")),
            "engagement": self.one(("crowdsourced", "full_time", "part_time")),
            "contracting_party": ""
            if not self.maybe(10)
            else self.one((CREDIT["P09"], "91990001100079385X")),
            "industry": self.one(
                ("ride_hailing", "instant_delivery", "other", "food_delivery", "intracity_freight")
            ),
            "city_code": self.one(tuple(CITY.values())),
            "agreement": self.one(("", "written_agreement", "none", "labour_contract")),
            "premium_yuan": self.one(("", "0.8", "0.4", "1.6", "0.3", "2", "2.01", "10001")),
            "worker_paid_yuan": self.one(("", "", "", "0", "0.4")),
            "subsidy_yuan": self.one(("", "", "0.4", "0.8")),
            "subsidy_payer": self.one(("", "fiscal", "platform", "union")),
            "contribution_base_yuan": self.one(("", "", "4879", "4433", "9000")),
        }

    def claim(self, platform: str, on: date) -> Row:
        worker = self.worker()
        known = self.orders[platform]
        order = self.one((*known, {"order_id": "o999"})) if not self.maybe(4) else {"order_id": ""}
        injured = order.get("accepted_at") or self.moment(self.near(on))
        try:
            injured = str(
                datetime.fromisoformat(injured) + timedelta(seconds=self.one((0, 300, 600, 2400, 2401, -1)))
            )
        except ValueError:
            injured = self.moment(self.near(on))
        at = datetime.fromisoformat(injured)
        stages: Row = {}
        for stage in ("applied_at", "confirmed_at", "appraised_at", "decided_at", "paid_at"):
            at += timedelta(hours=self.one((1, 0, 24, 24 * 12, 24 * 31, 24 * 92, -1)))
            stages[stage] = str(at) if not self.maybe(2) else ""
        return {
            "claim_id": f"k{self.one((1, 2, 3, 4))}",
            "worker_id": order.get("worker_id") or worker,
            "id_number": self.person(worker),
            "programme": self.one(("oip", "oip", "oip", *PROGRAMMES)),
            "coverage_id": self.one(("", "c1")),
            "order_id": order["order_id"],
            "injured_at": injured,
            "injury_city_code": self.one(tuple(CITY.values())),
            "reported_at": str(
                datetime.fromisoformat(injured) + timedelta(minutes=self.one((30, 0, -1, 60 * 24 * 3)))
            ),
            "reported_by": self.one(("worker", "platform", "family", "authority")),
            **stages,
            "outcome": self.one(("pending", "confirmed", "denied", "withdrawn")),
            "suspended_days": self.one(("", "", "0", "3")),
            "injury_class": self.one(("medical", "minor", "disability", "death")),
            "disability_grade": self.one(("", "", "1", "10", "11", "0")),
            "medical_yuan": self.one(("", "100.00", "5000001")),
            "benefit_yuan": self.one(("", "100.00", "0", "400000.01", "800000.01", "90800.01", "-1")),
        }

    # -- one cell -------------------------------------------------------------------------------------
    def rows(self, platform: str, province: str, on: date) -> Rows:
        begun = (platform, province)
        times = sorted(self.moment(on) for _ in range(self.one((3, 0, 1, 2, 5, 7))))
        orders = []
        for at in times:
            row = self.order(platform, province, on, at)
            self.serial[begun] = self.serial.get(begun, 0) + 1
            row = {"order_id": row["order_id"], "serial": str(self.serial[begun]), **row}
            orders.append(row)
            self.orders[platform].append(row)
        rows: Rows = {
            "orders": orders,
            "enrollment": [self.spell(on) for _ in range(self.one((2, 0, 1, 3, 4)))],
            "claims": [self.claim(platform, on) for _ in range(self.one((0, 0, 1, 2)))],
        }
        if self.wild:
            self.spoil(rows, platform, on)
        return rows

    def spoil(self, rows: Rows, platform: str, on: date) -> None:
        """Faults in rows: cells, keys, twins, serials."""
        for extract, given in rows.items():
            for row in given:
                if self.maybe(9):
                    column = self.one(tuple(EXTRACTS[extract]))
                    row[column] = self.one(BAD_IDENTITY if column == "id_number" else JUNK)
        orders = rows["orders"]
        for row in list(orders):
            if self.maybe(20):
                orders.append(dict(row))  # an identical twin
            if self.maybe(20):
                orders.append(
                    {
                        **row,
                        self.one(("worker_id", "status", "premium_yuan")): self.one(
                            ("w1", "running", "0.07")
                        ),
                    }
                )
            if self.maybe(20):
                row["order_id"] = self.one([known["order_id"] for known in self.orders[platform]])
            if self.maybe(20) and row["serial"].isdigit():
                row["serial"] = str(int(row["serial"]) + self.one((1, -1, 2)))
            if self.maybe(30):
                row["accepted_at"] = self.moment(self.near(on))
        for extract in ("enrollment", "claims"):
            for row in list(rows[extract]):
                if self.maybe(12):
                    rows[extract].append(dict(row))

    def change(self, rows: Rows, platform: str, on: date) -> Rows:
        """What a resubmission makes of the rows it replaces."""
        again: Rows = {extract: [dict(row) for row in given] for extract, given in rows.items()}
        for _ in range(self.one((1, 0, 2, 3))):
            extract = self.one(("orders", "enrollment", "claims"))
            given = again[extract]
            what = self.one(("cell", "drop", "renumber", "add"))
            if what == "cell" and given:
                row, fresh = self.one(given), self.fresh(extract, platform, on)
                column = self.one(tuple(fresh))
                row[column] = fresh[column]
            elif what == "drop" and given:
                given.remove(self.one(given))
            elif what == "renumber" and again["orders"]:
                row, other = self.one(again["orders"]), self.one(again["orders"])
                column = self.one(("serial", "order_id"))
                row[column], other[column] = other[column], row[column]
            elif what == "add" and extract != "orders":
                given.append(self.fresh(extract, platform, on))
        return again

    def fresh(self, extract: str, platform: str, on: date) -> Row:
        if extract == "orders":
            row = self.order(platform, "310000", on, self.moment(on))
            del row["order_id"], row["city_code"]
            return row
        return self.spell(on) if extract == "enrollment" else self.claim(platform, on)

    # -- the packages of a night ----------------------------------------------------------------------
    def night(self) -> Night:
        pairs: list[tuple[str, str]] = []
        for _ in range(self.pairs or self.one((2, 1, 3, 4))):
            pair = (self.one(tuple(CREDIT)), self.one(tuple(CITY)))
            if pair not in pairs:
                pairs.append(pair)
        made = Night(
            datetime.combine(self.days[-1], datetime.min.time())
            + timedelta(days=self.one((1, 1, 2, 4, 40)), hours=8)
        )
        for platform, province in pairs:
            for on in self.days:
                if not self.wild or not self.maybe(10):
                    made.packages += self.versions(platform, province, on, made.now)
        made.packages.sort(key=lambda p: (p.at, p.on, p.sequence))
        self.witnesses(made)
        return made

    def versions(self, platform: str, province: str, on: date, now: datetime) -> list[Sent]:
        """The packages of one cell: first, corrections, and what is refused."""
        close = datetime.combine(on, datetime.min.time()) + timedelta(days=1)
        at = close + timedelta(
            hours=2, seconds=self.one((0, 17, 3600 * 4, 3600 * 4 + 1, 3600 * 30, -3600 * 3))
        )
        rows = self.rows(platform, province, on)
        found = [Sent(platform, province, on, 1, at, rows, packed=self.packing(), zipped=self.maybe(5))]
        if not self.wild:
            return found
        sequence = 1
        while sequence < 4 and self.maybe(4):
            sequence += 1
            at += timedelta(seconds=self.one((3600, 1, 3600 * 26, 0)))
            rows = self.change(rows, platform, on)
            reason = {"code": "correction", "text": "x"} if not self.maybe(4) else None
            found.append(Sent(platform, province, on, sequence, at, rows, reason, packed=self.packing()))
        for package in list(found):
            if self.maybe(15):
                package.fault = self.one(
                    (
                        "sha",
                        "rows",
                        "credit",
                        "column",
                        "name",
                        "json",
                        "key",
                        "future",
                        "totals",
                        "nil",
                        "short",
                    )
                )
            if self.maybe(12):
                package.wrong_chain = True
            if self.maybe(20) and not package.zipped:
                twin = Sent(
                    platform,
                    province,
                    on,
                    package.sequence,
                    package.at + timedelta(minutes=self.one((5, 0, -5))),
                    rows,
                )
                twin.zipped, twin.reason = True, {"code": "other", "text": "again"}
                found.append(twin)
        return found

    def packing(self) -> str:
        return self.one(("csv", "csv", "csv", "gz", "gb", "crlf", "parquet"))

    # -- what others know -----------------------------------------------------------------------------
    def witnesses(self, made: Night) -> None:
        platforms = sorted({p.platform for p in made.packages})
        if not platforms:
            return
        on = self.days[-1]
        if self.maybe(3):
            lines = ["checked_at,platform_code,worker_id,order_id,serial,accepted_at,draw"]
            for _ in range(self.one((1, 2, 3))):
                platform = self.one(platforms)
                known = self.one((*self.orders[platform], {"order_id": "o999"}))
                moment = self.one((str(known.get("accepted_at", "")), ""))
                moment = (
                    moment
                    if len(moment) == 19 and moment[10] == " " and moment[5:7] < "13" and moment[11:13] < "24"
                    else ""
                )
                order = known["order_id"] or "o998"
                lines.append(
                    f"{self.moment(on)},{platform},{self.worker()},{order},,{moment},{self.one(('', 'sampled', 'test'))}"
                )
            made.files[f"worker-checks-{on + timedelta(days=1):%Y%m%d}.csv"] = "\n".join(lines) + "\n"
        if self.maybe(3):
            lines = [
                "case_no,platform_code,id_number,order_id,injured_at,received_at,confirmed_at,paid_at,benefit_yuan"
            ]
            for number in range(self.one((1, 2))):
                injured = self.moment(self.near(on))
                later = [
                    self.one(("", str(datetime.fromisoformat(injured) + timedelta(days=d)))) for d in (1, 2)
                ]
                order = self.one(("", "o1", "o2", "o999"))
                lines.append(
                    f"A{number},{self.one(platforms)},{identity(self.one((1, 2, 3)))},{order},{injured},{injured},"
                    f"{later[0]},{later[1]},{self.one(('', '100.00', '250.50'))}"
                )
            made.files[f"agency-cases-{on + timedelta(days=1):%Y%m%d}.csv"] = "\n".join(lines) + "\n"
        if self.maybe(4):
            lines = ["source,platform_code,province_code,date_from,date_to,measure,value,unit,note"]
            for _ in range(self.one((1, 2))):
                source, measure = self.one(
                    (("tax", "contributions_yuan"), ("social_insurance", "employees"), ("tax", "workers"))
                )
                province = self.one(("", *(p.province for p in made.packages)))
                lines.append(
                    f"{source},{self.one(platforms)},{province},{self.days[0]},{on},{measure},{self.one(('0', '1', '0.05', '2'))},,"
                )
            made.files[f"witness-tax-{on + timedelta(days=1):%Y%m%d}.csv"] = "\n".join(lines) + "\n"
        if self.maybe(4):
            package = self.one(made.packages)
            self.pulses(made, package)

    def pulses(self, made: Night, package: Sent) -> None:
        """From the rows of one version: true, or altered, or with an hour left out."""
        rows = [
            Row_ for Row_ in _typed(package) if Row_.get("accepted_at") and Row_.get("serial") is not None
        ]
        hours = list(range(self.one((0, 9)), 24))
        if self.maybe(3):
            hours.remove(self.one(hours))
        wrong = self.one((-1, 23, 12))
        for hour in hours:
            start = datetime.combine(package.on, datetime.min.time())
            seen = [r for r in rows if start <= r.get("accepted_at") < start + timedelta(hours=hour + 1)]
            made.files[f"pulse-{package.platform}-{package.province}-{package.on:%Y%m%d}{hour:02}.json"] = (
                json.dumps(
                    {
                        "platform_code": package.platform,
                        "province_code": package.province,
                        "hour": f"{package.on:%Y%m%d}{hour:02}",
                        "last_serial": max((r.get("serial") for r in seen), default=None),
                        "orders": len(seen) + (hour == wrong),
                        "workers_enrolled": 3,
                        "rows_hash": rows_hash(seen),
                    }
                )
            )


def _typed(package: Sent) -> list[Any]:
    from tests.oracle.typing_rows import Row as Typed
    from tests.oracle.typing_rows import type_row

    blank = Reference({})
    return [
        type_row(
            Typed("orders", "", "", package.on, 1, n, package.at, {k: str(v) for k, v in row.items()}),
            blank,
        )
        for n, row in enumerate(package.rows["orders"], 1)
    ]


def night(rng: Random, wild: bool = True, pairs: int = 0) -> Night:
    return Maker(rng, wild, pairs).night()


# -- onto disk -----------------------------------------------------------------------------------------
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
            for k, v in _totals(extract, rows, package.on).items()
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
        import pyarrow as pa
        import pyarrow.parquet as pq

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
