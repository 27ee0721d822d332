"""X rules: orders, cover and claims held against each other (readings 36–49)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction

from .book import Book, Judged, Spell, has_duty
from .found import Found, rule
from .rules_package import is_late
from .typing_rows import Row

AFTER_FINISH = timedelta(minutes=30)
PARALLEL = {"ride_hailing": 3, "instant_delivery": 15, "food_delivery": 15, "intracity_freight": 3}


def duties(book: Book) -> list[Judged]:
    """Orders of any status that need cover and whose worker and moment can be read."""
    return [j for j in book.judged if has_duty(j) and j.row.get("worker_id") and j.row.get("accepted_at")]


@rule("X01")
def x01(book: Book) -> Found:
    return Counter(j.row.cell for j in duties(book) if not j.covered and not j.employee)


@rule("X02")
def x02(book: Book) -> Found:
    """Worker-days whose every spell that touches the day was first registered after the day's first order."""
    first: dict[tuple[str, date, str], Row] = {}
    for j in book.judged:
        row = j.row
        if j.in_scope and row.get("worker_id") and row.get("accepted_at"):
            key = (row.platform, row.day, row.get("worker_id"))
            at = (row.get("accepted_at"), row.province)
            if key not in first or at < (first[key].get("accepted_at"), first[key].province):
                first[key] = row
    found: Found = Counter()
    for (platform, on, worker), row in first.items():
        begin = datetime(on.year, on.month, on.day)
        registered = [
            s.registered
            for s in book.spells_of.get((platform, worker), [])
            if s.programme in (None, "oip", "employee_insurance")
            and s.overlaps(begin, begin + timedelta(days=1))
        ]
        late = [t is not None and t > row.get("accepted_at") for t in registered]
        found[row.cell] += bool(late) and all(late)
    return +found


@rule("X04")
def x04(book: Book) -> Found:
    """Where the platform reported on the day of the injury; else the order may be older than the data."""
    days = {(p.platform, p.on) for p in book.inbox.current}
    return Counter(
        c.cell
        for c in book.claims
        if c.get("order_id")
        and c.get("injured_at")
        and (c.platform, c.get("injured_at").date()) in days
        and (c.platform, c.get("order_id")) not in book.order_by_key
    )


@rule("X05")
def x05(book: Book) -> Found:
    found: Found = Counter()
    for claim in book.claims:
        j = book.order_by_key.get((claim.platform, claim.get("order_id")))
        at = claim.get("injured_at")
        if j is None or at is None:
            continue
        start, end = j.row.get("accepted_at"), j.row.get("finished_at")
        found[claim.cell] += (start is not None and at < start) or (
            end is not None and at > end + AFTER_FINISH
        )
    return +found


def covering_injury(book: Book, claim: Row) -> list[Spell]:
    """Of the claim's worker, or where that cannot be read of its person; an unreadable programme is any."""
    at, programme, worker = claim.get("injured_at"), claim.get("programme"), claim.get("worker_id")
    if worker is not None:
        spells = book.spells_of.get((claim.platform, worker), [])
    else:
        number = claim.get("id_number")
        spells = [
            s
            for s in book.spells
            if number
            and s.row.platform == claim.platform
            and s.row.get("id_number") == number
            and s.row.get("covered_from")
        ]
    return [
        s
        for s in spells
        if (programme is None or s.programme in (None, programme))
        and at is not None
        and s.start <= at < s.end
    ]


@rule("X06")
def x06(book: Book) -> Found:
    """From the platform's first report on: before it, its roll is not known."""
    first: dict[str, date] = {}
    for p in book.inbox.current:
        first[p.platform] = min(first.get(p.platform, p.on), p.on)
    found: Found = Counter()
    for c in book.claims:
        at = c.get("injured_at")
        known = at is not None and c.platform in first and first[c.platform] <= at.date()
        if known and (c.get("worker_id") or c.get("id_number")):
            found[c.cell] += not covering_injury(book, c)
    return +found


def appeared(book: Book, order: Row) -> tuple[datetime, bool] | None:
    """When the order was first handed in for its cell, and whether late or in no first version of it."""
    versions = sorted(
        (p for p in book.inbox.accepted if p.key == order.cell), key=lambda p: (p.sent, p.sequence)
    )
    for p in versions:
        if any(r.get("order_id") == order.get("order_id") for r in p.rows["orders"]):
            return p.sent, p.sent > versions[0].sent or is_late(p)
    return None


@rule("X07")
def x07(book: Book) -> Found:
    """Orders first handed in, late or not at first, after the report of their accident; and spells first
    recorded after an injury that they, and none recorded earlier, cover. Each in its own cell."""
    found: Found = Counter()
    reported: dict[tuple[str, str], datetime] = {}
    for claim in book.claims:
        at, key = claim.get("reported_at"), (claim.platform, claim.get("order_id"))
        if at is not None and key in book.order_by_key:
            reported[key] = min(reported.get(key, at), at)
    for key, at in reported.items():
        order = book.order_by_key[key].row
        first = appeared(book, order)
        found[order.cell] += first is not None and first[1] and first[0] > at
    late: dict[int, Spell] = {}
    for claim in book.claims:
        at, worker, programme = (claim.get(c) for c in ("injured_at", "worker_id", "programme"))
        if at is None or worker is None or programme is None:
            continue
        spells = [
            s
            for s in book.spells_of.get((claim.platform, worker), [])
            if s.programme == programme and s.covers(at)
        ]
        if all(s.registered is not None and s.registered > at for s in spells):
            late.update({id(s): s for s in spells})
    return +(found + Counter(s.row.cell for s in late.values()))


@rule("X08")
def x08(book: Book) -> Found:
    """Persons whose oip and employee_insurance spells on the platform overlap, once, where that first showed."""
    kinds: dict[tuple[str, str], list[Spell]] = defaultdict(list)
    for spell in book.spells:
        long = spell.row.get("covered_from") is not None and spell.start < spell.end
        if long and spell.row.get("id_number") and spell.programme in ("oip", "employee_insurance"):
            kinds[spell.row.platform, spell.row.get("id_number")].append(spell)
    found: Found = Counter()
    for (platform, _), spells in kinds.items():
        shown = [
            (
                max(oip.first_day, other.first_day),
                max(oip.start, other.start),
                oip.row.get("coverage_id"),
                other.row.get("coverage_id"),
                oip.row.province,
            )
            for oip in spells
            for other in spells
            if (oip.programme, other.programme) == ("oip", "employee_insurance")
            and max(oip.start, other.start) < min(oip.end, other.end)
        ]
        if shown:
            on, *_, province = min(shown)
            found[platform, province, on.isoformat()] += 1
    return found


@rule("X09")
def x09(book: Book) -> Found:
    """oip claims whose injury (the order, or person and day) another programme paid too: employee_insurance in
    any case, others where both are refunds of bills that together pass the higher bill."""
    found: Found = Counter()
    paid = [
        c for c in book.claims if c.get("paid_at") and (c.get("benefit_yuan") or 0) > 0 and c.get("programme")
    ]
    for oip in (c for c in paid if c.get("programme") == "oip"):
        found[oip.cell] += any(other.get("programme") != "oip" and paid_twice(oip, other) for other in paid)
    return +found


def paid_twice(oip: Row, other: Row) -> bool:
    def person(claim: Row) -> str:
        return claim.get("id_number") or f"{claim.platform}/{claim.get('worker_id')}"

    def day(claim: Row) -> date | None:
        return claim.get("injured_at").date() if claim.get("injured_at") else None

    same_order = oip.get("order_id") is not None and (oip.platform, oip.get("order_id")) == (
        other.platform,
        other.get("order_id"),
    )
    if person(oip) != person(other) or not (same_order or (day(oip) is not None and day(oip) == day(other))):
        return False
    if other.get("programme") == "employee_insurance":
        return True
    bills = [c.get("medical_yuan") for c in (oip, other) if c.get("medical_yuan") is not None]
    refunds = all(c.get("injury_class") in ("minor", "medical") for c in (oip, other))
    return refunds and bool(bills) and oip.get("benefit_yuan") + other.get("benefit_yuan") > max(bills)


@rule("X10")
def x10(book: Book) -> Found:
    """Orders accepted while as many of the worker's orders of that date are open as the bound allows; a running
    one without a finish is open to the end of the date, and every one for a second at least."""
    by_worker: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
    for j in book.judged:
        if j.row.get("accepted_at") and j.row.get("worker_id"):
            by_worker[j.row.platform, j.row.value["worker_id"], j.row.day].append(j.row)
    found: Found = Counter()
    for (_, _, on), rows in by_worker.items():
        midnight = datetime(on.year, on.month, on.day) + timedelta(days=1)
        rows.sort(key=lambda r: (r.get("accepted_at"), r.get("serial") or 0, r.get("order_id")))
        open_until: list[datetime] = []
        for row in rows:
            open_until = [t for t in open_until if t > row.get("accepted_at")]
            bound = PARALLEL.get(row.get("industry") or "")
            if bound is not None and len(open_until) >= bound:
                found[row.cell] += 1
            end = row.get("finished_at") or (midnight if row.get("status") == "running" else datetime.min)
            open_until.append(max(end, row.get("accepted_at") + timedelta(seconds=1)))
    return found


@rule("X11")
def x11(book: Book) -> Found:
    """Worker id and person seen together for the first time, where either had another partner before."""
    identity: dict[tuple[str, str], str] = {}
    worker: dict[tuple[str, str], str] = {}
    seen: set[tuple[str, str, str]] = set()
    found: Found = Counter()
    for row in book.rows["enrollment"]:
        name, number = row.get("worker_id"), row.get("id_number")
        if not name or not number or (row.platform, name, number) in seen:
            continue
        seen.add((row.platform, name, number))
        first_number = identity.setdefault((row.platform, name), number)
        first_name = worker.setdefault((row.platform, number), name)
        found[row.cell] += first_number != number or first_name != name
    return +found


@rule("X14")
def x14(book: Book) -> Found:
    """Orders that need cover and have it, but of no submission of their own province (programmes that can be
    read; who is an employee is none of this)."""
    found: Found = Counter()
    for j in duties(book):
        provinces = {s.row.province for s in j.covering if s.programme is not None}
        found[j.row.cell] += not j.employee and bool(provinces) and j.row.province not in provinces
    return +found


@rule("X12")
def x12(book: Book) -> Found:
    """Worker-days and prefectures whose first or last order is nearer in time to another platform's, elsewhere, than 120 km/h allows."""
    centres = {
        r["city_code"]: (float(r["longitude"]), float(r["latitude"]))
        for r in book.reference.rows("city_centre")
    }
    times: dict[tuple[str, str, date, str, str, str | None], list[datetime]] = defaultdict(list)
    for row in book.first_orders:
        worker, at, city = row.get("worker_id"), row.get("accepted_at"), row.get("city_code")
        if worker and at and city in centres and book.latest_identity.get((row.platform, worker)):
            times[row.platform, row.province, row.day, worker, city, row.get("industry")].append(at)
    events: dict[str, set[tuple[str, str, date, str, str, datetime]]] = defaultdict(set)
    for (platform, province, day, worker, city, _), found_at in times.items():
        for at in (min(found_at), max(found_at)):
            events[book.latest_identity[platform, worker]].add((platform, province, day, worker, city, at))
    found: set[tuple[str, str, date, str, str]] = set()
    for of_person in events.values():
        for one in of_person:
            for other in of_person:
                if one[0] == other[0] or one[4] == other[4] or abs((one[2] - other[2]).days) > 2:
                    continue
                if (
                    abs((one[5] - other[5]).total_seconds()) * 120
                    < kilometres(centres[one[4]], centres[other[4]]) * 3600
                ):
                    found.add(one[:5])
    return Counter((platform, province, str(day)) for platform, province, day, _, _ in found)


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great circle on a sphere of 6371 km, from the chord between two points of the unit sphere."""
    points = []
    for longitude, latitude in (one, other):
        lon, lat = math.radians(longitude), math.radians(latitude)
        points.append((math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)))
    return 2 * 6371 * math.asin(min(1.0, math.dist(*points) / 2))


@rule("X15")
def x15(book: Book) -> Found:
    """Orders still running more than 48 hours after acceptance; cancelled orders that look completed, far above peers."""
    found = Counter(
        r.cell
        for r in book.first_orders
        if r.get("status") == "running"
        and r.get("accepted_at")
        and r.get("accepted_at") + timedelta(hours=48) < book.judged_at
    )
    cells: dict[tuple[str, str, date, str], list[int]] = defaultdict(lambda: [0, 0])
    for j in book.judged:
        industry = j.row.get("industry")
        if j.in_scope and industry is not None:
            counts = cells[j.row.platform, j.row.province, j.row.day, industry]
            counts[0] += 1
            counts[1] += looks_completed(j.row)
    for (platform, province, day, industry), (orders, relabelled) in cells.items():
        peers = [c for key, c in cells.items() if key[2:] == (day, industry) and key[0] != platform]
        others, theirs = sum(c[0] for c in peers), sum(c[1] for c in peers)
        if orders < 50 or others < 50:
            continue
        excess = Fraction(relabelled, orders) - Fraction(theirs, others)
        pooled = Fraction(relabelled + theirs, orders + others)
        variance = pooled * (1 - pooled) * (Fraction(1, orders) + Fraction(1, others))
        if excess > Fraction(1, 20) and excess * excess > 16 * variance:
            found[platform, province, str(day)] += relabelled
    return found


def looks_completed(row: Row) -> bool:
    """Cancelled, yet with income, no premium, and from 60 seconds to 24 hours long."""
    begin, end = row.get("accepted_at"), row.get("finished_at")
    return bool(
        row.get("status") == "cancelled"
        and (row.get("worker_income_yuan") or 0) > 0
        and (row.get("premium_yuan") or 0) <= 0
        and begin
        and end
        and timedelta(seconds=60) <= end - begin <= timedelta(hours=24)
    )
