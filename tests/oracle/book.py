"""What is known at `now`: current rows, orders by key, latest spells and claims, and who was covered when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from .inbox import Inbox
from .reference import YILUBAO_START, Reference, deadline, last_night, night_of
from .standard import KEYS
from .typing_rows import Row

Worker = tuple[str, str]  # platform, worker_id
Cell = tuple[str, str, str]  # platform, province, business_date


@dataclass(slots=True)
class Spell:
    """Latest state of one coverage_id; `registered`: when the cover as it now stands was first recorded."""

    row: Row
    registered: datetime | None
    readable: bool  # worker and times can be read, so it covers
    first_day: date  # the business date of its earliest state

    @property
    def programme(self) -> str | None:
        return self.row.get("programme")

    @property
    def worker(self) -> str:
        return self.row.value["worker_id"]

    @property
    def start(self) -> datetime:
        return self.row.value["covered_from"]

    @property
    def end(self) -> datetime:
        return self.row.get("covered_to") or datetime.max

    def covers(self, at: datetime) -> bool:
        return self.readable and self.start <= at < self.end

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """It covers some instant of the half-open period."""
        return self.readable and max(self.start, start) < min(self.end, end)


@dataclass(slots=True)
class Judged:
    """An order with what the scheme says about it."""

    row: Row
    in_scope: bool
    employee: bool  # its worker was then under employee_insurance of the platform
    covering: list[Spell]  # spells of the programmes that count for it, covering accepted_at
    valid: bool  # V of domain.md §6
    person: str

    @property
    def covered(self) -> bool:
        return bool(self.covering)

    @property
    def insured(self) -> bool:
        return self.valid and (self.row.get("premium_yuan") or Decimal(0)) > 0


@dataclass
class Book:
    inbox: Inbox
    reference: Reference
    rows: dict[str, list[Row]] = field(
        default_factory=dict
    )  # current versions, in order of (date, province, row)

    def __post_init__(self) -> None:
        for extract in KEYS:
            rows = [r for p in self.inbox.current for r in p.rows[extract]]
            self.rows[extract] = sorted(rows, key=lambda r: (r.order, r.platform))

    @property
    def now(self) -> datetime:
        return self.inbox.now

    @cached_property
    def night(self) -> date:
        """The night of the last judgement: the last closed one, or a later one whose packages are in already."""
        nights = [night_of(min(p.sent, self.now)) for p in self.inbox.packages if p.submitted_at is not None]
        return max([last_night(self.now), *nights, *self.inbox.witness_nights])

    @cached_property
    def judged_at(self) -> datetime:
        """The clock of that judgement: the night's deadline, or now if that is earlier."""
        return min(self.now, deadline(self.night)) if self.night > last_night(self.now) else self.now

    @cached_property
    def first_day(self) -> date:
        return min((p.on for p in self.inbox.current), default=last_night(self.now))

    @cached_property
    def last_day(self) -> date:
        """The cut-off of all figures: the last closed night, or the last business date accepted if later."""
        return max([p.on for p in self.inbox.current] + [last_night(self.now)])

    # enrollment -----------------------------------------------------------------------------------
    @cached_property
    def spells(self) -> list[Spell]:
        found = []
        known = [r for r in self.rows["enrollment"] if "covered_to" not in r.broken]
        for states in _states(known, "coverage_id").values():
            row = states[-1]
            now = row.get("worker_id"), row.get("covered_from")
            registered = [
                r.get("registered_at")
                for r in states
                if (r.get("worker_id"), r.get("covered_from")) == now and r.text.get("action") != "end"
            ]
            readable = None not in now
            first = min((t for t in registered if t is not None), default=None)
            found.append(Spell(row, first if readable else None, readable, states[0].day))
        return found

    @cached_property
    def spells_of(self) -> dict[Worker, list[Spell]]:
        found: dict[Worker, list[Spell]] = defaultdict(list)
        for spell in self.spells:
            if spell.readable:
                found[spell.row.platform, spell.worker].append(spell)
        return found

    @cached_property
    def spells_of_identity(self) -> dict[tuple[str, str], list[Row]]:
        """(platform, identity number) -> latest states of its oip spells, in order."""
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in sorted((s.row for s in self.spells if s.programme == "oip"), key=lambda r: r.order):
            if row.get("id_number"):
                found[row.platform, row.get("id_number")].append(row)
        return found

    @cached_property
    def identity(self) -> dict[Worker, str]:
        """The worker's identity number: the latest readable one on the platform's enrollment rows."""
        found: dict[Worker, str] = {}
        for row in self.rows["enrollment"]:
            if row.get("worker_id") and row.get("id_number"):
                found[row.platform, row.get("worker_id")] = row.get("id_number")
        return found

    @cached_property
    def latest_identity(self) -> dict[Worker, str]:
        """Of the worker's spells (latest states) the one last reported; of several on that date, the first coverage_id."""
        states: dict[Worker, list[tuple[date, str, str]]] = defaultdict(list)
        for spell in self.spells:
            worker, number = spell.row.get("worker_id"), spell.row.get("id_number")
            if worker and number:
                states[spell.row.platform, worker].append(
                    (spell.row.day, spell.row.value["coverage_id"], number)
                )
        found = {}
        for key, known in states.items():
            last = max(day for day, _, _ in known)
            found[key] = min((coverage, number) for day, coverage, number in known if day == last)[1]
        return found

    def person(self, platform: str, worker: str | None) -> str:
        return self.identity.get((platform, worker or "")) or f"{platform}:{worker}"

    def person_of(self, row: Row) -> str:
        """Of an enrollment or claim row: its own identity number first."""
        return row.get("id_number") or self.person(row.platform, row.get("worker_id"))

    def covering(
        self, platform: str, worker: str | None, at: datetime | None, programmes: set[str]
    ) -> list[Spell]:
        """Spells of these programmes, or of one that cannot be read, that cover the moment."""
        if worker is None or at is None:
            return []
        spells = self.spells_of.get((platform, worker), [])
        return [s for s in spells if (s.programme is None or s.programme in programmes) and s.covers(at)]

    def employed(self, platform: str, worker: str | None, at: datetime | None) -> bool:
        """Under the platform's employee_insurance then; an unreadable programme exempts nobody."""
        found = self.covering(platform, worker, at, {"employee_insurance"})
        return any(s.programme is not None for s in found)

    # orders ---------------------------------------------------------------------------------------
    @cached_property
    def first_orders(self) -> list[Row]:
        """An order once: the first row of (platform, order_id) by business_date, province, row number."""
        found: dict[tuple[str, str], Row] = {}
        for row in self.rows["orders"]:
            if row.get("order_id") is not None:
                found.setdefault((row.platform, row.value["order_id"]), row)
        return list(found.values())

    def in_scope(self, row: Row) -> bool:
        """Province, platform, industry in the scheme that day; an unreadable industry is no excuse."""
        if not self.reference.pair_in_scheme(row.platform, row.province, row.day):
            return False
        industry = row.get("industry")
        return industry is None or self.reference.industry_in_scheme(industry, row.day)

    @cached_property
    def judged(self) -> list[Judged]:
        return [self._judge(row) for row in self.first_orders]

    def _judge(self, row: Row) -> Judged:
        worker, at = row.get("worker_id"), row.get("accepted_at")
        employee = self.employed(row.platform, worker, at)
        covering = self.covering(row.platform, worker, at, cover_programmes(row))
        in_scope = self.in_scope(row)
        valid = in_scope and row.get("status") == "completed" and not employee
        return Judged(row, in_scope, employee, covering, valid, self.person(row.platform, worker))

    @cached_property
    def order_by_key(self) -> dict[tuple[str, str], Judged]:
        return {(j.row.platform, j.row.value["order_id"]): j for j in self.judged}

    # claims ---------------------------------------------------------------------------------------
    @cached_property
    def claims(self) -> list[Row]:
        """The latest state of each claim."""
        return [states[-1] for states in _states(self.rows["claims"], "claim_id").values()]

    @cached_property
    def oip_claims(self) -> list[Row]:
        return [c for c in self.claims if c.get("programme") == "oip"]


def _states(rows: list[Row], key: str) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:  # already by (business_date, province, row number)
        if row.get(key) is None:
            continue
        states = found[row.platform, row.value[key]]
        if not states or states[-1].day != row.day:
            states.append(row)
    return found


def cover_programmes(row: Row) -> set[str]:
    """Which programmes count as cover of an order, apart from employee_insurance."""
    other = {"yilubao"} if row.day >= YILUBAO_START else set()
    if row.get("work_type") == "shift":
        return {"weigongka"} | other
    return other if row.get("industry") == "other" else {"oip"}


def has_duty(judged: Judged) -> bool:
    """Orders that somebody must cover: in the oip scheme, or a shift, or industry other."""
    row = judged.row
    return judged.in_scope or row.get("work_type") == "shift" or row.get("industry") == "other"
