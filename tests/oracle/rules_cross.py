"""X rules: orders, cover, claims and what others know, held against each other (readings 36–49)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from .book import Book, Cell, Judged, Spell, has_duty
from .found import Found, rule
from .inbox import as_date, as_time
from .reference import last_night
from .rules_package import is_late
from .typing_rows import Row

AFTER_FINISH = timedelta(minutes=30)
PARALLEL = {"ride_hailing": 3, "instant_delivery": 15, "food_delivery": 15, "intracity_freight": 3}
EMPLOYEE = {"employee_insurance"}


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


def first_versions(book: Book) -> dict[tuple[str, str], tuple[datetime, bool]]:
    """(platform, order_id) -> when it was first handed in, and whether that was late or a repetition."""
    found: dict[tuple[str, str], tuple[datetime, bool]] = {}
    for p in sorted(book.inbox.accepted, key=lambda p: (p.sent, p.on, p.sequence)):
        for row in p.rows["orders"]:
            if row.get("order_id") is not None:
                found.setdefault((p.platform, row.value["order_id"]), (p.sent, p.sequence > 1 or is_late(p)))
    return found


@rule("X07")
def x07(book: Book) -> Found:
    """Claims whose order was first handed in, late or repeated, after the report; or with later cover."""
    versions = first_versions(book)
    found: Found = Counter()
    for claim in book.oip_claims:
        sent, odd = versions.get((claim.platform, claim.get("order_id")), (datetime.min, False))
        reported, injured = claim.get("reported_at"), claim.get("injured_at")
        wrong = odd and reported is not None and sent > reported
        registered = [s.registered for s in covering_injury(book, claim) if s.registered is not None]
        wrong |= bool(registered) and injured is not None and min(registered) > injured
        found[claim.cell] += wrong
    return +found


@rule("X08")
def x08(book: Book) -> Found:
    """Persons at some moment of the day on the platform's oip roll and under its employee_insurance."""
    by_person: dict[tuple[str, str], list[Spell]] = defaultdict(list)
    for spell in book.spells:
        if spell.readable and spell.programme in ("oip", "employee_insurance"):
            by_person[spell.row.platform, book.person_of(spell.row)].append(spell)
    days: dict[tuple[str, str], list[date]] = defaultdict(list)
    for p in book.inbox.current:
        days[p.platform, p.province].append(p.on)
    persons: dict[Cell, set[str]] = defaultdict(set)
    for (platform, person), spells in by_person.items():
        for oip in (s for s in spells if s.programme == "oip"):
            for other in (s for s in spells if s.programme == "employee_insurance"):
                start, end = max(oip.start, other.start), min(oip.end, other.end)
                for on in days[platform, oip.row.province]:
                    begin = datetime(on.year, on.month, on.day)
                    if max(start, begin) < min(end, begin + timedelta(days=1)):
                        persons[platform, oip.row.province, on.isoformat()].add(person)
    return Counter({cell: len(found) for cell, found in persons.items()})


@rule("X09")
def x09(book: Book) -> Found:
    """oip claims paid for an injury that employee_insurance paid too: same person, same day of injury."""

    def paid(claim: Row) -> bool:
        return (claim.get("benefit_yuan") or Decimal(0)) > 0

    def injury(claim: Row) -> tuple[str, date]:
        return book.person_of(claim), claim.get("injured_at").date()

    dated = [c for c in book.claims if c.get("injured_at") and paid(c)]
    employee = {injury(c) for c in dated if c.get("programme") == "employee_insurance"}
    return Counter(c.cell for c in dated if c.get("programme") == "oip" and injury(c) in employee)


@rule("X10")
def x10(book: Book) -> Found:
    """Orders accepted while as many finished-later orders of the worker are open as the bound allows."""
    by_worker: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for j in book.judged:
        if j.row.get("accepted_at") and j.row.get("worker_id"):
            by_worker[j.row.platform, j.row.value["worker_id"]].append(j.row)
    found: Found = Counter()
    for rows in by_worker.values():
        rows.sort(key=lambda r: (r.get("accepted_at"), r.get("serial") or 0, r.get("order_id")))
        open_until: list[datetime] = []
        for row in rows:
            open_until = [t for t in open_until if t > row.get("accepted_at")]
            bound = PARALLEL.get(row.get("industry") or "")
            if bound is not None and len(open_until) >= bound:
                found[row.cell] += 1
            if row.get("finished_at"):
                open_until.append(row.get("finished_at"))
    return found


@rule("X11")
def x11(book: Book) -> Found:
    """Latest spells whose identity is not the worker id's first, or worker id not the person's first."""
    identity: dict[tuple[str, str], str] = {}
    worker: dict[tuple[str, str], str] = {}
    found: Found = Counter()
    rows = sorted((s.row for s in book.spells), key=lambda r: r.order)
    for row in rows:
        if not row.get("worker_id") or not row.get("id_number"):
            continue
        first_id = identity.setdefault((row.platform, row.get("worker_id")), row.get("id_number"))
        first_worker = worker.setdefault((row.platform, row.get("id_number")), row.get("worker_id"))
        found[row.cell] += first_id != row.get("id_number") or first_worker != row.get("worker_id")
    return +found


@rule("X13")
def x13(book: Book) -> Found:
    """Checked orders that are not there, told at the province of the worker's cover ('' where unknown)."""
    found: Found = Counter()
    until = last_night(book.now)
    for check in book.inbox.worker_checks:
        platform, on = (
            check["platform_code"],
            as_date(check.get("accepted_at")) or as_date(check["checked_at"]),
        )
        if not check.get("order_id") or on is None or on > until:
            continue
        if (platform, check["order_id"]) not in book.order_by_key:
            spells = book.spells_of.get((platform, check.get("worker_id", "")), [])
            province = max(((s.row.day, s.row.province) for s in spells), default=(on, ""))[1]
            found[platform, province, on.isoformat()] += 1
    return found


@rule("X14")
def x14(book: Book) -> Found:
    return Counter(
        j.row.cell
        for j in duties(book)
        if not j.employee and j.covering and all(s.row.province != j.row.province for s in j.covering)
    )


@rule("X15")
def x15(book: Book) -> Found:
    """Only the exact half: orders still running more than 48 hours after acceptance."""
    return Counter(
        r.cell
        for r in book.first_orders
        if r.get("status") == "running"
        and r.get("accepted_at")
        and r.get("accepted_at") + timedelta(hours=48) < book.now
    )


@rule("X16")
def x16(book: Book) -> Found:
    """Persons claimed as employees beyond the social-insurance roll's number, over the roll's own period."""
    found: Found = Counter()
    for w in book.inbox.witness:
        first, last = as_date(w["date_from"]), as_date(w["date_to"])
        if (
            w["source"] != "social_insurance"
            or w["measure"] != "employees"
            or not w["platform_code"]
            or not first
            or not last
        ):
            continue
        begin = datetime(first.year, first.month, first.day)
        end = datetime(last.year, last.month, last.day) + timedelta(days=1)
        claimed = {
            book.person_of(s.row)
            for s in book.spells
            if s.programme == "employee_insurance"
            and s.row.platform == w["platform_code"]
            and s.overlaps(begin, end)
            and w["province_code"] in ("", s.row.province)
        }
        over = len(claimed) - int(Decimal(w["value"]))
        if over > 0:
            found[w["platform_code"], w["province_code"], last.isoformat()] += over
    return found


@rule("X17")
def x17(book: Book) -> Found:
    """oip claims of platforms that the agency has cases of, against those cases, both ways.

    The same case: the same order, else the same person with injuries at most 3 days apart; the other side
    must know it 30 days after the first report or receipt; dates differ by the day, amounts by over 1 yuan.
    """
    cases = book.inbox.agency_cases
    watched = {c["platform_code"] for c in cases}
    claims = [c for c in book.oip_claims if c.platform in watched and c.get("injured_at")]
    due = book.now - timedelta(days=30)
    found: Found = Counter()
    matched: set[int] = set()
    for case in cases:
        claim = next((c for c in claims if same_case(book, case, c)), None)
        received = as_time(case.get("received_at")) or as_time(case["injured_at"])
        if claim is not None:
            matched.add(id(claim))
            found[claim.cell] += case_differs(case, claim)
        elif received is not None and received < due:
            rows = book.spells_of_identity.get((case["platform_code"], case["id_number"]), [])
            found[case["platform_code"], rows[-1].province if rows else "", received.date().isoformat()] += 1
    for claim in claims:
        reported = claim.get("reported_at")
        if id(claim) not in matched and reported is not None and reported < due:
            found[claim.cell] += 1
    return +found


def same_case(book: Book, case: dict[str, str], claim: Row) -> bool:
    if case["platform_code"] != claim.platform:
        return False
    if case.get("order_id") and claim.get("order_id"):
        return bool(case["order_id"] == claim.get("order_id"))
    injured = as_time(case["injured_at"])
    close = injured is not None and abs(injured - claim.get("injured_at")) <= timedelta(days=3)
    return close and book.person_of(claim) == case["id_number"]


def case_differs(case: dict[str, str], claim: Row) -> bool:
    stages = [(as_time(case.get(s)), claim.get(s)) for s in ("confirmed_at", "paid_at")]
    if any(a is not None and b is not None and a.date() != b.date() for a, b in stages):
        return True
    if not case.get("benefit_yuan") or claim.get("benefit_yuan") is None:
        return False
    return bool(abs(Decimal(case["benefit_yuan"]) - claim.get("benefit_yuan")) > 1)
