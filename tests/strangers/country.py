"""A country that knows nothing of ours: written from the reporting standard alone, it shares no code with data_samples or checks.

Detectors were once taught by worlds of our own making. This one has other habits: demand that is over-dispersed, workers who take
orders on top of one another without any cap, a few who do most of the work, hiring and leaving, storms, holidays, honest
corrections, call lists with order numbers typed wrongly. Whoever falsifies does it on the finished rows.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

START = date(2025, 9, 1)
PLATFORMS = {  # code: credit code, industry, yuan an order
    "P01": ("91990001100079385Y", "ride_hailing", 0.01), "P02": ("91990002100158577R", "instant_delivery", 0.07),
    "P05": ("91990005100396145T", "instant_delivery", 0.07), "P06": ("91990006100475337M", "intracity_freight", 0.18),
    "P08": ("919900081006337109", "ride_hailing", 0.01), "P09": ("919900091007129024", "instant_delivery", 0.07),
}  # fmt: skip
CITIES = {
    "310000": ["310100"],
    "320000": ["320100", "320200", "320500"],
    "440000": ["440100", "440300"],
    "330000": ["330100", "330200"],
}
ENROLLMENT = [
    "coverage_id", "action", "worker_id", "id_number", "programme", "registered_at", "covered_from", "covered_to", "labor_relation",
    "engagement", "industry", "city_code", "agreement",
]  # fmt: skip
ORDERS = [
    "order_id", "serial", "work_type", "worker_id", "industry", "city_code", "accepted_at", "picked_up_at", "finished_at", "status",
    "distance_m", "customer_paid_yuan", "worker_income_yuan", "premium_yuan",
]  # fmt: skip
CLAIMS = [
    "claim_id", "worker_id", "id_number", "programme", "injured_at", "injury_city_code", "reported_at", "reported_by", "outcome", "injury_class",
]  # fmt: skip
Row = dict[str, Any]
Falsify = Callable[[list[Row], np.random.Generator], list[Row]]


@dataclass(frozen=True)
class Habits:
    """What the country is like; deviations are of logarithms."""

    nights: int = 32
    orders: float = 130.0
    unrest: float = 0.1  # of a cell's day
    common: float = 0.1  # of all cells' day
    excess: float = 0.15  # coefficient of variation on top of Poisson
    weekend: float = 0.3
    holiday: float = 0.5  # 1 to 8 October
    storm: float = 0.5  # share lost on two days of every province
    hiring: float = 0.03
    heavy: bool = True  # a few workers take most of the orders
    corrections: float = 0.04
    cancelled: float = 0.1
    whole_minutes: bool = False
    checks: int = 6
    typed_wrongly: float = 0.01


@dataclass
class Liar:
    """Falsifies one platform from a night on; `renumbers`: serials are given anew, so that no hole is left."""

    falsify: Falsify
    since: int
    renumbers: bool = False


@dataclass
class Cell:
    platform: str
    province: str
    size: float
    workers: list[tuple[str, float]] = field(default_factory=list)
    starting: list[str] = field(default_factory=list)
    serial: int = 1000
    sent_serial: int | None = None
    level: float = 0.0
    digest: str | None = None


def identity(number: int) -> str:
    """An identity number of area 99 with its check digit (GB 11643)."""
    body = f"99{number * 7919 % 10000:04d}19{70 + number % 30:02d}{1 + number % 12:02d}{1 + number % 28:02d}{number // 7 % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


class Country:
    """Writes an inbox by the standard; the same seed gives the same bytes."""

    def __init__(
        self, inbox: Path, habits: Habits, seed: int, provinces: int, liars: dict[str, Liar]
    ) -> None:
        self.inbox, self.habits, self.liars = inbox, habits, liars
        self.random = np.random.default_rng(seed)
        self.people, self.orders = 0, 0
        self.outbox: list[tuple[datetime, Cell, date, int, dict[str, list[Row]]]] = []
        self.checks: dict[date, list[Row]] = {}
        names = list(CITIES)[:provinces]
        self.storms = {name: int(self.random.integers(8, habits.nights - 3)) for name in names}
        self.cells = [
            Cell(platform, name, habits.orders * float(np.exp(self.random.normal(0, 0.4))))
            for platform in PLATFORMS
            for name in names
        ]
        hour = np.arange(24)
        rush = 0.15 + np.exp(-(((hour - 12) / 2.2) ** 2)) + 1.1 * np.exp(-(((hour - 18.5) / 2.5) ** 2))
        self.hours = {}
        for platform in PLATFORMS:
            own = rush * np.exp(self.random.normal(0, 0.1, 24))
            self.hours[platform] = own / own.sum()

    def write(self) -> None:
        for cell in self.cells:
            for _ in range(max(8, int(cell.size / 5))):
                self._hire(cell)
        common = 0.0
        for night in range(self.habits.nights):
            common = 0.7 * common + self.random.normal(0, self.habits.common / 2)
            for cell in self.cells:
                self._day(cell, night, common)
        self.inbox.mkdir(parents=True)
        for at, cell, day, sequence, rows in sorted(self.outbox, key=lambda sent: (sent[0], sent[2])):
            self._package(at, cell, day, sequence, rows)
        for on, told in self.checks.items():
            (self.inbox / f"worker-checks-{on:%Y%m%d}.csv").write_bytes(table(list(told[0]), told))

    def _hire(self, cell: Cell) -> None:
        self.people += 1
        name = f"{cell.platform}W{self.people:06d}"
        cell.workers.append((name, float(self.random.pareto(1.5) + 0.3) if self.habits.heavy else 1.0))
        cell.starting.append(name)

    def _demand(self, cell: Cell, day: date, night: int, common: float) -> int:
        habits, random = self.habits, self.random
        cell.level = 0.6 * cell.level + random.normal(0, 0.8 * habits.unrest)
        mean = cell.size * np.exp(cell.level + common) * (1 + habits.weekend * (day.weekday() >= 5))
        mean *= 1 + habits.holiday * (date(2025, 10, 1) <= day <= date(2025, 10, 8))
        mean *= 1 - habits.storm * (0 <= night - self.storms[cell.province] < 2)
        if habits.excess:
            mean *= random.gamma(1 / habits.excess**2, habits.excess**2)
        return int(random.poisson(mean))

    def _day(self, cell: Cell, night: int, common: float) -> None:
        habits, random, day = self.habits, self.random, START + timedelta(days=night)
        _, industry, premium = PLATFORMS[cell.platform]
        begin = datetime.combine(day, datetime.min.time())
        for _ in range(int(random.poisson(habits.hiring * len(cell.workers)))):
            self._hire(cell)
        count = self._demand(cell, day, night, common)
        seconds = random.choice(24, count, p=self.hours[cell.platform]) * 3600 + random.integers(
            0, 3600, count
        )
        step = 60 if habits.whole_minutes else 1
        load = np.array([weight for _, weight in cell.workers])
        who = random.choice(len(cell.workers), count, p=load / load.sum())
        rows: list[Row] = []
        for second, worker in zip(np.sort(seconds // step * step), who, strict=True):
            self.orders, cell.serial = self.orders + 1, cell.serial + 1
            accepted = begin + timedelta(seconds=int(second))
            metres = int(np.clip(random.lognormal(1.1, 0.6) * 1000, 200, 60_000)) * (
                1 if industry == "instant_delivery" else 3
            )
            lasting = (
                240
                + random.gamma(3, 90)
                + metres / (5.5 if industry == "instant_delivery" else 8) * random.lognormal(0, 0.15)
            )
            done = random.random() >= habits.cancelled
            finished = accepted + timedelta(
                seconds=int(lasting if done else random.integers(20, 600)) // step * step
            )
            paid = round(
                (6 if industry == "instant_delivery" else 14)
                + metres / 1000 * 2.1 * random.lognormal(0, 0.1),
                2,
            )
            rows.append({
                "order_id": f"{cell.platform}-{self.orders:010d}", "serial": cell.serial, "work_type": "order",
                "worker_id": cell.workers[worker][0], "industry": industry, "city_code": str(random.choice(CITIES[cell.province])),
                "accepted_at": accepted, "picked_up_at": accepted + (finished - accepted) / 3 if done else None, "finished_at": finished,
                "status": "completed" if done else "cancelled", "distance_m": metres, "customer_paid_yuan": paid if done else 0.0,
                "worker_income_yuan": round(paid * 0.8, 2) if done else 0.0, "premium_yuan": premium if done else 0.0,
            })  # fmt: skip
        self._call(cell, day, rows)
        sent = self._lie(cell, night, rows)
        enrollment = [
            {"coverage_id": f"C-{name}", "action": "start", "worker_id": name, "id_number": identity(int(name[4:])), "programme": "oip",
             "registered_at": begin, "covered_from": begin, "labor_relation": "partial", "engagement": "crowdsourced", "industry": industry,
             "city_code": CITIES[cell.province][0], "agreement": "written_agreement"}
            for name in cell.starting
        ]  # fmt: skip
        cell.starting = []
        at = begin + timedelta(days=1, hours=3, minutes=int(random.integers(0, 150)))
        files: dict[str, list[Row]] = {"enrollment": enrollment, "orders": sent, "claims": []}
        self.outbox.append((at, cell, day, 1, files))
        if sent and random.random() < habits.corrections:
            hit = set(random.choice(len(sent), max(1, len(sent) // 100), replace=False).tolist())
            mended = [
                {**row, "customer_paid_yuan": row["customer_paid_yuan"] + 1} if i in hit else row
                for i, row in enumerate(sent)
            ]
            later = at + timedelta(hours=int(random.integers(5, 60)))
            self.outbox.append((later, cell, day, 2, {**files, "orders": mended}))

    def _call(self, cell: Cell, day: date, rows: list[Row]) -> None:
        """The bureau's call list of the day: some order numbers are typed wrongly, and hit somebody else's order or nobody's."""
        at = datetime.combine(day + timedelta(days=1), datetime.min.time()) + timedelta(hours=10)
        for i in (
            self.random.choice(len(rows), min(self.habits.checks, len(rows)), replace=False) if rows else []
        ):
            row, fate = rows[i], self.random.random()
            number = row["order_id"]
            if fate < self.habits.typed_wrongly / 2:
                number = number[:-1] + str((int(number[-1]) + 1) % 10)
            elif fate < self.habits.typed_wrongly:
                number += "7"
            self.checks.setdefault(day + timedelta(days=1), []).append({
                "checked_at": at, "platform_code": cell.platform, "worker_id": row["worker_id"], "order_id": number,
                "serial": row["serial"], "accepted_at": row["accepted_at"], "draw": "sampled",
            })  # fmt: skip

    def _lie(self, cell: Cell, night: int, rows: list[Row]) -> list[Row]:
        liar = self.liars.get(cell.platform)
        if liar is None or night < liar.since or not rows:
            return rows
        sent = [dict(row) for row in liar.falsify(rows, self.random)]
        if liar.renumbers:
            first = rows[0]["serial"] if cell.sent_serial is None else cell.sent_serial + 1
            for number, row in enumerate(sent, first):
                row["serial"] = cell.sent_serial = number
        return sent

    def _package(
        self, at: datetime, cell: Cell, day: date, sequence: int, rows: dict[str, list[Row]]
    ) -> None:
        folder = self.inbox / f"{cell.platform}-{cell.province}-{day:%Y%m%d}-{sequence}"
        folder.mkdir()
        extracts = []
        for name, columns in (("enrollment", ENROLLMENT), ("orders", ORDERS), ("claims", CLAIMS)):
            held, data = rows[name], table(columns, rows[name])
            (folder / f"{name}.csv").write_bytes(data)
            serials = [row["serial"] for row in held] if name == "orders" else []
            totals: dict[str, Any] = {
                "enrollment": {"rows": len(held), "premium_yuan": "0"},
                "orders": {
                    "orders": len(held), "workers": len({row["worker_id"] for row in held}),
                    "premium_yuan": f"{sum(row.get('premium_yuan', 0) for row in held):.4f}",
                    "first_serial": min(serials, default=None), "last_serial": max(serials, default=None),
                },
                "claims": {"rows": len(held), "benefit_yuan": "0"},
            }  # fmt: skip
            extracts.append({
                "extract": name, "file": f"{name}.csv", "format": "csv", "encoding": "utf-8", "rows": len(held), "bytes": len(data),
                "sha256": hashlib.sha256(data).hexdigest(), "totals": totals[name], "nil": not held,
            })  # fmt: skip
        manifest = json.dumps({
            "standard_version": "1.0", "platform_code": cell.platform, "credit_code": PLATFORMS[cell.platform][0],
            "province_code": cell.province, "business_date": str(day), "sequence": sequence, "submitted_at": f"{at:%Y-%m-%dT%H:%M:%S}+08:00",
            "reason": {"code": "correction", "text": "金额更正"} if sequence > 1 else None, "previous_digest": cell.digest,
            "extracts": extracts, "signature": None,
        }, ensure_ascii=False).encode()  # fmt: skip
        (folder / "manifest.json").write_bytes(manifest)
        cell.digest = hashlib.sha256(manifest).hexdigest()


def table(columns: list[str], rows: list[Row]) -> bytes:
    """CSV by the standard: seconds, no fractions; null is empty."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: text(row.get(name), name) for name in columns})
    return buffer.getvalue().encode()


def text(value: Any, column: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.4f}" if column == "premium_yuan" else f"{value:.2f}"
    return str(value)


# -- ways to falsify -------------------------------------------------------------------------------


def drop(share: float) -> Falsify:
    return lambda rows, random: [row for row in rows if random.random() >= share]


def drop_nights(share: float) -> Falsify:
    return lambda rows, random: [
        row for row in rows if 6 <= row["accepted_at"].hour < 22 or random.random() >= share
    ]


def round_income(share: float) -> Falsify:
    return lambda rows, random: [
        {**row, "worker_income_yuan": float(round(row["worker_income_yuan"] / 5) * 5)} if random.random() < share else row
        for row in rows
    ]  # fmt: skip
