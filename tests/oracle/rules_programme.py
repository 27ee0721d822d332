"""T06–T09 and P rules: contributions, the clock of claims, other programmes (readings 50–52)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from .book import Book
from .found import Found, rule
from .inbox import as_date
from .reference import Row as RegisterRow
from .reference import in_force
from .rules_validity import age_on
from .typing_rows import Row, birth_date

DAY = timedelta(days=1)
JD, JD_START = "P04", date(2025, 3, 1)
UNION_START, UNION_CAP = date(2019, 1, 1), Decimal(90_800)


def start_of(claim: Row) -> datetime | None:
    """Stages of a claim start at the application, else at the first report."""
    return claim.get("applied_at") or claim.get("reported_at")


def working_days(
    book: Book, start: datetime | None, end: datetime | None, suspended: int | None = 0
) -> int | None:
    if start is None or end is None:
        return None
    return max(0, book.reference.workdays(start.date(), end.date()) - (suspended or 0))


def premium_due(book: Book) -> dict[tuple[str, str, date], Decimal]:
    """(platform, province, day) -> what its in-scope orders owe.

    Valid ones: the tier row, else the amount paid if it is a base amount, else the lowest base amount. The
    others (cancelled, running): what they carry, since 0 and the rate are both lawful there.
    """
    due: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    for j in book.judged:
        if not j.in_scope:
            continue
        row, owed = j.row, j.row.get("premium_yuan") or Decimal(0)
        if j.valid:
            base = book.reference.base_premiums(row.platform, row.get("industry") or "", row.day)
            tier = book.reference.tier(row.platform, row.province, row.day)
            owed = tier if tier is not None else owed if owed in base else min(base, default=Decimal(0))
        due[row.platform, row.province, row.day] += owed
    return due


@rule("T06")
def t06(book: Book) -> Found:
    """Tax: contributions for a period differ by over 2% from what the valid orders of that period owe."""
    due = premium_due(book)
    found: Found = Counter()
    for w in book.inbox.witness:
        first, last = as_date(w["date_from"]), as_date(w["date_to"])
        if w["source"] != "tax" or w["measure"] != "contributions_yuan" or not w["platform_code"]:
            continue
        if first is None or last is None:
            continue
        if first < book.first_day or last > book.last_day:
            continue
        total = sum(
            (
                v
                for (platform, province, on), v in due.items()
                if platform == w["platform_code"]
                and w["province_code"] in ("", province)
                and first <= on <= last
            ),
            Decimal(0),
        )
        if abs(Decimal(w["value"]) - total) * 100 > 2 * total:
            found[w["platform_code"], w["province_code"], last.isoformat()] += 1
    return found


@rule("T07")
def t07(book: Book) -> Found:
    """Confirmed over 30 working days after the application (else report), suspended days left out."""
    found: Found = Counter()
    for claim in book.oip_claims:
        taken = working_days(book, start_of(claim), claim.get("confirmed_at"), claim.get("suspended_days"))
        found[claim.cell] += taken is not None and taken > 30
    return +found


@rule("T08")
def t08(book: Book) -> Found:
    found: Found = Counter()
    for claim in book.oip_claims:
        if claim.get("injury_class") == "minor":
            confirm = working_days(
                book, start_of(claim), claim.get("confirmed_at"), claim.get("suspended_days")
            )
            pay = working_days(book, claim.get("confirmed_at"), claim.get("paid_at"))
            found[claim.cell] += (confirm is not None and confirm > 2) or (pay is not None and pay > 5)
    return +found


@rule("T09")
def t09(book: Book) -> Found:
    """Applied over 30 days after the injury (reported by the platform), over 90 (by worker or family)."""
    found: Found = Counter()
    bounds = {"platform": 30, "worker": 90, "family": 90}
    for claim in book.oip_claims:
        injured, applied, bound = (
            claim.get("injured_at"),
            claim.get("applied_at"),
            bounds.get(claim.get("reported_by")),
        )
        if injured and applied and bound:
            found[claim.cell] += (applied.date() - injured.date()).days > bound
    return +found


@rule("P01")
def p01(book: Book) -> Found:
    """yilubao: 0.8 yuan a day of which 0.4 fiscal, age 16 to 65 at the start, benefit up to 400,000."""
    found: Found = Counter()
    for row in book.rows["enrollment"]:
        if row.get("programme") != "yilubao" or row.get("covered_from") is None:
            continue
        start, end = row.get("covered_from"), row.get("covered_to")
        days = -((start - end) // DAY) if end else None
        wrong = days is not None and row.get("premium_yuan") not in (None, Decimal("0.8") * days)
        wrong |= days is not None and row.get("subsidy_yuan") not in (None, Decimal("0.4") * days)
        wrong |= row.get("subsidy_payer") not in (None, "fiscal")
        born = birth_date(row.get("id_number")) if row.get("id_number") else None
        wrong |= born is not None and not 16 <= age_on(born, start.date()) <= 65
        found[row.cell] += wrong
    return +(found + _over(book, "yilubao", Decimal(400_000)))


def _over(book: Book, programme: str, cap: Decimal) -> Found:
    rows = (r for r in book.rows["claims"] if r.get("programme") == programme)
    return Counter(r.cell for r in rows if (r.get("benefit_yuan") or 0) > cap)


@rule("P02")
def p02(book: Book) -> Found:
    """weigongka: 24 hours, 0.3 to 2 yuan, benefit up to 800,000; shifts not covered in full."""
    found: Found = Counter()
    for row in book.rows["enrollment"]:
        if row.get("programme") == "weigongka" and row.get("covered_from"):
            start, end, premium = row.get("covered_from"), row.get("covered_to"), row.get("premium_yuan")
            wrong = end is None or end - start != DAY
            wrong |= premium is not None and not Decimal("0.3") <= premium <= 2
            found[row.cell] += wrong
    users = {s.row.platform for s in book.spells if s.programme == "weigongka"}
    for j in book.judged:
        at, end, worker = j.row.get("accepted_at"), j.row.get("finished_at"), j.row.get("worker_id")
        if j.row.get("work_type") == "shift" and j.row.platform in users and at and worker:
            spells = book.covering(j.row.platform, worker, at, {"weigongka"})
            found[j.row.cell] += not any(end is None or end <= s.end for s in spells)
    return +(found + _over(book, "weigongka", Decimal(800_000)))


@rule("P03")
def p03(book: Book) -> Found:
    """P04's full-timers on the oip roll, or in another programme without employee_insurance beside it."""
    found: Found = Counter()
    for spell in book.spells:
        row = spell.row
        if row.platform != JD or row.get("engagement") != "full_time" or not spell.readable:
            continue
        if spell.end <= datetime(JD_START.year, JD_START.month, JD_START.day):
            continue
        if spell.programme == "oip":
            found[row.cell] += 1
        elif spell.programme != "employee_insurance":
            others = book.spells_of.get((row.platform, spell.worker), [])
            found[row.cell] += not any(
                s.programme == "employee_insurance" and s.overlaps(spell.start, spell.end) for s in others
            )
    return +found


@rule("P05")
def p05(book: Book) -> Found:
    """union_shanghai: claims that lift a person's year over 90,800 yuan, or injuries before 2019-01-01."""
    found: Found = Counter()
    spent: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    claims = [c for c in book.claims if c.get("programme") == "union_shanghai" and c.get("injured_at")]
    for claim in sorted(claims, key=lambda c: (c.get("injured_at"), c.get("claim_id"))):
        key = (book.person_of(claim), claim.get("injured_at").year)
        spent[key] += claim.get("benefit_yuan") or Decimal(0)
        over = spent[key] > UNION_CAP and (claim.get("benefit_yuan") or 0) > 0
        found[claim.cell] += over or claim.get("injured_at").date() < UNION_START
    return +found


@rule("P07")
def p07(book: Book) -> Found:
    """Employee spells with a base at (or under) the floor while a month's income from orders is above it."""
    income: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for j in book.judged:
        if j.row.get("worker_id"):
            key = (j.row.platform, j.row.value["worker_id"], f"{j.row.day:%Y-%m}")
            income[key] += j.row.get("worker_income_yuan") or Decimal(0)
    found: Found = Counter()
    for spell in book.spells:
        base = spell.row.get("contribution_base_yuan")
        if spell.programme != "employee_insurance" or not spell.readable or base is None:
            continue
        floor = _floor(book.reference.rows("contribution_floors"), spell.row.province, spell.row.day)
        if floor is not None and base <= floor:
            found[spell.row.cell] += any(
                amount > floor
                for (platform, worker, _), amount in income.items()
                if (platform, worker) == (spell.row.platform, spell.worker)
            )
    return +found


def _floor(rows: list[RegisterRow], province: str, on: date) -> Decimal | None:
    return next(
        (Decimal(r["floor_yuan"]) for r in rows if r["province_code"] == province and in_force(r, on)), None
    )


@rule("P08")
def p08(book: Book) -> Found:
    return Counter(
        r.cell
        for r in book.rows["enrollment"]
        if r.get("labor_relation") == "partial" and r.get("agreement") == "none"
    )
