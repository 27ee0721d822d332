"""A country to plant faults in: cells whose rows are right by default, and what the night is to say of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.packages import Sent, identity, package
from tests.packages import claim as plain_claim
from tests.packages import order as plain_order
from tests.packages import spell as plain_spell

DAY = date(2025, 11, 5)
INDUSTRY = {
    "P01": "ride_hailing",
    "P08": "ride_hailing",
    "P06": "intracity_freight",
    "P07": "intracity_freight",
}
PREMIUM = {"ride_hailing": "0.01", "intracity_freight": "0.18", "instant_delivery": "0.07", "other": "0"}
Row = dict[str, Any]
Key = tuple[str, str, str, str]  # rule, platform, province, date


@dataclass
class Country:
    """What lies in the inbox and the registers, and what the night is to say of it."""

    sent: list[Sent] = field(default_factory=list)
    zipped: list[Sent] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    registers: dict[str, list[str]] = field(default_factory=dict)
    expected: dict[Key, int] = field(default_factory=dict)
    due: set[str] = field(default_factory=set)
    persons: int = 0

    def cell(self, platform: str, province: str) -> Cell:
        return Cell(self, platform, province)


@dataclass
class Cell:
    """A platform × province: rows of its own workers, right by default."""

    country: Country
    platform: str
    province: str
    serial: int = 0

    @property
    def tag(self) -> str:
        return f"{self.platform}-{self.province[:2]}"

    def order(
        self, worker: str = "w", at: str = "09:00:00", on: date = DAY, minutes: int = 10, **cells: Any
    ) -> Row:
        self.serial += 1
        begin = datetime.fromisoformat(f"{on} {at}")
        industry = cells.get("industry", INDUSTRY.get(self.platform, "instant_delivery"))
        row = plain_order(
            self.serial, on, order_id=f"{self.tag}-o{self.serial}", worker_id=f"{self.tag}-{worker}", industry=industry,
            city_code=f"{self.province[:2]}0100", premium_yuan=PREMIUM[industry], accepted_at=str(begin),
            finished_at=str(begin + timedelta(minutes=minutes)),
        )  # fmt: skip
        return row | cells

    def spell(self, worker: str = "w", **cells: Any) -> Row:
        self.country.persons += 1
        person = self.country.persons
        row = plain_spell(
            person, coverage_id=f"{self.tag}-c{person}", worker_id=f"{self.tag}-{worker}", id_number=identity(person),
            industry=INDUSTRY.get(self.platform, "instant_delivery"), city_code=f"{self.province[:2]}0100",
        )  # fmt: skip
        return row | cells

    def claim(self, order: Row, spell: Row, **cells: Any) -> Row:
        row = plain_claim(
            1, claim_id=f"{self.tag}-k{order['order_id']}", worker_id=order["worker_id"], id_number=spell["id_number"],
            coverage_id="", order_id=order["order_id"], injury_city_code=order["city_code"],
            injured_at=f"{DAY} 09:05:00", reported_at=f"{DAY} 10:00:00",
        )  # fmt: skip
        return row | cells

    def send(
        self, orders: Iterable[Row] = (), enrollment: Iterable[Row] = (), claims: Iterable[Row] = (), *, on: date = DAY,
        expect: dict[str, int] | None = None, **more: Any,
    ) -> Sent:  # fmt: skip
        made = package(
            platform=self.platform,
            province=self.province,
            on=on,
            orders=orders,
            enrollment=enrollment,
            claims=claims,
            **more,
        )
        self.country.sent.append(made)
        self.country.due.add(f"{self.platform},{self.province},{DAY},{DAY + timedelta(days=1)}")
        self.expect(on, **(expect or {}))
        return made

    def expect(self, on: date = DAY, **counts: int) -> None:
        for rule, count in counts.items():
            self.country.expected[rule, self.platform, self.province, str(on)] = count

    def one(self, expect: dict[str, int], *, spell: Row | None = None, **cells: Any) -> Sent:
        """One order of one covered worker, wrong in some cells."""
        return self.send([self.order(**cells)], [self.spell(**(spell or {}))], expect=expect)


def write(made: Country, inbox: Path, registers: Path) -> None:
    """Packages, witness files and register rows where the night finds them."""
    inbox.mkdir(parents=True, exist_ok=True)
    for sent in made.sent:
        sent.folder(inbox)
    for sent in made.zipped:
        sent.zip(inbox)
    for name, text in made.files.items():
        (inbox / name).write_text(text, encoding="utf-8")
    for name, rows in {**made.registers, "expected_submissions": sorted(made.due)}.items():
        path = registers / f"{name}.csv"
        kept = path.read_text(encoding="utf-8")
        path.write_text(kept + "\n".join(rows) + "\n", encoding="utf-8")
