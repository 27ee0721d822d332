"""The bureau's own sample (抽查名单与测试单): whom to call and where to place test orders, so that no platform can foretell it.

Lists, in this order: those the bureau hands in (tax, social insurance; `--list`), the agency's cases, then workers seen in
earlier orders. The last come from what the platform itself reported, so they cannot show a worker it hides: each such line says
so (`finds_unregistered` false). Beside them some workers of other platforms are asked whether they also worked for this one.
Witness series of tax and social insurance hold counts, no persons; nobody can be drawn from them.
The draw follows from the seed, the home's secret key and the lists: the same again in this home, nowhere else.
No identity number is in it: a line carries the list's own reference (case number, platform/worker_id).
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb

from checks.draw import Cell, plan, size, slots, spread, uniform
from pipelines import vault
from warehouse.home import Home, write_atomically
from warehouse.standard import load as load_standard

REPORTED_DAYS = 28  # of reported orders by which provinces share a platform's size
ROLL_DAYS = 62  # workers seen in orders of so many days
OTHER_SHARE = (
    1 / 6
)  # calls to other platforms' workers, beside the size: how many worked for this one is not known
LISTED = ("list", "platform_code", "province_code", "reference")  # columns of a list that is handed in
ANSWERS = ("checked_at", "order_id", "serial", "accepted_at")  # what is filled in
_IDENTITY = re.compile(r"[0-9]{17}[0-9Xx]")


class DrawError(ValueError):
    """A list or an answered file is not what it should be; the message names file and line."""


@dataclass(frozen=True)
class Wish:
    """What is asked for: nights, seed, the dropped share to see and the power, and how the orders are come by."""

    nights: int
    seed: int
    share: float = 0.01
    power: float = 0.95
    tolerated: float = 0.0001  # honest orders that a checker finds missing: typing errors
    test_share: float = 0.15
    response: float = 0.5
    start: date | None = None  # the first business date asked about; default: after the last reported one


def draw(
    home: Home, connection: duckdb.DuckDBPyConnection, wish: Wish, lists: Sequence[Path] = ()
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(lines to call and order, the plan per platform × province) from the published snapshot."""
    salt = hmac.new(vault.key(home, "token").secret, f"draw|{wish.seed}".encode(), hashlib.sha256).hexdigest()
    until = connection.execute("select max(business_date) from marts.order_day").fetchall()[0][0]
    if until is None:
        raise DrawError("no orders are known yet: nothing tells which platforms work where")
    first = wish.start or until + timedelta(days=1)
    sized = size(wish.share, wish.power, tolerated=wish.tolerated)
    reported = {
        (platform, province): float(orders)
        for platform, province, orders in connection.execute(
            "select platform_code, province_code, sum(orders) from marts.order_day where business_date > ? "
            "and platform_code is not null and province_code is not null group by all",
            [until - timedelta(days=REPORTED_DAYS)],
        ).fetchall()
    }
    cells = plan(
        sized, reported, nights=wish.nights, test_share=wish.test_share, response=wish.response, salt=salt
    )
    outside = _outside(connection, lists, salt, until)
    lines: list[dict[str, Any]] = []
    plans: list[dict[str, Any]] = []
    most = max((sum(cell.calls) for cell in cells), default=0)
    roll, others = _workers(connection, salt, until, most), _others(connection, salt, until, most)
    for cell in cells:
        chosen = _chosen(cell, outside, roll)
        extra = others.get((cell.platform_code, cell.province_code), [])
        extra = extra[: round(OTHER_SHARE * cell.answers)]
        made = _calls(cell, chosen, cell.calls, salt, first)
        made += _calls(cell, extra, spread(len(extra), wish.nights, f"{salt}|other"), salt, first)
        tests = _tests(connection, cell, salt, first)
        lines += made + tests
        plans.append(_planned(cell, sized, made, tests))
    lines.sort(key=lambda r: (r["night"], r["platform_code"], r["province_code"] or "", r["draw"], r["ask_at"], r["reference"] or ""))  # fmt: skip
    return [{"line": number, **row} for number, row in enumerate(lines, start=1)], plans


def _planned(
    cell: Cell, sized: Any, made: list[dict[str, Any]], tests: list[dict[str, Any]]
) -> dict[str, Any]:
    sure = [row for row in made if row["list"] != "other_platform"]
    return {
        "platform_code": cell.platform_code, "province_code": cell.province_code, "calls": len(made),
        "calls_outside_lists": sum(row["finds_unregistered"] for row in made), "answers_expected": cell.answers,
        "tests": len(tests), "calls_short": max(sum(cell.calls) - len(sure), 0), "visible_share": round(cell.visible_share, 4),
        "platform_orders": sized.total, "share": sized.share, "power": sized.power, "to_see": sized.see,
        "missing_for_evidence": sized.deviations, "to_exclude": sized.exclude,
    }  # fmt: skip


Person = tuple[str, str | None, str]  # list, worker_id on this platform where known, reference


def _chosen(cell: Cell, outside: dict[tuple[str, str], list[Person]], roll: Mapping[tuple[str, str], list[Person]]) -> list[Person]:  # fmt: skip
    """Outside lists first (a person whose province nobody knows is taken where there is room), each person once."""
    wanted = sum(cell.calls)
    chosen: list[Person] = []
    for key in ((cell.platform_code, cell.province_code), (cell.platform_code, "")):
        held = outside.get(key, [])
        taken, outside[key] = held[: wanted - len(chosen)], held[wanted - len(chosen) :]
        chosen += taken
    known = {worker for _, worker, _ in chosen if worker}
    fill = [p for p in roll.get((cell.platform_code, cell.province_code), []) if p[1] not in known]
    return chosen + fill[: wanted - len(chosen)]


def _calls(cell: Cell, people: Sequence[Person], counts: Sequence[int], salt: str, first: date) -> list[dict[str, Any]]:  # fmt: skip
    """One line a person: on which night, and the moment nearest to which his order is asked for."""
    nights = slots(counts, f"{salt}|{cell.platform_code}|{cell.province_code}")
    made = []
    for (name, worker, reference), night in zip(people, nights, strict=False):
        on = first + timedelta(days=night)
        at = uniform(f"{salt}|at|{cell.platform_code}|{name}|{reference}|{on}")
        made.append(_line(cell, on, "sampled", name, reference, worker, at, None))
    return made


def _tests(connection: duckdb.DuckDBPyConnection, cell: Cell, salt: str, first: date) -> list[dict[str, Any]]:
    """Test orders at any hour and in any city of the province by the register, not where the platform says that it works."""
    cities = [
        city
        for (city,) in connection.execute(
            "select city_code from ref.city where province_code = ? order by 1", [cell.province_code]
        ).fetchall()
    ]
    made = []
    for night, count in enumerate(cell.tests):
        on = first + timedelta(days=night)
        for number in range(count):
            name = f"{salt}|test|{cell.platform_code}|{cell.province_code}|{on}|{number}"
            city = cities[int(uniform(f"{name}|city") * len(cities))] if cities else None
            made.append(_line(cell, on, "test", None, None, None, uniform(f"{name}|at"), city))
    return made


def _line(
    cell: Cell, on: date, kind: str, name: str | None, reference: str | None, worker: str | None, at: float, city: str | None
) -> dict[str, Any]:  # fmt: skip
    moment = datetime.combine(on, time()) + timedelta(minutes=int(at * 24 * 60))
    return {
        "night": on, "platform_code": cell.platform_code, "province_code": cell.province_code, "draw": kind, "list": name,
        "reference": reference, "finds_unregistered": kind == "test" or name != "earlier_orders", "ask_at": moment,
        "city_code": city, "worker_id": worker,
    }  # fmt: skip


# -- the lists ---------------------------------------------------------------------------------------


def _rank(salt: str, columns: str) -> str:
    """SQL of a random place in a list that follows from the salt alone, the same whoever else is in the list."""
    return f"sha256('{salt}|' || {columns})"


def _outside(connection: duckdb.DuckDBPyConnection, lists: Sequence[Path], salt: str, until: date) -> dict[tuple[str, str], list[Person]]:  # fmt: skip
    """Persons of handed-in lists, then of the agency's cases, by (platform, province; '' = unknown), in random order."""
    found: dict[tuple[str, str], list[Person]] = {}
    given = sorted(
        {row for path in lists for row in _read_list(path)},
        key=lambda row: (uniform(f"{salt}|{'|'.join(row)}"), row),
    )
    for name, platform, province, reference in given:
        found.setdefault((platform, province), []).append((name, None, reference))
    cases = connection.execute(
        f"""with newest as (
            select platform_code, province_code, case_no, person,
                row_number() over (partition by platform_code, coalesce(person, case_no) order by received_at desc, case_no) as newest_no
            from marts.agency_case where cast(received_at as date) <= ?
        ),
        held as (select platform_code, person, min(worker_id) as worker_id from marts.person group by platform_code, person)
        select n.platform_code, coalesce(n.province_code, ''), h.worker_id, n.case_no
        from newest n left join held h on h.platform_code = n.platform_code and h.person = n.person
        where n.newest_no = 1 order by {_rank(salt, "n.platform_code || '|' || n.case_no")}, n.case_no""",
        [until + timedelta(days=1)],
    ).fetchall()
    for platform, province, worker, case in cases:
        found.setdefault((platform, province), []).append(("agency_case", worker, case))
    return found


def _read_list(path: Path) -> list[tuple[str, str, str, str]]:
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    if set(rows.fieldnames or ()) != set(LISTED):
        raise DrawError(f"{path.name}: columns {rows.fieldnames} (expected {', '.join(LISTED)})")
    read = []
    for line, row in enumerate(rows, start=2):
        name, platform, province, reference = ((row[column] or "").strip() for column in LISTED)
        if not name or not platform or not reference:
            raise DrawError(f"{path.name} line {line}: list, platform_code and reference are needed")
        if _IDENTITY.search(reference):
            raise DrawError(
                f"{path.name} line {line}: the reference is an identity number; give the list's own number"
            )
        read.append((name, platform, province, reference))
    return read


def _recent(until: date) -> tuple[date, date]:
    start = until - timedelta(days=ROLL_DAYS - 1)
    return start.replace(day=1), until


def _workers(connection: duckdb.DuckDBPyConnection, salt: str, until: date, most: int) -> dict[tuple[str, str], list[Person]]:  # fmt: skip
    """Workers seen in earlier orders, at most `most` of a platform × province, in random order."""
    rows = connection.execute(
        f"""with seen as (
            select distinct platform_code, province_code, worker_id from marts.person_month where month between ? and ?
        ),
        placed as (
            select *, row_number() over (partition by platform_code, province_code
                order by {_rank(salt, "platform_code || '|' || worker_id")}, worker_id) as place
            from seen
        )
        select platform_code, province_code, worker_id from placed where place <= ? order by place""",
        [*_recent(until), most],
    ).fetchall()
    found: dict[tuple[str, str], list[Person]] = {}
    for platform, province, worker in rows:
        found.setdefault((platform, province), []).append(("earlier_orders", worker, f"{platform}/{worker}"))
    return found


def _others(connection: duckdb.DuckDBPyConnection, salt: str, until: date, most: int) -> dict[tuple[str, str], list[Person]]:  # fmt: skip
    """Workers of other platforms in the province, for each platform another draw; none whose person works for it already."""
    rows = connection.execute(
        f"""with seen as (
            select distinct m.platform_code, m.province_code, m.worker_id, p.person
            from marts.person_month m
            left join marts.person p on p.platform_code = m.platform_code and p.worker_id = m.worker_id
            where m.month between ? and ?
        ),
        pair as (
            select distinct t.platform_code as target, o.platform_code, o.province_code, o.worker_id, o.person
            from (select distinct platform_code, province_code from seen) t
            join seen o on o.province_code = t.province_code and o.platform_code <> t.platform_code
        ),
        placed as (
            select pair.*, row_number() over (partition by target, province_code
                order by {_rank(salt, "target || '|' || platform_code || '|' || worker_id")}, worker_id) as place
            from pair
            where not exists (select 1 from marts.person h where h.platform_code = pair.target and h.person = pair.person)
        )
        select target, province_code, platform_code, worker_id from placed where place <= ? order by place""",
        [*_recent(until), most],
    ).fetchall()
    found: dict[tuple[str, str], list[Person]] = {}
    for target, province, platform, worker in rows:
        found.setdefault((target, province), []).append(("other_platform", None, f"{platform}/{worker}"))
    return found


# -- files -------------------------------------------------------------------------------------------


def write(out: Path, lines: Sequence[Mapping[str, Any]], plans: Sequence[Mapping[str, Any]]) -> list[Path]:
    """draw-plan.csv and one call-list-YYYYMMDD.csv a night, with the empty columns that are to be filled in."""
    out.mkdir(parents=True, exist_ok=True)
    paths = [_write(out / "draw-plan.csv", plans)]
    for night in sorted({row["night"] for row in lines}):
        rows = [{**row, **dict.fromkeys(ANSWERS, "")} for row in lines if row["night"] == night]
        paths.append(_write(out / f"call-list-{night:%Y%m%d}.csv", rows))
    return paths


def collect(filled: Path, inbox: Path) -> dict[str, Any]:
    """A filled call list → worker-checks-YYYYMMDD.csv in the inbox (§5 of the standard), beside what it already holds.

    Dated by the last call; a line without an order number is an unanswered call and is left out, and counted.
    """
    rows = list(csv.DictReader(io.StringIO(filled.read_text(encoding="utf-8-sig"))))
    names = load_standard().witness_files["worker_checks"].names
    if not rows or set(names) - set(rows[0]):
        raise DrawError(
            f"{filled.name}: empty, or columns missing (expected {', '.join(names)} among others)"
        )
    answered = []
    for line, row in enumerate(rows, start=2):
        if not (row["order_id"] or "").strip():
            continue
        if not (row["checked_at"] or "").strip() or not (row["worker_id"] or "").strip():
            raise DrawError(f"{filled.name} line {line}: order_id is given, checked_at or worker_id is not")
        try:
            datetime.fromisoformat(row["checked_at"].strip())
        except ValueError:
            raise DrawError(f"{filled.name} line {line}: checked_at {row['checked_at']!r} is not YYYY-MM-DD HH:MM:SS") from None  # fmt: skip
        answered.append({name: (row[name] or "").strip() for name in names})
    facts = {"asked": len(rows), "answered": len(answered), "file": None}
    if not answered:
        return facts
    day = max(datetime.fromisoformat(row["checked_at"]).date() for row in answered)
    path = inbox / f"worker-checks-{day:%Y%m%d}.csv"
    held: list[dict[str, str]] = []
    if path.exists():
        held = [
            {name: row.get(name) or "" for name in names}
            for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
        ]
    merged = {tuple(row.values()): row for row in [*held, *answered]}
    _write(path, list(merged.values()))
    return facts | {"file": path.name}


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
    write_atomically(path, text.getvalue().encode())
    return path
