"""Rows drawn from few workers, few moments and few amounts, so that edges meet; most of them are lawful.

The first of each list of choices is the plain one, so that a shrunk row is a plain one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from tests.oracle.tiny import identity

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
CENTRES = """city_code,longitude,latitude,grade,source
310100,121.47,31.23,A,test
330100,120.16,30.25,A,test
440100,113.26,23.13,A,test
500100,106.55,29.56,A,test
350200,118.09,24.48,A,test
"""
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


class RowDraw:
    """Draws rows. `number` counts the orders of each platform, `orders` keeps them for claims to name."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
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
