"""S06–S08 and V rules: what a single row, or the rows of one key, say of themselves (readings 18–30)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from .book import Book, Spell
from .found import Found, rule
from .reference import SCHEME_START, YILUBAO_START, province_of_city, same_day
from .rules_package import refusals
from .standard import EVENTS, EXTRACTS, KEYS
from .typing_rows import Row, birth_date

CAPS = {  # programme -> (since, yuan)
    "yilubao": (YILUBAO_START, Decimal(400_000)),
    "weigongka": (date(2019, 1, 1), Decimal(800_000)),
    "union_shanghai": (date(2019, 1, 1), Decimal(90_800)),
}
SPEED = {"ride_hailing": 150, "instant_delivery": 80, "food_delivery": 80, "intracity_freight": 120}  # km/h
AMOUNT_BOUNDS = {
    "orders": {"customer_paid_yuan": 10_000, "worker_income_yuan": 10_000},
    "enrollment": {"premium_yuan": 10_000, "contribution_base_yuan": 100_000},
    "claims": {"medical_yuan": 5_000_000},
}
STAGES = ("applied_at", "confirmed_at", "appraised_at", "decided_at", "paid_at")


def rows_broken(book: Book, rule_id: str) -> Found:
    """Rows with at least one cell that breaks the rule."""
    return Counter(
        row.cell for extract in KEYS for row in book.rows[extract] if rule_id in row.broken.values()
    )


@rule("S06")
def s06(book: Book) -> Found:
    return rows_broken(book, "S06")


def unfinished(row: Row) -> bool:
    """finished_at may be empty only while the order is running."""
    ended = row.get("status") in ("completed", "cancelled")
    return ended and not row.text.get("finished_at") and "" not in row.broken


@rule("S07")
def s07(book: Book) -> Found:
    more = (r for r in book.rows["orders"] if unfinished(r) and "S07" not in r.broken.values())
    return rows_broken(book, "S07") + Counter(r.cell for r in more)


@rule("S08")
def s08(book: Book) -> Found:
    return rows_broken(book, "S08") + refusals(book, "S08")


@rule("V01")
def v01(book: Book) -> Found:
    return rows_broken(book, "V01")


@rule("V02")
def v02(book: Book) -> Found:
    return rows_broken(book, "V02") + refusals(book, "V02")


@rule("V03")
def v03(book: Book) -> Found:
    """Younger than 16 on the day on which cover starts."""
    found: Found = Counter()
    for row in book.rows["enrollment"]:
        if row.get("id_number") and row.get("covered_from"):
            born = birth_date(row.get("id_number"))
            if born and row.get("covered_from").date() < same_day(born, 16):
                found[row.cell] += 1
    return found


def in_future(row: Row) -> bool:
    return any((t := row.get(c)) is not None and t > row.submitted_at for c in EVENTS[row.extract])


@rule("V04")
def v04(book: Book) -> Found:
    late = Counter(row.cell for extract in KEYS for row in book.rows[extract] if in_future(row))
    return late + refusals(book, "V04")


def out_of_order(row: Row) -> bool:
    times = [t for c in EVENTS["orders"] if (t := row.get(c)) is not None]
    return any(a > b for a, b in pairwise(times))


@rule("V05")
def v05(book: Book) -> Found:
    return Counter(row.cell for row in book.rows["orders"] if out_of_order(row))


@rule("V06")
def v06(book: Book) -> Found:
    """Completed in under 60 seconds, or in over 24 hours."""
    found: Found = Counter()
    for row in book.rows["orders"]:
        a, b = row.get("accepted_at"), row.get("finished_at")
        if row.get("status") == "completed" and a and b:
            found[row.cell] += not timedelta(seconds=60) <= b - a <= timedelta(hours=24)
    return +found


@rule("V07")
def v07(book: Book) -> Found:
    """metres / seconds × 3.6 above the bound, from pick-up (else acceptance) to finish, over 60 seconds."""
    found: Found = Counter()
    for row in book.rows["orders"]:
        start, end = row.get("picked_up_at") or row.get("accepted_at"), row.get("finished_at")
        bound, metres = SPEED.get(row.get("industry") or ""), row.get("distance_m")
        if row.get("status") == "completed" and start and end and bound and metres is not None:
            seconds = int((end - start).total_seconds())
            found[row.cell] += seconds > 60 and metres * 36 > bound * seconds * 10
    return +found


def misplaced(row: Row) -> bool:
    """Accepted outside the business date, or in a city of another province."""
    at, city = row.get("accepted_at"), row.get("city_code")
    return (at is not None and at.date() != row.day) or (
        city is not None and province_of_city(city) != row.province
    )


@rule("V08")
def v08(book: Book) -> Found:
    return Counter(row.cell for row in book.rows["orders"] if misplaced(row))


def repeated(book: Book, extract: str) -> list[Row]:
    """Rows beyond the first of a key that say something else than the first (an identical twin does not)."""
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in book.rows[extract]:
        key = row.get(KEYS[extract])
        if key is not None:
            scope: tuple[object, ...] = () if extract == "orders" else (row.day,)
            groups[(row.platform, key, *scope)].append(row)
    found: list[Row] = []
    for first, *rows in groups.values():
        found += [row for row in rows if content(row) != content(first)]
    return found


def content(row: Row) -> list[object]:
    """What a row says: values, so that 10 and 10.00 are the same; codes as they stand, known or not."""
    columns = EXTRACTS[row.extract].values()
    return [
        row.text.get(c.name, "") if c.type.startswith(("code", "city")) else row.get(c.name) for c in columns
    ]


@rule("V09")
def v09(book: Book) -> Found:
    return Counter(row.cell for extract in KEYS for row in repeated(book, extract))


@rule("V10")
def v10(book: Book) -> Found:
    """Rows that end no later than they start; latest spells that start before an earlier one has ended."""
    bad: dict[int, Row] = {}
    for row in book.rows["enrollment"]:
        start, end = row.get("covered_from"), row.get("covered_to")
        if start and end and end <= start:
            bad[id(row)] = row
    groups: dict[tuple[object, ...], list[Spell]] = defaultdict(list)
    for spell in book.spells:
        if spell.readable and spell.start < spell.end:
            groups[spell.row.platform, spell.worker, spell.row.text.get("programme")].append(spell)
    for spells in groups.values():
        spells.sort(key=lambda s: (s.start, s.row.get("coverage_id")))
        reach = datetime.min
        for spell in spells:
            if spell.start < reach:
                bad[id(spell.row)] = spell.row
            reach = max(reach, spell.end)
    return Counter(row.cell for row in bad.values())


@rule("V11")
def v11(book: Book) -> Found:
    """Backwards: injury after report or application, or a stage after a later one; or (oip, not denied or
    withdrawn) a stage without the one before (applied_at may lack in 310000)."""
    found: Found = Counter()
    for row in book.rows["claims"]:
        at = {s: row.get(s) for s in STAGES}
        times = [t for t in at.values() if t is not None]
        wrong = any(a > b for a, b in pairwise(times))
        injured = row.get("injured_at")
        wrong |= injured is not None and any(
            t is not None and injured > t for t in (row.get("reported_at"), at["applied_at"])
        )
        if row.get("programme") == "oip" and row.get("outcome") not in ("denied", "withdrawn"):
            needs = [
                ("appraised_at", "confirmed_at"),
                ("decided_at", "confirmed_at"),
                ("paid_at", "confirmed_at"),
                ("paid_at", "decided_at"),
            ]
            wrong |= any(at[later] is not None and at[earlier] is None for later, earlier in needs)
            spared = row.province == "310000" and injured is not None and injured.date() >= SCHEME_START
            wrong |= not spared and at["applied_at"] is None and bool(times)
        found[row.cell] += wrong
    return +found


@rule("V12")
def v12(book: Book) -> Found:
    found: Found = Counter()
    for row in book.rows["claims"]:
        grade, kind = row.get("disability_grade"), row.text.get("injury_class", "")
        disabled, other = kind == "disability", kind not in ("", "disability")
        appraised = row.get("appraised_at") is not None
        wrong = (other or not appraised) if grade is not None else (disabled and appraised)
        found[row.cell] += wrong
    return +found


@rule("V13")
def v13(book: Book) -> Found:
    found: Found = Counter()
    for row in book.rows["claims"]:
        benefit, injured = row.get("benefit_yuan"), row.get("injured_at")
        since, cap = CAPS.get(row.get("programme") or "", (date.max, Decimal(0)))
        capped = injured is not None and injured.date() >= since
        wrong = benefit is not None and (benefit < 0 or (capped and benefit > cap))
        found[row.cell] += wrong or (row.get("medical_yuan") or 0) < 0
    return +found


@rule("V14")
def v14(book: Book) -> Found:
    """Amounts above a bound, or of completed orders over 50 times (under a 50th of) their kind's median."""
    bad: dict[int, Row] = {}
    for extract, bounds in AMOUNT_BOUNDS.items():
        for row in book.rows[extract]:
            if any((row.get(c) or 0) > bound for c, bound in bounds.items()):
                bad[id(row)] = row
    for column in ("customer_paid_yuan", "worker_income_yuan"):
        kinds: dict[tuple[str, str, date], list[Row]] = defaultdict(list)
        for row in book.rows["orders"]:
            if (row.get(column) or 0) > 0 and row.get("status") == "completed":
                kinds[row.platform, row.text.get("industry", ""), row.day].append(row)
        for rows in kinds.values():
            middle = median(r.value[column] for r in rows)
            for row in rows if len(rows) >= 30 else ():
                if row.value[column] > 50 * middle or row.value[column] * 50 < middle:
                    bad[id(row)] = row
    return Counter(row.cell for row in bad.values())


def quarantined(book: Book) -> dict[int, Row]:
    """Rows that a quarantine rule names: S06, S07, S08, V01, V02, V04, V05, V08, V09, by object id."""
    found = {id(r): r for extract in KEYS for r in book.rows[extract] if r.broken or in_future(r)}
    found.update({id(r): r for r in book.rows["orders"] if out_of_order(r) or misplaced(r)})
    found.update({id(r): r for extract in KEYS for r in repeated(book, extract)})
    return found


def age_on(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
