"""T07–T09 and P rules: the clock of claims, other programmes (readings 51–52)."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from .book import Book, Spell
from .found import Found, rule
from .reference import YILUBAO_START, deadline, in_force
from .reference import Row as RegisterRow
from .rules_validity import age_on
from .typing_rows import Row, birth_date

DAY = timedelta(days=1)
JD, JD_START = "P04", date(2025, 3, 1)
EMPLOYEE = ("employee_insurance",)
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


@rule("T07")
def t07(book: Book) -> Found:
    """oip claims confirmed, or decided as denied, or still open at the night's date, over 30 working days after
    the application (else report), suspended days left out."""
    found: Found = Counter()
    for claim in book.oip_claims:
        outcome, confirmed, decided = (
            claim.text.get("outcome"),
            claim.get("confirmed_at"),
            claim.get("decided_at"),
        )
        if outcome in ("", "withdrawn") or not (confirmed or decided or outcome in ("pending", "confirmed")):
            continue
        end = confirmed or (decided if outcome == "denied" else None) or at_midnight(book.night)
        taken = working_days(book, start_of(claim), end, claim.get("suspended_days"))
        found[claim.cell] += taken is not None and taken > 30
    return +found


def at_midnight(on: date) -> datetime:
    return datetime(on.year, on.month, on.day)


@rule("T08")
def t08(book: Book) -> Found:
    """Minor injuries: confirmation over 2, payment over 5 working days, open ones counted to the night's date."""
    found: Found = Counter()
    for claim in book.oip_claims:
        outcome, confirmed = claim.get("outcome"), claim.get("confirmed_at")
        if claim.get("injury_class") != "minor" or outcome not in ("pending", "confirmed"):
            continue
        lost, night = claim.get("suspended_days"), at_midnight(book.night)
        confirm = working_days(book, start_of(claim), confirmed or night, lost)
        paid = claim.get("paid_at") or night
        pay = working_days(book, confirmed, paid, lost) if outcome == "confirmed" else None
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
    """yilubao rows: 0.8 yuan a day begun, half of it a fiscal subsidy, age 16 to 65, benefit up to 400,000."""
    found: Found = Counter()
    for row in book.rows["enrollment"]:
        start, end = row.get("covered_from"), row.get("covered_to")
        if row.get("programme") != "yilubao" or start is None or start.date() < YILUBAO_START:
            continue
        if end is not None and end <= start:
            continue  # V10
        premium, subsidy = row.get("premium_yuan"), row.get("subsidy_yuan") or Decimal(0)
        wrong = end is not None and (premium or Decimal(0)) != Decimal("0.8") * -((start - end) // DAY)
        wrong |= premium is not None and subsidy != premium / 2
        wrong |= subsidy > 0 and row.text.get("subsidy_payer", "") not in ("", "fiscal")
        born = birth_date(row.get("id_number")) if row.get("id_number") else None
        wrong |= born is not None and not 16 <= age_on(born, start.date()) <= 65
        found[row.cell] += wrong
    return +(found + _over(book, "yilubao", Decimal(400_000), YILUBAO_START))


def _over(book: Book, programme: str, cap: Decimal, first: date = date.min) -> Found:
    return Counter(
        r.cell
        for r in book.rows["claims"]
        if r.get("programme") == programme
        and (r.get("benefit_yuan") or 0) > cap
        and r.get("injured_at")
        and r.get("injured_at").date() >= first
    )


@rule("P02")
def p02(book: Book) -> Found:
    """weigongka rows: 24 hours, 0.3 to 2 yuan, benefit up to 800,000; and shifts (of a labour company, or
    touched by a policy) that no policy wholly covers, nor yilubao or employee_insurance when they begin."""
    found: Found = Counter()
    for row in book.rows["enrollment"]:
        if row.get("programme") == "weigongka" and row.get("covered_from"):
            start, end, premium = row.get("covered_from"), row.get("covered_to"), row.get("premium_yuan")
            wrong = end is None or end - start != DAY
            found[row.cell] += wrong or premium is None or not Decimal("0.3") <= premium <= 2
    sellers = {
        r["submitter_code"] for r in book.reference.rows("submitters") if r["kind"] == "labour_company"
    }
    others = {"yilubao", "employee_insurance"}
    for j in book.judged:
        row, at, worker = j.row, j.row.get("accepted_at"), j.row.get("worker_id")
        if row.get("work_type") != "shift" or not at or not worker:
            continue
        spells = [s for s in book.spells_of.get((row.platform, worker), []) if s.programme is not None]
        end = row.get("finished_at") or at
        own = [s for s in spells if s.programme == "weigongka" and s.start <= end and s.end > at]
        if row.platform not in sellers and not own:
            continue
        whole = any(s.start <= at and s.end >= end for s in own)
        allowed = others if row.day >= YILUBAO_START else {"employee_insurance"}
        found[row.cell] += not whole and not any(
            s.programme in allowed and s.start <= at < s.end for s in spells
        )
    return +(found + _over(book, "weigongka", Decimal(800_000)))


@rule("P03")
def p03(book: Book) -> Found:
    """P04's full-timers since 2025-03-01: on the oip roll, in another programme without employee_insurance
    beside it, or with a break between two spells of employee_insurance."""
    found: Found = Counter()
    promise = at_midnight(JD_START)
    full = [
        s
        for s in book.spells
        if s.row.platform == JD
        and s.row.get("engagement") == "full_time"
        and s.row.get("covered_from") is not None
        and s.start < s.end
    ]
    for spell in full:
        insured = [
            s for s in book.spells_of.get((JD, spell.row.get("worker_id")), []) if s.programme in EMPLOYEE
        ]
        if spell.programme == "oip" and spell.end > promise:
            found[spell.row.cell] += 1
        elif spell.programme not in (None, "oip", *EMPLOYEE) and spell.readable and spell.end > promise:
            found[spell.row.cell] += not any(s.overlaps(spell.start, spell.end) for s in insured)
    by_worker: dict[str, list[Spell]] = defaultdict(list)
    for spell in book.spells:
        own = spell.row.platform == JD and spell.programme in EMPLOYEE
        if own and spell.row.get("engagement") == "full_time" and spell.readable and spell.start < spell.end:
            by_worker[spell.worker].append(spell)
    for spells in by_worker.values():
        spells.sort(key=lambda s: (s.start, s.row.get("coverage_id")))
        reach = spells[0].end
        for spell in spells[1:]:
            found[spell.row.cell] += spell.start > reach and spell.start > promise
            reach = max(reach, spell.end)
    return +found


@rule("P05")
def p05(book: Book) -> Found:
    """union_shanghai: claims that lift a person's year (of payment, else decision, else injury) over 90,800
    yuan, or paid for injuries before 2019-01-01."""
    found: Found = Counter()
    spent: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    dated: list[tuple[date, str, Row]] = []
    for c in book.claims:
        at = c.get("paid_at") or c.get("decided_at") or c.get("injured_at")
        if c.get("programme") == "union_shanghai" and (c.get("benefit_yuan") or 0) > 0 and at is not None:
            dated.append((at.date(), c.get("claim_id"), c))
    for on, _, claim in sorted(dated, key=lambda d: d[:2]):
        key = (claim.get("id_number") or f"{claim.platform}/{claim.get('worker_id')}", on.year)
        spent[key] += claim.get("benefit_yuan")
        injured = claim.get("injured_at")
        found[claim.cell] += spent[key] > UNION_CAP or (injured is not None and injured.date() < UNION_START)
    return +found


@rule("P07")
def p07(book: Book) -> Found:
    """Employees insured a whole month, that is over, on a base at (or under) the floor of the province, who
    earned more from orders in it; told at the month's last day."""
    income: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    for j in book.judged:
        if j.row.get("worker_id"):
            key = (j.row.platform, j.row.value["worker_id"], j.row.day.replace(day=1))
            income[key] += j.row.get("worker_income_yuan") or Decimal(0)
    found: Found = Counter()
    floors = book.reference.rows("contribution_floors")
    for spell in book.spells:
        base = spell.row.get("contribution_base_yuan")
        if spell.programme != "employee_insurance" or not spell.readable or base is None:
            continue
        for (platform, worker, first), amount in income.items():
            following = (first + 32 * DAY).replace(day=1)
            last = following - DAY
            if (platform, worker) != (spell.row.platform, spell.worker) or deadline(last) > book.judged_at:
                continue
            whole = spell.start.date() <= first and spell.end.date() > last
            floor = _floor(floors, spell.row.province, last)
            if whole and floor is not None and base <= floor < amount:
                found[platform, spell.row.province, last.isoformat()] += 1
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
