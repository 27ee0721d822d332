"""X13, X16, X17, T06: the platform's data against what others know (readings 47–50)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from .book import Book
from .found import Found, rule
from .inbox import as_date, as_time
from .typing_rows import Row

TOLERANCE = Decimal("0.02")
DAY = timedelta(days=1)


def latest(book: Book, measure: str) -> Iterable[dict[str, str]]:
    """Witness rows of a measure that name a platform, each as last published, dates readable."""
    found: dict[tuple[str, ...], dict[str, str]] = {}
    for w in sorted(book.inbox.witness, key=lambda w: w["published"]):
        if w["measure"] == measure and w["platform_code"] and w["date_from"] and w["date_to"]:
            found[w["source"], w["platform_code"], w["province_code"], w["date_from"], w["date_to"]] = w
    return found.values()


@rule("X13")
def x13(book: Book) -> Found:
    """Checked orders that are not there though the platform reported on that date, each once; told at the
    province of the worker's latest spell ('' where it has none)."""
    days = {(p.platform, p.on) for p in book.inbox.current}
    checks: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for check in book.inbox.worker_checks:
        if check.get("order_id"):
            checks[check["platform_code"], check["order_id"]].append(check)
    found: Found = Counter()
    for (platform, order), rows in checks.items():
        accepted = [r["accepted_at"] for r in rows if r.get("accepted_at")]
        on = as_date(min(accepted or [r["checked_at"] for r in rows]))
        if on is None or (platform, on) not in days or (platform, order) in book.order_by_key:
            continue
        worker = max(r["worker_id"] for r in rows)
        known = [
            (s.start, s.row.get("coverage_id"), s.row.province)
            for s in book.spells_of.get((platform, worker), [])
        ]
        found[platform, max(known)[2] if known else "", on.isoformat()] += 1
    return found


@rule("X16")
def x16(book: Book) -> Found:
    """Persons claimed as employees in the roll's period beyond its number."""
    found: Found = Counter()
    for w in latest(book, "employees"):
        first, last = date.fromisoformat(w["date_from"]), date.fromisoformat(w["date_to"])
        begin = datetime(first.year, first.month, first.day)
        end = datetime(last.year, last.month, last.day) + DAY
        claimed = {
            s.row.get("id_number") or s.row.get("worker_id")
            for s in book.spells
            if s.programme == "employee_insurance"
            and s.row.platform == w["platform_code"]
            and s.row.get("covered_from") is not None
            and max(s.start, begin) < min(s.end, end)
            and w["province_code"] in ("", s.row.province)
        }
        over = len(claimed) - Decimal(w["value"])
        if over > 0:
            found[w["platform_code"], w["province_code"], w["date_to"]] += int(over)
    return +found


@rule("T06")
def t06(book: Book) -> Found:
    """Contributions for a period that differ by over 2% from the premiums of its orders, where every date of it
    was reported. A whole month that agrees with the orders of the month before is none (month of payment)."""
    cells: dict[tuple[str, str], set[date]] = defaultdict(set)
    premium: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    for p in book.inbox.current:
        cells[p.platform, p.province].add(p.on)
        for row in p.rows["orders"]:
            premium[p.platform, p.province, p.on] += row.get("premium_yuan") or Decimal(0)
    found: Found = Counter()
    for w in latest(book, "contributions_yuan"):
        first, last, value = (
            date.fromisoformat(w["date_from"]),
            date.fromisoformat(w["date_to"]),
            Decimal(w["value"]),
        )
        pairs = [k for k in cells if k[0] == w["platform_code"] and w["province_code"] in ("", k[1])]
        if not pairs or min(min(cells[k]) for k in pairs) > first:
            continue
        owed = sum(max(0, (last - max(min(cells[k]), first)).days + 1) for k in pairs)
        told = sum(first <= on <= last for k in pairs for on in cells[k])

        def total(a: date, b: date, pairs: list[tuple[str, str]] = pairs) -> Decimal | None:
            sums = [premium[(*k, on)] for k in pairs for on in cells[k] if a <= on <= b]
            return sum(sums, Decimal(0)) if sums else None

        wrong = told == owed and abs((total(first, last) or Decimal(0)) - value) > TOLERANCE * value
        if wrong and first.day == 1 and (last + DAY).day == 1:
            before = total(_month_before(first), _month_before(last + DAY) - DAY)
            wrong = before is None or abs(before - value) > TOLERANCE * value
        found[w["platform_code"], w["province_code"], w["date_to"]] += wrong
    return +found


def _month_before(first: date) -> date:
    return (first - DAY).replace(day=1)


# agency cases -----------------------------------------------------------------------------------------
Case = dict[str, str]


def match(book: Book, case: Case) -> Row | None:
    """The oip claim of the same injury: the same order, else the same person within 3 days, the nearest."""
    injured = as_time(case["injured_at"])
    found: list[tuple[int, float, str, Row]] = []
    for claim in (c for c in book.oip_claims if c.platform == case["platform_code"]):
        orders = (case.get("order_id") or None, claim.get("order_id"))
        if None not in orders:
            if orders[0] == orders[1]:
                found.append((0, 0.0, claim.get("claim_id"), claim))
            continue
        at = claim.get("injured_at")
        if at is not None and injured is not None and claim.get("id_number") == case["id_number"]:
            apart = abs((injured - at).total_seconds())
            if apart <= 3 * 86_400:
                found.append((1, apart, claim.get("claim_id"), claim))
    return min(found, key=lambda f: f[:3])[3] if found else None


@rule("X17")
def x17(book: Book) -> Found:
    """oip claims against the agency's cases, both ways: dates that differ, or that one side still lacks 30 days
    later; amounts over 1 yuan apart; a case without claim (told at the day of injury) or a claim without case."""
    cases, today = book.inbox.agency_cases, book.judged_at.date()
    first_report: dict[str, date] = {}
    for p in book.inbox.current:
        first_report[p.platform] = min(first_report.get(p.platform, p.on), p.on)
    wrong: dict[int, Row] = {}
    matched: set[int] = set()
    found: Found = Counter()
    for case in cases:
        claim = match(book, case)
        if claim is not None:
            matched.add(id(claim))
            if differs(case, claim, today):
                wrong[id(claim)] = claim
            continue
        injured, received = as_date(case["injured_at"]), as_date(case["received_at"])
        known = first_report.get(case["platform_code"])
        if injured is None or received is None or known is None or known > injured:
            continue
        if (today - received).days > 30:
            found[case["platform_code"], case_province(book, case), injured.isoformat()] += 1
    for claim in book.oip_claims:
        own = [c for c in cases if c["platform_code"] == claim.platform]
        reported = claim.get("reported_at")
        if id(claim) in matched or not own or reported is None or claim.text.get("outcome") == "withdrawn":
            continue
        since = min(t for c in own if (t := as_time(c["received_at"])) is not None)
        until = datetime.strptime(max(c["published"] for c in own), "%Y%m%d").date()
        if since <= reported and (until - reported.date()).days > 30:
            wrong[id(claim)] = claim
    return found + Counter(c.cell for c in wrong.values())


def case_province(book: Book, case: Case) -> str:
    """Of its order, else of the person's latest oip spell."""
    order = book.order_by_key.get((case["platform_code"], case.get("order_id") or ""))
    if order is not None:
        return order.row.province
    known = [
        (s.start, s.row.get("coverage_id"), s.row.province)
        for s in book.spells
        if s.row.platform == case["platform_code"]
        and s.programme == "oip"
        and s.row.get("id_number") == case["id_number"]
        and s.row.get("covered_from") is not None
    ]
    return max(known)[2] if known else ""


def differs(case: Case, claim: Row, today: date) -> bool:
    for stage in ("confirmed_at", "paid_at"):
        theirs, at = as_date(case.get(stage)), claim.get(stage)
        ours = at.date() if at is not None else None
        if theirs is not None and ours is not None:
            if theirs != ours:
                return True
        elif (one := theirs or ours) is not None and (today - one).days > 30:
            return True
    if not case.get("benefit_yuan") or claim.get("benefit_yuan") is None:
        return False
    return bool(abs(Decimal(case["benefit_yuan"]) - claim.get("benefit_yuan")) > 1)
