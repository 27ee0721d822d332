"""Tiny nights made of everything that may go wrong: few workers, few moments, few amounts, so that edges meet.

`night(rng)` draws from any `random.Random`; hypothesis gives one whose draws it can shrink. The first of each
list of choices is the plain one, so that a shrunk night is a plain one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.differential.rows import BAD_IDENTITY, CITY, CREDIT, FIRST_DAYS, JUNK, Row, RowDraw, Rows
from tests.oracle.reference import Reference
from tests.oracle.rules_package import rows_hash
from tests.oracle.standard import EXTRACTS
from tests.oracle.tiny import identity


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
    """Packages in the order sent, the files of witnesses, the clock."""

    now: datetime
    packages: list[Sent] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)


class Maker:
    """Draws one night; serials run on per pair."""

    def __init__(self, rng: Random, wild: bool = True, pairs: int = 0) -> None:
        self.draw, self.wild, self.pairs = RowDraw(rng), wild, pairs
        self.one, self.maybe, self.moment = self.draw.one, self.draw.maybe, self.draw.moment
        self.first = date.fromisoformat(self.one(FIRST_DAYS))
        self.days = [self.first + timedelta(days=i) for i in range(self.one((2, 1, 3)))]
        self.serial: dict[tuple[str, str], int] = {}

    # -- one cell -------------------------------------------------------------------------------------
    def rows(self, platform: str, province: str, on: date) -> Rows:
        begun = (platform, province)
        times = sorted(self.moment(on) for _ in range(self.one((3, 0, 1, 2, 5, 7))))
        orders = []
        for at in times:
            row = self.draw.order(platform, province, on, at)
            self.serial[begun] = self.serial.get(begun, 0) + 1
            row = {"order_id": row["order_id"], "serial": str(self.serial[begun]), **row}
            orders.append(row)
            self.draw.orders[platform].append(row)
        rows: Rows = {
            "orders": orders,
            "enrollment": [self.draw.spell(on) for _ in range(self.one((2, 0, 1, 3, 4)))],
            "claims": [self.draw.claim(platform, on) for _ in range(self.one((0, 0, 1, 2)))],
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
                row["order_id"] = self.one([known["order_id"] for known in self.draw.orders[platform]])
            if self.maybe(20) and row["serial"].isdigit():
                row["serial"] = str(int(row["serial"]) + self.one((1, -1, 2)))
            if self.maybe(30):
                row["accepted_at"] = self.moment(self.draw.near(on))
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
            row = self.draw.order(platform, "310000", on, self.moment(on))
            del row["order_id"], row["city_code"]
            return row
        return self.draw.spell(on) if extract == "enrollment" else self.draw.claim(platform, on)

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
                known = self.one((*self.draw.orders[platform], {"order_id": "o999"}))
                moment = self.one((str(known.get("accepted_at", "")), ""))
                moment = (
                    moment
                    if len(moment) == 19 and moment[10] == " " and moment[5:7] < "13" and moment[11:13] < "24"
                    else ""
                )
                order = known["order_id"] or "o998"
                lines.append(
                    f"{self.moment(on)},{platform},{self.draw.worker()},{order},,{moment},{self.one(('', 'sampled', 'test'))}"
                )
            made.files[f"worker-checks-{on + timedelta(days=1):%Y%m%d}.csv"] = "\n".join(lines) + "\n"
        if self.maybe(3):
            lines = [
                "case_no,platform_code,id_number,order_id,injured_at,received_at,confirmed_at,paid_at,benefit_yuan"
            ]
            for number in range(self.one((1, 2))):
                injured = self.moment(self.draw.near(on))
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
