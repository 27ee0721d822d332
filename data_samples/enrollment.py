"""Rows of the enrollment extract: the main cover of each worker, and the further programmes some of them
have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from data_samples import registers
from data_samples.roll import EMPLOYEE, NEVER, OIP, Bools, Ints, Roll, party_codes
from data_samples.turnover import Events, promote
from data_samples.world import SECONDS, Cell, Settings, from_number, midnight

ENGAGEMENTS = pl.Series(["full_time", "part_time", "crowdsourced"])
RELATIONS = pl.Series(["employment", "partial", "civil"])
AGREEMENTS = pl.Series(["labour_contract", "written_agreement", "none"])
MAIN = pl.Series(["oip", "employee_insurance", "union_shanghai"])
FLOOR_SHARE = 0.05  # employees whose contributions are paid on the floor (honest imperfection)
SUBSIDISES = "P02"  # 美团 subsidises the pension contributions of its riders
ACCIDENT = (
    "P02",
    "P04",
)  # 美团 insures all its riders against accidents, 京东 those who are not its employees


@dataclass(frozen=True)
class Monthly:
    """A programme paid by the month: `share` of the workers, premium, subsidy in 1/100 yuan a month."""

    programme: str
    letter: str
    share: float
    premium: int
    subsidy: int = 0


def monthly(cell: Cell) -> tuple[Monthly, ...]:
    """Jiangsu subsidises the medical insurance of flexible workers (应参尽参)."""
    medical = Monthly("flexible_medical", "M", 0.25, 42_000, 12_000) if cell.province == "320000" else Monthly(
        "flexible_medical", "M", 0.09, 42_000
    )  # fmt: skip
    return (
        Monthly("flexible_pension", "P", 0.06, 98_000),
        medical,
        Monthly("commercial_pension", "V", 0.015, 20_000),
    )


def seconds(values: npt.NDArray[np.int64]) -> pl.Series:
    """Seconds since 1970 as timestamps; negative values and NEVER become null."""
    none = (values < 0) | (values == NEVER)
    moments = np.where(none, 0, values).astype(np.int64) * 1_000_000
    return pl.Series(pl.from_arrow(pa.array(moments, mask=none).cast(pa.timestamp("us"))))


def optional(values: npt.NDArray[np.int64]) -> pl.Series:
    """Negative values become null."""
    return pl.Series(pl.from_arrow(pa.array(np.asarray(values, dtype=np.int64), mask=values < 0)))


def constant(text: str | None, count: int) -> pl.Series:
    return pl.Series([text], dtype=pl.String).new_from_index(0, count)


def yuan(values: npt.NDArray[np.int64] | pl.Series, scale: int) -> pl.Series:
    """Integers in units of 10^-scale yuan as exact decimals of the standard."""
    return (pl.Series(values) / 10**scale).cast(pl.Decimal(12, scale))


def spells(
    cell: Cell, roll: Roll, rows: Ints, day: int, *, suffix: pl.Series | str, action: pl.Series | str,
    programme: pl.Series | str, registered: Ints, begin: Ints, end: Ints, premium: Ints | None = None,
    paid: Ints | None = None, subsidy: Ints | None = None, payer: str | None = None, base: Ints | None = None,
) -> pl.DataFrame:  # fmt: skip
    """One enrollment row for each of `rows`; amounts in 1/10000 yuan, `base` in 1/100."""
    n = rows.size
    worker = pl.Series(roll.worker_id[rows].astype(str), dtype=pl.String)
    relation = pl.Series(roll.relation[rows])
    parties, party = pl.Series(party_codes(cell), dtype=pl.String), roll.party[rows]
    signed = pl.Series(party >= 0)
    columns = {
        "coverage_id": worker + suffix,
        "action": constant(action, n) if isinstance(action, str) else action,
        "worker_id": worker,
        "id_number": pl.Series(roll.id_number[rows].astype("U18"), dtype=pl.String),
        "programme": constant(programme, n) if isinstance(programme, str) else programme,
        "registered_at": seconds(registered),
        "covered_from": seconds(begin),
        "covered_to": seconds(end),
        "labor_relation": RELATIONS.gather(relation),
        "engagement": ENGAGEMENTS.gather(pl.Series(roll.kind[rows])),
        "contracting_party": pl.select(
            pl.when(signed).then(parties.gather(np.maximum(party, 0)))
        ).to_series(),
        "industry": constant(cell.industry(from_number(day)), n),
        "city_code": pl.Series(cell.cities, dtype=pl.String).gather(pl.Series(roll.city[rows])),
        "agreement": AGREEMENTS.gather(relation),
    }
    for name, amount in (("premium", premium), ("worker_paid", paid), ("subsidy", subsidy)):
        if amount is not None:
            columns[f"{name}_yuan"] = yuan(amount, 4)
    if payer:
        columns["subsidy_payer"] = constant(payer, n)
    if base is not None:
        columns["contribution_base_yuan"] = yuan(optional(np.where(base > 0, base, -1)), 2)
    return pl.DataFrame(columns)


def main(
    settings: Settings, cell: Cell, roll: Roll, rows: Ints, action: pl.Series | str, day: int
) -> pl.DataFrame:
    """The latest spell of main cover of each of `rows`, as it stands now."""
    employee = roll.programme[rows] == EMPLOYEE
    # an employee's base follows what he earns, some 5,500 to 11,500 yuan, above every floor
    base = (550_000 + (roll.luck[rows] * 60).astype(np.int64) * 10_000) * employee
    floor = registers.floor_cents(cell.province, from_number(day))
    if floor is not None:
        base = np.where(employee, np.maximum(base, floor + 60_000), 0)
        if not settings.pristine:
            base = np.where(employee & (roll.luck[rows] * 7 % 1 < FLOOR_SHARE), floor, base)
    return spells(
        cell, roll, rows, day, suffix="C" + pl.Series(roll.spell[rows]).cast(pl.String), action=action,
        programme=MAIN.gather(pl.Series(roll.programme[rows])), registered=roll.registered[rows],
        begin=roll.covered_from[rows], end=roll.covered_to[rows], paid=np.zeros(rows.size, dtype=np.int64), base=base,
    )  # fmt: skip


def accident(cell: Cell, roll: Roll, rows: Ints, action: pl.Series | str, day: int) -> list[pl.DataFrame]:
    """Accident insurance runs beside the main cover, on platforms that buy it; `action` is a text or goes
    by row."""
    if cell.platform not in ACCIDENT:
        return []
    mine = roll.programme[rows] == OIP
    rows = rows[mine]
    if isinstance(action, pl.Series):
        action = action.filter(pl.Series(mine))
    return [
        spells(
            cell,
            roll,
            rows,
            day,
            suffix="A" + pl.Series(roll.spell[rows]).cast(pl.String),
            action=action,
            programme="commercial_accident",
            registered=roll.registered[rows],
            begin=roll.covered_from[rows],
            end=roll.covered_to[rows],
        )
    ]


def of_day(settings: Settings, cell: Cell, roll: Roll, events: Events, day: int) -> pl.DataFrame:
    """All that changed on a business date, but for day policies and pension subsidies."""
    rows = np.concatenate([*events.started, events.changed, events.ended, events.promoted])
    started = sum(part.size for part in events.started)
    actions = pl.concat(
        [
            constant("start", started),
            constant("change", events.changed.size),
            constant("end", events.ended.size + events.promoted.size),
        ]
    )
    tables = [main(settings, cell, roll, rows, actions, day)]
    moved = actions != "change"
    tables += accident(cell, roll, rows[moved.to_numpy()], actions.filter(moved), day)
    if events.promoted.size:
        promote(roll, events.promoted, day)
        tables.append(main(settings, cell, roll, events.promoted, "start", day))
    tomorrow = from_number(day + 1)
    if tomorrow.day == 1:
        tables += month(cell, roll, day, (day + 1) * SECONDS)
    return pl.concat(tables, how="diagonal")


def month(cell: Cell, roll: Roll, day: int, begin: int) -> list[pl.DataFrame]:
    """Spells of the programmes paid by the month, from `begin` to the month's end, for all who have them."""
    if cell.submitter:
        return []
    first = from_number(begin // SECONDS)
    end = midnight(next_month(first))
    on_roll = (roll.covered_to == NEVER) & (roll.registered != NEVER) & (roll.programme == OIP)
    tables = []
    for number, offer in enumerate(monthly(cell)):
        rows = np.flatnonzero(on_roll & _chosen(roll, number, offer.share))
        if not rows.size:
            continue
        fill = partial(np.full, rows.size)
        tables.append(
            spells(
                cell,
                roll,
                rows,
                day,
                suffix=f"{offer.letter}{first:%y%m}",
                action="start",
                programme=offer.programme,
                registered=fill(begin - 7 * 3600),
                begin=fill(begin),
                end=fill(end),
                premium=fill(offer.premium * 100),
                paid=fill((offer.premium - offer.subsidy) * 100),
                subsidy=fill(offer.subsidy * 100) if offer.subsidy else None,
                payer="fiscal" if offer.subsidy else None,
            )
        )
    return tables


def _chosen(roll: Roll, number: int, share: float) -> Bools:
    """A lot of its own for each programme, drawn from the worker's one."""
    return (roll.luck * (997 + 2 * number)) % 1 < share


def next_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def subsidies(cell: Cell, roll: Roll, earned: Mapping[tuple[int, int], Ints], day: int) -> list[pl.DataFrame]:
    """美团's pension subsidy for a month, on its last day: for those who earned the floor in it and in enough of the
    last months. `earned`: (year, month) → 1/100 yuan by row of the roll."""
    on = from_number(day)
    required = registers.number("pension_subsidy", on, "months_required")
    floor = registers.floor_cents(cell.province, on)
    if cell.platform != SUBSIDISES or from_number(day + 1).day != 1 or required is None or floor is None:
        return []
    window = round(registers.number("pension_subsidy", on, "months_window") or 6)
    reached = np.zeros(len(roll), dtype=np.int64)
    for back in range(window):
        month = (on.year * 12 + on.month - 1) - back
        income = earned.get((month // 12, month % 12 + 1), np.zeros(0, dtype=np.int64))
        reached[: income.size] += income >= floor
    now = earned.get((on.year, on.month), np.zeros(0, dtype=np.int64))
    able = np.zeros(len(roll), dtype=bool)
    able[: now.size] = now >= floor
    rows = np.flatnonzero(able & (reached >= required) & (roll.programme != EMPLOYEE))
    if not rows.size:
        return []
    rate = registers.number("pension_subsidy", on, "contribution_rate") or 0.0
    share = registers.number("pension_subsidy", on, "share") or 0.0
    premium = round(floor * rate) * 100
    subsidy = round(floor * rate * share) * 100
    fill = partial(np.full, rows.size)
    begin = midnight(on.replace(day=1))
    return [
        spells(
            cell,
            roll,
            rows,
            day,
            suffix=f"B{on:%y%m}",
            action="start",
            programme="pension_subsidy",
            registered=fill(day * SECONDS + 82_800),
            begin=fill(begin),
            end=fill((day + 1) * SECONDS),
            premium=fill(premium),
            paid=fill(premium - subsidy),
            subsidy=fill(subsidy),
            payer="platform",
            base=fill(floor),
        )
    ]
