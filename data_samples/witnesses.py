"""What others know: tax office, agency, hospitals, the bureau's worker checks. All of it is drawn from
the truth, before any falsification; only a colluding adversary's falsification reaches it."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from data_samples import package
from data_samples.claims import Book
from data_samples.falsify import Falsifier
from data_samples.orders import CANCELLED, OWN, Orders, order_ids
from data_samples.roll import EMPLOYEE, Bools, Ints, Roll
from data_samples.world import SECONDS, Cell, Settings, from_number, rng

SAMPLED = 4  # orders of the bureau's call list, a cell and night
TEST_SHARE, SELF_MEAN = 0.3, 0.4  # test orders and look-ups by workers, a cell and night
TAXED_FROM = 5_000_00  # 1/100 yuan a month: income below is not in tax returns (a censored source)
POLICE_SHARE, HOSPITAL_SHARE = 0.5, 0.8  # of the injuries at work
TOPICS = ("工伤待遇", "劳动报酬", "解除合作", "平台处罚", "社会保险", "配送时限")
OUTCOMES = ("调解成功", "调解不成", "转仲裁", "撤回")
TAX_DAY = 15  # of the next month
Row = dict[str, Any]
Files = dict[tuple[str, str], list[Row]]  # (kind, name) → rows


@dataclass
class Facts:
    """What a cell's days amounted to. `days`: date → counts and sums (premium in 1/10000, income in 1/100
    yuan); `earned`, `employed`: month → by row of the roll; `checks`: rows of the worker-check files by
    their date."""

    cell: Cell
    days: dict[date, dict[str, int]] = field(default_factory=dict)
    earned: dict[tuple[int, int], Ints] = field(default_factory=dict)
    employed: dict[tuple[int, int], Bools] = field(default_factory=dict)
    checks: dict[date, list[Row]] = field(default_factory=dict)
    pulses: list[Row] = field(default_factory=list)  # of the latest day
    book: Book = field(default_factory=Book)
    falsifier: Falsifier | None = None


def note(facts: Facts, roll: Roll, today: Orders, injuries: int, day: int) -> None:
    """Adds a day: called once a day with its true, numbered orders."""
    on = from_number(day)
    facts.days[on] = {
        "orders": len(today),
        "paid_orders": int((today.status != CANCELLED).sum()),
        "premium": int(today.premium.sum()),
        "injuries": injuries,
        "workers": int(np.unique(today.worker).size),
    }
    key = (on.year, on.month)
    size = len(roll)
    earned, employed = (
        facts.earned.get(key, np.zeros(0, np.int64)),
        facts.employed.get(key, np.zeros(0, bool)),
    )
    earned = np.pad(earned, (0, size - earned.size))
    facts.earned[key] = earned + np.bincount(today.worker, today.income, size).astype(np.int64)
    now = (
        (roll.programme == EMPLOYEE)
        & (roll.covered_from < (day + 1) * SECONDS)
        & (roll.covered_to > day * SECONDS)
    )
    facts.employed[key] = np.pad(employed, (0, size - employed.size)) | now


def check(settings: Settings, facts: Facts, roll: Roll, today: Orders, day: int) -> None:
    """Draws the orders of a day that others look up on the next: workers first, then one of their orders. The file
    follows on the morning after."""
    able = np.flatnonzero((today.kind == OWN) & (today.status != CANCELLED))
    if not able.size:
        return
    draw = rng(settings.seed, "checks", facts.cell.platform, facts.cell.province, day)
    known = np.unique(today.worker[able])
    sampled = SAMPLED if settings.nature is None else settings.nature.checks
    plan = [
        ("sampled", worker) for worker in draw.choice(known, size=min(sampled, known.size), replace=False)
    ]
    plan += [("test", draw.choice(known)) for _ in range(int(draw.random() < TEST_SHARE))]
    plan += [
        ("self", worker) for worker in draw.choice(known, size=int(draw.poisson(SELF_MEAN))) for _ in range(2)
    ]
    rows = facts.checks.setdefault(from_number(day + 2), [])
    for how, worker in plan:
        row = int(draw.choice(able[today.worker[able] == worker]))
        exact = how == "test" or (how == "sampled" and draw.random() < 0.7)
        rows.append(
            {
                "checked_at": from_seconds((day + 1) * SECONDS + int(draw.integers(36_000, 64_800))),
                "platform_code": facts.cell.platform,
                "worker_id": str(roll.worker_id[worker]),
                "order_id": order_ids(facts.cell, today.number[row : row + 1])[0],
                "serial": int(today.serial[row]) if exact else None,
                "accepted_at": from_seconds(int(today.accepted[row])) if exact else None,
                "draw": how,
            }
        )


def from_seconds(value: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=value)


def pulses(cell: Cell, roll: Roll, today: Orders, day: int) -> list[Row]:
    """The day's 24 hourly pulses, from the orders in time order."""
    on = from_number(day)
    made: list[Row] = []
    digest = hashlib.sha256()
    done = 0
    table = pl.DataFrame(
        {
            "serial": today.serial,
            "order_id": order_ids(cell, today.number),
            "worker_id": pl.Series(roll.worker_id.astype(str), dtype=pl.String).gather(
                pl.Series(today.worker)
            ),
            "accepted_at": pl.Series(today.accepted * 1_000_000).cast(pl.Datetime("us")),
        }
    )
    for hour in range(24):
        end = day * SECONDS + (hour + 1) * 3600
        upto = int(np.searchsorted(today.accepted, end))
        lines = table.slice(done, upto - done).write_csv(
            include_header=False, datetime_format="%Y-%m-%d %H:%M:%S"
        )
        digest.update(lines.encode())
        done = upto
        insured = (roll.covered_from < end) & (roll.covered_to >= end) & (roll.registered < end)
        pulse = {
            "platform_code": cell.platform,
            "province_code": cell.province,
            "hour": f"{on:%Y%m%d}{hour:02d}",
            "last_serial": int(today.serial[upto - 1]) if upto else None,
            "orders": upto,
            "workers_enrolled": int(insured.sum()),
            "rows_hash": digest.hexdigest(),
        }
        made.append(pulse)
    return made


def write_pulses(out: Path, made: list[Row]) -> int:
    """One file a pulse; returns how many."""
    for pulse in made:
        (out / pulse_name(pulse)).write_text(json.dumps(pulse, ensure_ascii=False) + "\n", encoding="utf-8")
    return len(made)


def pulse_name(pulse: Row) -> str:
    return f"pulse-{pulse['platform_code']}-{pulse['province_code']}-{pulse['hour']}.json"


def write(settings: Settings, out: Path, facts: list[Facts]) -> int:
    """All witness files of the sample, none dated later than the day after its last; returns how many."""
    last = settings.dates[-1] + timedelta(days=1)
    files: Files = defaultdict(list)
    for fact in facts:
        for on in fact.checks:
            if on <= last:
                _checks(fact, on, files)
        for on in fact.book.states:
            if settings.dates[0] <= on <= settings.dates[-1]:
                _cases(fact, on, files)
        for year, month in sorted(fact.earned):
            _monthly(settings, fact, files, year, month, min(tax_day(year, month), last))
        for monday in settings.dates:
            if monday.weekday() == 0 and monday + timedelta(days=6) <= settings.dates[-1]:
                _weekly(settings, fact, files, monday)
        _disputes(settings, fact, files, last)
    for (kind, name), rows in sorted(files.items()):
        _write(out / name, kind, rows)
    return len(files)


def published(settings: Settings, facts: list[Facts], on: date) -> dict[tuple[str, str], pl.DataFrame]:
    """The witness files dated `on`, by kind and name, once that date is over: what `write` writes at the end, day by day
    (without disputes). A month's returns come on the 15th of the next."""
    files: Files = defaultdict(list)
    for fact in facts:
        _checks(fact, on, files)
        _cases(fact, on, files)
        if on.day == TAX_DAY:
            before = on.replace(day=1) - timedelta(days=1)
            if (before.year, before.month) in fact.earned:
                _monthly(settings, fact, files, before.year, before.month, on)
        if on.weekday() == 0:
            _weekly(settings, fact, files, on - timedelta(days=7))
    return {(kind, name): _table(kind, rows) for (kind, name), rows in sorted(files.items())}


def tax_day(year: int, month: int) -> date:
    """When the returns of a month are published: on the 15th of the next."""
    return date(year + month // 12, month % 12 + 1, TAX_DAY)


def _checks(fact: Facts, on: date, files: Files) -> None:
    hidden = fact.falsifier.hidden_orders if fact.falsifier else set()
    shown = [row for row in fact.checks.get(on, ()) if row["order_id"] not in hidden]
    if on in fact.checks:
        files["worker_checks", f"worker-checks-{on:%Y%m%d}.csv"] += shown


def _write(path: Path, kind: str, rows: list[Row]) -> None:
    part = path.with_name(path.name + ".part")
    _table(kind, rows).write_csv(part, datetime_format="%Y-%m-%d %H:%M:%S")
    part.rename(path)


def _table(kind: str, rows: list[Row]) -> pl.DataFrame:
    extract = package.STANDARD.witness_files[kind]
    schema = package.schema(extract)
    loose = {name: pl.Float64() if each.is_decimal() else each for name, each in schema.items()}
    return pl.DataFrame(rows, schema=loose, orient="row").cast(dict(schema)).sort(extract.names)  # type: ignore[arg-type]


def _cases(fact: Facts, on: date, files: Files) -> None:
    """The agency's own record: each case on the dates on which something in it changed. The report
    reaches the agency on the day it is made."""
    states = fact.book.states.get(on)
    if states is None:
        return
    hidden = fact.falsifier.hidden_claims if fact.falsifier else set()
    persons = fact.falsifier.identities if fact.falsifier else {}
    files["agency_cases", f"agency-cases-{on:%Y%m%d}.csv"] += [
        {
            "case_no": "AN" + state["claim_id"].replace("K", ""),
            "platform_code": fact.cell.platform,
            "id_number": persons.get(state["claim_id"], state["id_number"]),
            "order_id": state["order_id"],
            "injured_at": state["injured_at"],
            "received_at": state["reported_at"],
            "confirmed_at": state["confirmed_at"],
            "paid_at": state["paid_at"],
            "benefit_yuan": state["benefit_yuan"] if state["paid_at"] else None,
        }
        for state in states
        if state["programme"] == "oip" and state["claim_id"] not in hidden
    ]


def _witness(
    source: str, fact: Facts, first: date, to: date, measure: str, value: float, note: str = ""
) -> Row:
    units = {"contributions_yuan": "元", "income_yuan": "元", "orders": "单", "complaints": "件"}
    return {
        "source": source, "platform_code": fact.cell.platform, "province_code": fact.cell.province,
        "date_from": first, "date_to": to, "measure": measure, "value": float(value),
        "unit": units.get(measure, "人"), "note": note or None,
    }  # fmt: skip


def _monthly(settings: Settings, fact: Facts, files: Files, year: int, month: int, published: date) -> None:
    """Tax, survey and social insurance of one month."""
    if fact.cell.submitter:
        return
    earned = fact.earned[year, month]
    days = [on for on in fact.days if (on.year, on.month) == (year, month)]
    first, to = min(days), max(days)
    premium = sum(fact.days[on]["premium"] for on in days) / 10_000
    taxed = earned[earned * 30 >= TAXED_FROM * len(days)]
    key = ("witness", f"witness-tax-{published:%Y%m%d}.csv")
    files[key] += [
        _witness("tax", fact, first, to, "contributions_yuan", premium, "按单缴费，次月入库"),
        _witness("tax", fact, first, to, "workers", int((earned > 0).sum()), "不含免税收入者的收入"),
        _witness("tax", fact, first, to, "income_yuan", float(taxed.sum()) / 100, "不含免税收入"),
    ]
    estimate = round(int((earned > 0).sum()) * _survey_error(settings, fact, month), -1)
    key = ("witness", f"witness-survey-{published:%Y%m%d}.csv")
    files[key].append(_witness("survey", fact, first, to, "workers", estimate, "抽样调查推算"))
    employees = int(fact.employed[year, month].sum())
    if employees:
        key = ("witness", f"witness-social_insurance-{published:%Y%m%d}.csv")
        files[key].append(
            _witness("social_insurance", fact, first, to, "employees", employees, "单位参保职工")
        )


def _survey_error(settings: Settings, fact: Facts, month: int) -> float:
    """A survey's error: some 6% either way."""
    return float(
        np.exp(rng(settings.seed, "survey", fact.cell.platform, fact.cell.province, month).normal(0, 0.06))
    )


def _weekly(settings: Settings, fact: Facts, files: Files, first: date) -> None:
    """Payments, injuries, complaints of one week (Monday to Sunday), published on the Monday after."""
    to = first + timedelta(days=6)
    days = [fact.days[on] for on in (first + timedelta(days=i) for i in range(7)) if on in fact.days]
    if fact.cell.submitter or not days:
        return
    draw = rng(settings.seed, "weekly", fact.cell.platform, fact.cell.province, first.toordinal())
    injuries = sum(day["injuries"] for day in days)
    part = 0.45 + 0.4 * rng(settings.seed, "payment", fact.cell.platform).random()
    paid = sum(day["paid_orders"] for day in days)
    insured = sum(
        row["programme"] == "commercial_accident" and row["reported_at"].date() == on
        for on in (first + timedelta(days=i) for i in range(7))
        for row in fact.book.on(on)
    )
    values = (
        ("insurer", "injuries", insured, "商业意外险报案"),
        ("payment", "orders", round(paid * part), "仅部分支付渠道"),
        ("traffic_police", "injuries", int(draw.binomial(injuries, POLICE_SHARE)), "交通事故"),
        ("hospital", "injuries", int(draw.binomial(injuries, HOSPITAL_SHARE)), "部分定点医院"),
        ("hotline_12333", "complaints", int(draw.poisson(0.4 + 2e-4 * paid)), ""),
    )
    published = to + timedelta(days=1)
    for source, measure, value, text in values:
        key = ("witness", f"witness-{source}-{published:%Y%m%d}.csv")
        files[key].append(_witness(source, fact, first, to, measure, value, text))


def _disputes(settings: Settings, fact: Facts, files: dict[tuple[str, str], list[Row]], last: date) -> None:
    """Disputes as they stand on each Monday and on the last day."""
    if fact.cell.submitter:
        return
    reports = [on for on in (*settings.dates, last) if on.weekday() == 0 or on == last]
    for on in fact.days:
        draw = rng(settings.seed, "disputes", fact.cell.platform, fact.cell.province, on.toordinal())
        for number in range(int(draw.poisson(0.12))):
            received = datetime(on.year, on.month, on.day, 9) + timedelta(minutes=int(draw.integers(0, 480)))
            mediation = on + timedelta(days=int(draw.integers(1, 4)))
            closed = received + timedelta(days=int(draw.integers(4, 25)), minutes=int(draw.integers(0, 60)))
            outcome = OUTCOMES[int(draw.choice(4, p=(0.7, 0.12, 0.13, 0.05)))]
            topic = TOPICS[int(draw.integers(0, len(TOPICS)))]
            for report in reports:
                if report <= on:
                    continue
                done = closed.date() < report
                files["disputes", f"disputes-{report:%Y%m%d}.csv"].append(
                    {
                        "case_no": f"DZ{fact.cell.province[:2]}{fact.cell.platform}{on:%y%m%d}{number:02d}",
                        "platform_code": fact.cell.platform,
                        "province_code": fact.cell.province,
                        "received_at": received,
                        "stage": "closed" if done else "mediation" if mediation < report else "received",
                        "closed_at": closed if done else None,
                        "outcome": outcome if done else None,
                        "topic": topic,
                    }
                )


def has_pulses(cell: Cell, cells: tuple[Cell, ...]) -> bool:
    """Pulses are optional: the first cell of the sample sends them."""
    return cell == next((each for each in cells if not each.submitter), None)
