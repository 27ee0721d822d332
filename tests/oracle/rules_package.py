"""S rules on packages and T rules on their order in time (readings 1–17 of README.md)."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from .book import Book, Cell
from .found import Found, rule
from .package import Package
from .reference import day, deadline, last_night
from .standard import TOTALS
from .typing_rows import Row


# refusals ---------------------------------------------------------------------------------------------
def refusals(book: Book, rule_id: str) -> Found:
    """Packages refused for this reason and not made good since by an accepted package of the same cell."""
    best: dict[Cell, list[Package]] = defaultdict(list)
    for p in book.inbox.accepted:
        best[p.key].append(p)
    found: Found = Counter()
    for p in book.inbox.packages:
        refused = p.status == "refused" and any(r == rule_id for r, _ in p.reasons)
        if refused and not any(_mends(good, p) for good in best[p.key]):
            found[p.key] += 1
    return found


def _mends(good: Package, bad: Package) -> bool:
    if good.sequence > bad.sequence:
        return True
    if bad.submitted_at is None:
        return good.sequence == bad.sequence
    return good.sent > bad.submitted_at


for _rule_id in ("S01", "S02", "S03", "S05", "S12"):
    rule(_rule_id)(lambda book, rule_id=_rule_id: refusals(book, rule_id))  # type: ignore[misc]


@rule("S04")
def s04(book: Book) -> Found:
    """previous_digest is that of a package sent before for this pair, and of none that another follows already;
    null for the first. Refused packages are part of the chain, but raise nothing themselves."""
    sent: dict[tuple[str, str], dict[str, Package]] = defaultdict(dict)
    unreadable: dict[tuple[str, str], set[str]] = defaultdict(set)
    for p in book.inbox.packages:
        pair = (p.platform, p.province)
        if p.submitted_at is None:
            unreadable[pair].add(p.manifest_digest)
        else:
            sent[pair][p.manifest_digest] = p
    found: Found = Counter()
    for pair, by_digest in sent.items():
        packages = sorted(by_digest.values(), key=lambda p: (p.sent, p.manifest_digest))
        followed: set[str | None] = set()
        for p in packages:
            said = p.manifest.get("previous_digest")
            if said is None:
                gap = p.sent > packages[0].sent
            else:
                said = said.lower()
                gap = said not in unreadable[pair] and not (
                    said in by_digest and by_digest[said].sent <= p.sent
                )
            if (gap or said in followed) and p.status == "accepted":
                found[p.key] += 1
            followed.add(said)
    return found


# totals, reasons, pulses ------------------------------------------------------------------------------
def _sum(rows: list[Row], column: str) -> Decimal:
    return sum((r.get(column) or Decimal(0) for r in rows), Decimal(0))


def totals_of(extract: str, rows: list[Row]) -> dict[str, Any]:
    """The control totals over the rows as sent; a cell that cannot be read adds nothing."""
    if extract == "orders":
        serials = [r.get("serial") for r in rows if r.get("serial") is not None]
        return {
            "orders": len(rows),
            "workers": len({r.get("worker_id") for r in rows if r.get("worker_id") is not None}),
            "premium_yuan": _sum(rows, "premium_yuan"),
            "first_serial": min(serials, default=None),
            "last_serial": max(serials, default=None),
        }
    money = "premium_yuan" if extract == "enrollment" else "benefit_yuan"
    return {"rows": len(rows), money: _sum(rows, money)}


def _same(declared: Any, counted: Any) -> bool:
    if declared is None or counted is None or isinstance(declared, bool):
        return declared is None and counted is None
    try:
        return Decimal(str(declared)) == Decimal(counted)
    except InvalidOperation:
        return False


@rule("S09")
def s09(book: Book) -> Found:
    """Control totals that differ, one for each total; not over a column with a cell that cannot be read."""
    found: Found = Counter()
    for p in book.inbox.current:
        for declared in p.manifest["extracts"]:
            rows = p.rows[declared["extract"]]
            counted = totals_of(declared["extract"], rows)
            broken = {column for r in rows for column in r.broken}
            for name in TOTALS[declared["extract"]]:
                column = {"workers": "worker_id", "first_serial": "serial", "last_serial": "serial"}.get(
                    name, name
                )
                if name not in ("orders", "rows") and broken & {column, ""}:
                    continue
                if name not in declared["totals"] or not _same(declared["totals"][name], counted[name]):
                    found[p.key] += 1
    return found


@rule("S10")
def s10(book: Book) -> Found:
    return Counter(p.key for p in book.inbox.current if p.sequence > 1 and not p.manifest.get("reason"))


def rows_hash(rows: list[Row]) -> str:
    """SHA-256 over the lines serial,order_id,worker_id,accepted_at, by serial."""
    ordered = sorted(rows, key=lambda r: (r.get("serial"), r.get("order_id") or ""))
    lines = [
        ",".join(
            (
                str(r.get("serial")),
                r.get("order_id") or "",
                r.get("worker_id") or "",
                str(r.get("accepted_at")),
            )
        )
        for r in ordered
    ]
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


@rule("S11")
def s11(book: Book) -> Found:
    """Hours whose pulse the night contradicts, in serial, count or hash; and hours without a pulse on a date
    that has those of at least half of its hours, from the hour of the pair's first pulse on."""
    current = {p.key: p for p in book.inbox.current}
    found: Found = Counter()
    sent: dict[Cell, set[int]] = defaultdict(set)
    begin: dict[tuple[str, str], datetime] = {}
    for pulse in book.inbox.pulses:
        pair = (pulse["platform_code"], pulse["province_code"])
        at = datetime(pulse["day"].year, pulse["day"].month, pulse["day"].day, pulse["hour"])
        begin[pair] = min(begin.get(pair, at), at)
        sent[(*pair, pulse["day"].isoformat())].add(pulse["hour"])
    for cell, hours in sent.items():
        if cell in current and len(hours) >= 12:
            midnight = datetime.fromisoformat(cell[2])
            owed = (h for h in range(24) if midnight + timedelta(hours=h) > begin[cell[0], cell[1]])
            found[cell] += len(set(owed) - hours)
    for pulse in book.inbox.pulses:
        key = (pulse["platform_code"], pulse["province_code"], pulse["day"].isoformat())
        if key not in current:
            continue
        start = datetime(pulse["day"].year, pulse["day"].month, pulse["day"].day)
        end = start + timedelta(hours=pulse["hour"] + 1)
        rows = [
            r
            for r in current[key].rows["orders"]
            if r.get("accepted_at") is not None
            and start <= r.get("accepted_at") < end
            and r.get("serial") is not None
        ]
        last = max((r.get("serial") for r in rows), default=None)
        same = pulse.get("orders") == len(rows) and pulse.get("rows_hash") == rows_hash(rows)
        if not same or (pulse.get("last_serial") != last and rows):
            found[key] += 1
    return +found


# expected and late ------------------------------------------------------------------------------------
def expected_days(book: Book) -> set[Cell]:
    """Pair-days that are due: the register's pairs, else every pair from its first accepted submission on."""
    until = last_night(book.now)
    found: set[Cell] = set()

    def add(platform: str, province: str, first: date, last: date) -> None:
        while first <= last:
            found.add((platform, province, first.isoformat()))
            first += timedelta(days=1)

    register = book.reference.rows("expected_submissions")
    for r in register:
        end = day(r["valid_to"])
        last = until if end is None else min(until, end - timedelta(days=1))
        add(r["platform_code"], r["province_code"], day(r["valid_from"]) or book.first_day, last)
    if not register:
        first: dict[tuple[str, str], date] = {}
        for p in book.inbox.accepted:
            pair = (p.platform, p.province)
            first[pair] = min(first.get(pair, p.on), p.on)
        for (platform, province), start in first.items():
            add(platform, province, start, until)
    return found


def first_sent(book: Book) -> dict[Cell, Package]:
    """The earliest accepted package of each cell, superseded ones included."""
    found: dict[Cell, Package] = {}
    for p in sorted(book.inbox.accepted, key=lambda p: (p.sent, p.sequence)):
        found.setdefault(p.key, p)
    return found


def is_late(p: Package) -> bool:
    return p.sent > deadline(p.on)


@rule("T01")
def t01(book: Book) -> Found:
    there = {p.key for p in book.inbox.accepted}
    return Counter(cell for cell in expected_days(book) if cell not in there)


@rule("T02")
def t02(book: Book) -> Found:
    return Counter(key for key, p in first_sent(book).items() if is_late(p))


@rule("T03")
def t03(book: Book) -> Found:
    """Within a date: serials missing, repeated, or accepted before the serial before them. Between dates (told
    on the later): numbers missing where every date between was reported, or numbers that came before."""
    days: dict[tuple[str, str], dict[date, list[Row]]] = defaultdict(dict)
    for p in book.inbox.current:
        rows = [r for r in p.rows["orders"] if r.get("serial") is not None]
        rows.sort(key=lambda r: (r.get("serial"), r.get("accepted_at") or datetime.max))
        days[p.platform, p.province][p.on] = rows
    found: Found = Counter()
    for pair, by_day in days.items():
        last: tuple[date, int] | None = None
        for on, rows in sorted(by_day.items()):
            cell = (*pair, on.isoformat())
            for before, row in pairwise(rows):
                step = row.get("serial") - before.get("serial")
                a, b = before.get("accepted_at"), row.get("accepted_at")
                backwards = a is not None and b is not None and b < a
                found[cell] += max(step - 1, 0) + (step == 0 or backwards)
            if not rows:
                continue
            first, end = rows[0].get("serial"), rows[-1].get("serial")
            if last is not None and first > last[1]:
                between = (last[0] + timedelta(days=n) for n in range(1, (on - last[0]).days))
                found[cell] += first - last[1] - 1 if all(d in by_day for d in between) else 0
            elif last is not None:
                found[cell] += min(last[1], end) - first + 1
            last = (on, end)
    return +found


@rule("T04")
def t04(book: Book) -> Found:
    """Rows of a resubmission whose serial or order id the first accepted version that knew it paired otherwise."""
    versions: dict[Cell, list[Package]] = defaultdict(list)
    for p in book.inbox.accepted:
        versions[p.key].append(p)
    found: Found = Counter()
    for key, packages in versions.items():
        *earlier, current = sorted(packages, key=lambda p: p.sequence)
        serials: dict[int, set[str]] = {}
        orders: dict[str, set[int]] = {}
        for p in earlier:  # the first version that knew a serial or an order says what belongs to it
            pairs = [q for r in p.rows["orders"] if None not in (q := (r.get("serial"), r.get("order_id")))]
            own_serials: dict[int, set[str]] = defaultdict(set)
            own_orders: dict[str, set[int]] = defaultdict(set)
            for serial, order in pairs:
                own_serials[serial].add(order)
                own_orders[order].add(serial)
            serials, orders = own_serials | serials, own_orders | orders
        for row in current.rows["orders"]:
            serial, order = row.get("serial"), row.get("order_id")
            if serial is None or order is None:
                continue
            wrong = serial in serials and order not in serials[serial]
            found[key] += wrong or (order in orders and serial not in orders[order])
    return +found


@rule("T10")
def t10(book: Book) -> Found:
    """Only in live runs; the oracle always replays."""
    return Counter()
