"""Indicators of work, flows, contracts, disputes, programmes and contributions, from the definitions in plain Python.

By month, quarter, year or nothing, and region, province, platform; industry or programme where the indicator varies by it.
Readings: hours are minutes on orders, overlaps counted once, on the day of acceptance; a person's history is that of the cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

from .book import Book
from .cells import Cells, Key, Place
from .figures import Figure, amount, ratio
from .inbox import as_date
from .typing_rows import Row

DAY = timedelta(days=1)
LONGEST, SHORTEST, RIDING_KMH, LONG_HOURS = 86400, 60, 25, 8
COVERING = {"oip", "yilubao", "weigongka", "employee_insurance"}
Answer = dict[tuple[str, Key], Figure]


def work_indicators(book: Book, by: Sequence[str]) -> Answer:
    cells = Cells(book, by)
    answer: Answer = {}
    varies = set(cells.places) - {"region", "province", "platform"}
    if varies <= {"industry"}:
        _labour(book, cells, answer)
    if not varies:
        _flows(book, cells, answer)
        _contracts(book, cells, answer)
        _disputes(book, cells, answer)
        _payable(book, cells, answer)
    if varies <= {"programme"}:
        _programmes(book, cells, answer)
    if not varies - {"industry"}:
        _stages(book, cells, answer)
    return answer


def _key(cells: Cells, on: date, place: Place) -> Key:
    return cells.join(cells.time(on), cells.place(place))


# -- labour protection ---------------------------------------------------------------------------------


def seconds_alone(orders: list[tuple[datetime, datetime]]) -> list[int]:
    """For each order (by start, then end) the seconds that no earlier one covers."""
    told, reached = [], datetime.min
    for start, end in orders:
        told.append(max(0, int((end - max(start, reached)).total_seconds())))
        reached = max(reached, end)
    return told


def _labour(book: Book, cells: Cells, answer: Answer) -> None:
    sums: dict[Key, dict[str, Any]] = defaultdict(lambda: defaultdict(Fraction))
    days: dict[tuple[str, date, str], list[Row]] = defaultdict(list)
    for row in book.first_orders:
        if row.get("worker_id") is not None:
            days[row.platform, row.day, row.get("worker_id")].append(row)
            _fares(row, sums[_key(cells, row.day, _of(row))])
    hours: dict[Key, list[int]] = defaultdict(list)
    for rows in days.values():
        timed = [r for r in rows if _is_timed(r)]
        timed.sort(key=lambda r: (r.get("accepted_at"), r.get("finished_at")))
        alone = seconds_alone([(r.get("accepted_at"), r.get("finished_at")) for r in timed])
        parts: dict[tuple[str, str | None], int] = defaultdict(int)
        for row, seconds in zip(timed, alone, strict=True):
            parts[row.province, row.get("industry")] += seconds
            sums[_key(cells, row.day, _of(row))]["timed_income"] += Fraction(
                row.get("worker_income_yuan") or 0
            )
        for (province, industry), seconds in parts.items():
            place = Place(rows[0].platform, province, None, industry)
            hours[_key(cells, rows[0].day, place)].append(seconds)
    for key, cell in sums.items():
        told = sorted(hours[key])
        busy = Fraction(sum(told), 3600)
        tenths = [-(-s // 360) for s in told]
        answer["commission_rate", key] = ratio(cell["customer"] - cell["worker"], cell["customer"])
        answer["daily_hours:mean", key] = ratio(busy, len(told))
        for name, percent in (("median", 50), ("p95", 95)):
            rank = -(-len(told) * percent // 100) - 1
            answer[f"daily_hours:{name}", key] = amount(Fraction(tenths[rank], 10) if told else None)
        answer["long_day_share", key] = ratio(sum(t > LONG_HOURS * 10 for t in tenths), len(told))
        answer["hourly_income_yuan", key] = ratio(cell["timed_income"], busy)
        answer["fast_order_share", key] = ratio(cell["fast"], cell["bounded"])
        answer["ride_speed_kmh", key] = ratio(cell["metres"] / 1000, cell["ride_s"] / 3600)


def _of(row: Row) -> Place:
    return Place(row.platform, row.province, None, row.get("industry"))


def _is_timed(row: Row) -> bool:
    start, end = row.get("accepted_at"), row.get("finished_at")
    return None not in (start, end) and 0 < (end - start).total_seconds() <= LONGEST


def _fares(row: Row, cell: dict[str, Any]) -> None:
    if row.get("status") != "completed":
        return
    customer, worker = row.get("customer_paid_yuan"), row.get("worker_income_yuan")
    if customer is not None and customer > 0 and worker is not None:
        cell["customer"] += Fraction(customer)
        cell["worker"] += Fraction(worker)
    start, end, metres = (
        row.get("picked_up_at") or row.get("accepted_at"),
        row.get("finished_at"),
        row.get("distance_m"),
    )
    if row.get("work_type") == "shift" or row.get("industry") == "other" or not metres or metres <= 0:
        return
    if start is None or end is None or not _is_timed_end(row) or (end - start).total_seconds() < SHORTEST:
        return
    seconds = int((end - start).total_seconds())
    cell["metres"] += metres
    cell["ride_s"] += seconds
    is_bounded = row.get("industry") == "instant_delivery" or (
        row.get("industry") == "food_delivery" and row.day < date(2025, 7, 1)
    )
    cell["bounded"] += is_bounded
    cell["fast"] += is_bounded and Fraction(metres, 1000) / Fraction(seconds, 3600) > RIDING_KMH


def _is_timed_end(row: Row) -> bool:
    """An order longer than a day is not timed at all."""
    start, end = row.get("accepted_at"), row.get("finished_at")
    return start is None or (end - start).total_seconds() <= LONGEST


# -- flows and tenure ----------------------------------------------------------------------------------


def _flows(book: Book, cells: Cells, answer: Answer) -> None:
    months: dict[Key, dict[str, set[date]]] = defaultdict(lambda: defaultdict(set))
    worked: dict[str, list[tuple[date, str, str]]] = defaultdict(list)
    for j in book.judged:
        if j.valid and j.row.get("worker_id") is not None:
            place = cells.place(Place(j.row.platform, j.row.province))
            months[place][j.person].add(j.row.day.replace(day=1))
            worked[j.person].append((j.row.day, j.row.platform, j.row.province))
    for period in cells.periods():
        start = period.start.replace(day=1)
        count = (period.end - DAY).year * 12 + (period.end - DAY).month - start.year * 12 - start.month + 1
        number = start.year * 12 + start.month - 1 - count
        previous = date(number // 12, number % 12 + 1, 1)
        for place, persons in months.items():
            key = cells.join(period.label, place)
            now = {p for p, m in persons.items() if any(start <= d < period.end for d in m)}
            before = {p for p, m in persons.items() if any(previous <= d < start for d in m)}
            ever = {p for p, m in persons.items() if any(d < previous for d in m)}
            if previous >= book.first_day.replace(day=1):
                answer["persons_first_active", key] = amount(len(now - before - ever))
                answer["persons_kept", key] = amount(len(now & before))
                answer["persons_returned", key] = amount(len((now & ever) - before))
                answer["persons_lost", key] = amount(len(before - now))
                answer["retention_rate", key] = ratio(len(now & before), len(before))
            tenure = [sum(d < period.end for d in persons[p]) for p in now]
            answer["tenure_months:mean", key] = ratio(sum(tenure), len(tenure))
            answer["tenure_months:median", key] = amount(Fraction(median(tenure)) if tenure else None)
            for name, which in (("several_platforms_share", 1), ("several_provinces_share", 2)):
                several = sum(
                    len({w[which] for w in worked[p] if period.start <= w[0] < period.end}) > 1 for p in now
                )
                answer[name, key] = ratio(several, len(now))


# -- contracting parties ---------------------------------------------------------------------------------


Stint = tuple[str, str, str, str, date, date | None, str | None]


def stints(book: Book) -> Iterator[Stint]:
    """worker, platform, province, party, from, to, next party: unbroken time of a worker under one party."""
    states: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in book.rows["enrollment"]:
        if row.get("worker_id") is not None and row.get("programme") in COVERING:
            states[row.platform, row.get("worker_id")].append(row)
    for (platform, worker), rows in states.items():
        rows.sort(
            key=lambda r: (
                r.day,
                r.get("registered_at") or datetime.max,
                r.number,
                r.get("coverage_id") or "~",
            )
        )
        runs: list[list[Row]] = []
        for row in rows:
            if runs and (runs[-1][-1].get("contracting_party") or "") == (row.get("contracting_party") or ""):
                runs[-1].append(row)
            else:
                runs.append([row])
        for number, run in enumerate(runs):
            first, last = run[0], run[-1]
            began = first.day
            if number == 0 and first.get("covered_from") is not None:
                began = min(began, first.get("covered_from").date())
            following = runs[number + 1][0] if number + 1 < len(runs) else None
            ended = (
                following.day
                if following
                else last.get("covered_to").date()
                if last.get("covered_to")
                else None
            )
            party = first.get("contracting_party") or ""
            after = (following.get("contracting_party") or "") if following else None
            yield worker, platform, first.province, party, began, ended, after


def _contracts(book: Book, cells: Cells, answer: Answer) -> None:
    first = book.first_day.replace(day=1)
    workers: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    seen: set[tuple[Any, ...]] = set()
    for worker, platform, province, party, began, ended, following in stints(book):
        month = first
        while month <= book.last_day:
            after = (month + timedelta(days=32)).replace(day=1)
            inside = began <= book.last_day and began < after and (ended is None or ended >= month)
            if inside:
                cell = workers[_key(cells, max(month, book.first_day), Place(platform, province))]
                for name, counts in (
                    ("all", True), ("third", party != ""), ("single", party.startswith("92")),
                    ("moved", following is not None and ended is not None and ended < after),
                ):  # fmt: skip
                    if counts and (worker, platform, province, party, month, name) not in seen:
                        seen.add((worker, platform, province, party, month, name))
                        cell[name] += 1
            month = after
    for key, cell in workers.items():
        answer["contracted_share", key] = ratio(cell["third"], cell["all"])
        answer["individual_business_share", key] = ratio(cell["single"], cell["all"])
        answer["contract_turnover_rate", key] = ratio(cell["moved"], cell["all"])
        answer["contract_levels:mean", key] = ratio(
            cell["third"], cell["all"]
        )  # the register of chains is empty


# -- disputes, stages, programmes, money ---------------------------------------------------------------------


def _disputes(book: Book, cells: Cells, answer: Answer) -> None:
    latest: dict[str, dict[str, str]] = {}
    for row in sorted(book.inbox.disputes, key=lambda r: r["published"]):
        latest[row["case_no"]] = row
    found: dict[Key, list[int | None]] = defaultdict(list)
    for row in latest.values():
        received, closed = as_date(row["received_at"]), as_date(row.get("closed_at"))
        if (
            received is None
            or received > book.last_day
            or not (row["platform_code"] and row["province_code"])
        ):
            continue
        days_taken = (closed - received).days if closed is not None and closed <= book.last_day else None
        place = Place(row["platform_code"], row["province_code"])
        found[_key(cells, max(received, book.first_day), place)].append(days_taken)
    for key, days in found.items():
        closed_days = [d for d in days if d is not None]
        answer["disputes_received", key] = amount(len(days))
        answer["disputes_open", key] = amount(len(days) - len(closed_days))
        answer["dispute_closed_share", key] = ratio(len(closed_days), len(days))
        answer["dispute_days:mean", key] = ratio(sum(closed_days), len(closed_days))
        answer["dispute_days:median", key] = amount(Fraction(median(closed_days)) if closed_days else None)


def _stages(book: Book, cells: Cells, answer: Answer) -> None:
    if cells.places and "industry" in cells.places:
        return
    told: dict[Key, list[Row]] = defaultdict(list)
    for claim in book.oip_claims:
        on = claim.get("reported_at").date() if claim.get("reported_at") else None
        if on is not None and on <= book.last_day:
            told[_key(cells, max(on, book.first_day), Place(claim.platform, claim.province))].append(claim)
    for key, claims in told.items():
        paid = [c for c in claims if c.get("paid_at") and c.get("paid_at").date() <= book.last_day]
        easy = sum(c.get("reported_by") in ("worker", "platform") for c in claims)
        answer["one_click_share", key] = ratio(easy, len(claims))
        answer["without_application_share", key] = ratio(
            sum(c.get("applied_at") is None for c in paid), len(paid)
        )


def _programmes(book: Book, cells: Cells, answer: Answer) -> None:
    covered: dict[tuple[str, str, str, str], set[date]] = defaultdict(set)
    money: dict[Key, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for spell in book.spells:
        programme = spell.programme
        if not spell.readable or spell.start >= spell.end or programme is None:
            continue
        if programme != "oip" and not cells.by_programme:
            continue
        on, last = spell.start.date(), book.last_day
        if spell.row.get("covered_to") is not None:
            last = min(last, (spell.end - timedelta(seconds=1)).date())
        if on > book.last_day:
            continue
        row = spell.row
        place = Place(row.platform, row.province, None, None, programme)
        if on >= book.first_day.replace(day=1):
            cell = money[_key(cells, max(on, book.first_day), place)]
            cell["premium"] += Fraction(row.get("premium_yuan") or 0)
            cell["subsidy"] += Fraction(row.get("subsidy_yuan") or 0)
        days = covered[row.platform, row.province, programme, book.person_of(row)]
        while on <= last:
            days.add(on)
            on += DAY
    counts: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (platform, province, programme, _), days in covered.items():
        place = Place(platform, province, None, None, programme)
        first = min(days)
        for on in days:
            if on < book.first_day.replace(day=1):
                continue
            count = counts[_key(cells, max(on, book.first_day), place)]
            count["days"] += 1
            count["lapses"] += on < book.last_day and on + DAY not in days
            count["resumed"] += on > first and on - DAY not in days
    for key, count in counts.items():
        answer["cover_days", key] = amount(count["days"])
        answer["cover_lapses", key] = amount(count["lapses"])
        answer["cover_resumed", key] = amount(count["resumed"])
        answer["cover_premium_yuan", key] = amount(money[key]["premium"])
        answer["subsidy_yuan", key] = amount(money[key]["subsidy"])


def _payable(book: Book, cells: Cells, answer: Answer) -> None:
    least: dict[Key, Fraction] = defaultdict(Fraction)
    most: dict[Key, Fraction] = defaultdict(Fraction)
    for j in book.judged:
        if not j.valid:
            continue
        rates = book.reference.base_premiums(j.row.platform, j.row.get("industry") or "", j.row.day)
        key = _key(cells, j.row.day, Place(j.row.platform, j.row.province))
        least[key] += Fraction(min(rates, default=0))
        most[key] += Fraction(max(rates, default=0))
    for key in least:
        answer["contributions_payable_yuan", key] = amount(least[key])
        answer["contributions_payable_yuan:greatest", key] = amount(most[key])
