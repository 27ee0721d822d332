"""A pristine sample breaks no rule: the rules' texts checked here by plain pandas, not by the project's checks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.data_samples.inbox_reader import Package, packages, together
from tests.data_samples.test_numbers import code_is_valid, id_is_valid

COVERING = {"ride_hailing": ("oip", "employee_insurance"), "instant_delivery": ("oip", "employee_insurance"),
            "intracity_freight": ("oip", "employee_insurance"), "other": ("weigongka", "yilubao")}  # fmt: skip
FASTEST = {"ride_hailing": 150, "instant_delivery": 80, "intracity_freight": 120}
PARALLEL = {"ride_hailing": 3, "instant_delivery": 15, "intracity_freight": 3, "other": 1}
PREMIUMS = {
    "ride_hailing": {0.01},
    "instant_delivery": {0.07, 0.25},
    "intracity_freight": {0.18},
    "other": {0.0},
}


@pytest.fixture(scope="module")
def found(pristine: Path) -> list[Package]:
    return packages(pristine)


@pytest.fixture(scope="module")
def orders(found: list[Package]) -> pd.DataFrame:
    return together(found, "orders")


@pytest.fixture(scope="module")
def spells(found: list[Package]) -> pd.DataFrame:
    """The latest state of each spell."""
    rows = together(found, "enrollment").sort_values(["date", "sequence"])
    return rows.groupby(["platform", "coverage_id"]).last().reset_index()


@pytest.fixture(scope="module")
def claims(found: list[Package]) -> pd.DataFrame:
    return together(found, "claims")


def test_nothing_is_sent_twice_or_late(found: list[Package]) -> None:
    assert {package.manifest["sequence"] for package in found} == {1}
    for package in found:
        since = pd.Timestamp(package.manifest["submitted_at"]).tz_localize(None)
        assert since - pd.Timestamp(package.manifest["business_date"]) < pd.Timedelta(hours=30)


def test_order_ids_are_unique_on_a_platform(orders: pd.DataFrame) -> None:
    assert not orders.duplicated(["platform", "order_id"]).any()


def test_serials_are_gap_free_over_all_days_in_time_order(orders: pd.DataFrame) -> None:
    for _, cell in orders.sort_values("serial").groupby(["platform", "province"]):
        assert (cell["serial"].diff().dropna() == 1).all()
        assert cell["accepted_at"].is_monotonic_increasing


def test_orders_lie_in_their_date_and_province_and_ended_before_they_were_sent(orders: pd.DataFrame) -> None:
    assert (orders["accepted_at"].dt.strftime("%Y-%m-%d") == orders["date"]).all()
    assert (orders["city_code"].str[:2] == orders["province"].str[:2]).all()
    assert (orders["finished_at"] <= orders["sent"]).all()
    assert set(orders["status"]) == {"completed", "cancelled"}
    assert not (orders["picked_up_at"] < orders["accepted_at"]).any()
    assert not (orders["finished_at"] < orders["picked_up_at"]).any()


def test_some_orders_of_an_evening_end_after_midnight(orders: pd.DataFrame) -> None:
    assert (orders["finished_at"].dt.date > orders["accepted_at"].dt.date).sum() > 10


def test_durations_and_speeds_are_possible(orders: pd.DataFrame) -> None:
    done = orders[orders["status"] == "completed"]
    lasted = (done["finished_at"] - done["accepted_at"]).dt.total_seconds()
    assert lasted.between(60, 86_400).all()
    moving = (done["finished_at"] - done["picked_up_at"].fillna(done["accepted_at"])).dt.total_seconds()
    kmh = done["distance_m"] / moving * 3.6
    assert not (kmh > done["industry"].map(FASTEST).fillna(np.inf)).any()


def test_nobody_carries_more_orders_than_the_bound(orders: pd.DataFrame) -> None:
    for (_, industry, _), mine in orders.groupby(["platform", "industry", "worker_id"]):
        accepted, finished = np.sort(mine["accepted_at"].to_numpy()), np.sort(mine["finished_at"].to_numpy())
        running = np.arange(accepted.size) - np.searchsorted(finished, accepted, side="right")
        assert running.max() < PARALLEL[industry]


def test_premiums_are_those_of_the_industry(orders: pd.DataFrame, spells: pd.DataFrame) -> None:
    employees = spells[spells["programme"] == "employee_insurance"].set_index(["platform", "worker_id"]).index
    exempt = pd.MultiIndex.from_frame(orders[["platform", "worker_id"]]).isin(employees)
    due = orders[(orders["status"] == "completed") & ~exempt]
    for industry, premium in due.groupby("industry")["premium_yuan"]:
        assert set(premium) <= PREMIUMS[str(industry)]
    assert (orders[exempt]["premium_yuan"] == 0).all()
    early = due[
        (due["province"] == "310000") & due["platform"].isin(["P02", "P04"]) & (due["industry"] != "other")
    ]
    assert len(early) and (early["premium_yuan"] == 0.25).all()


def test_every_order_is_covered_when_it_is_accepted(orders: pd.DataFrame, spells: pd.DataFrame) -> None:
    both = orders.reset_index().merge(spells, on=["platform", "worker_id"], suffixes=("", "_spell"))
    fits = np.array([p in COVERING[i] for p, i in zip(both["programme"], both["industry"], strict=True)])
    open_ = both["covered_to"].isna() | (both["accepted_at"] < both["covered_to"])
    covered = both[fits & (both["covered_from"] <= both["accepted_at"]) & open_]
    assert set(covered["index"]) == set(range(len(orders)))
    assert (covered["registered_at"] <= covered["accepted_at"]).all()
    assert (covered["province"] == covered["province_spell"]).all()


def test_spells_of_one_programme_do_not_overlap(spells: pd.DataFrame) -> None:
    assert not (spells["covered_to"] <= spells["covered_from"]).any()
    ordered = spells.sort_values(["platform", "worker_id", "programme", "covered_from"])
    following = ordered.groupby(["platform", "worker_id", "programme"])["covered_from"].shift(-1)
    assert not (following < ordered["covered_to"].fillna(pd.Timestamp("2100-01-01"))).any()


def test_one_state_a_spell_and_date(found: list[Package]) -> None:
    rows = together(found, "enrollment")
    assert not rows.duplicated(["platform", "coverage_id", "date"]).any()


def test_persons_and_firms_have_valid_numbers(spells: pd.DataFrame) -> None:
    assert all(id_is_valid(number) and number.startswith("99") for number in spells["id_number"].unique())
    assert all(code_is_valid(code) for code in spells["contracting_party"].dropna().unique())
    assert (spells.groupby(["platform", "worker_id"])["id_number"].nunique() == 1).all()
    assert (spells.groupby(["platform", "id_number"])["worker_id"].nunique() == 1).all()
    assert (spells.groupby("id_number")["platform"].nunique() > 1).any()  # on several platforms


def test_programmes_keep_their_terms(spells: pd.DataFrame) -> None:
    by_programme = dict(list(spells.groupby("programme")))
    assert {"oip", "employee_insurance", "weigongka", "yilubao", "union_shanghai", "commercial_accident",
            "flexible_pension", "flexible_medical", "commercial_pension"} <= set(by_programme)  # fmt: skip
    oip, day, shift = (by_programme[name] for name in ("oip", "yilubao", "weigongka"))
    assert (oip["worker_paid_yuan"].astype(float) == 0).all()
    assert set(day["premium_yuan"]) == {0.8} and set(day["subsidy_yuan"].astype(float)) == {0.4}
    assert (day["covered_to"] - day["covered_from"] == pd.Timedelta(days=1)).all()
    assert (shift["covered_to"] - shift["covered_from"] == pd.Timedelta(hours=24)).all()
    assert shift["premium_yuan"].between(0.3, 2).all()
    partial = spells[spells["labor_relation"] == "partial"]
    assert (partial["agreement"] == "written_agreement").all()
    full = spells[(spells["platform"] == "P04") & (spells["engagement"] == "full_time")]
    assert len(full) and set(full["programme"]) == {"employee_insurance"}


def test_claims_name_an_order_and_a_spell_and_keep_the_order_of_stages(
    claims: pd.DataFrame, orders: pd.DataFrame, spells: pd.DataFrame
) -> None:
    assert claims["claim_id"].nunique() > 20 and (claims["reported_at"] <= claims["sent"]).all()
    at_work = claims[claims["order_id"].notna()].merge(
        orders, on=["platform", "order_id"], suffixes=("", "_order")
    )
    assert len(at_work) == claims["order_id"].notna().sum()
    assert (at_work["worker_id"] == at_work["worker_id_order"]).all()
    assert (
        (at_work["accepted_at"] <= at_work["injured_at"]) & (at_work["injured_at"] <= at_work["finished_at"])
    ).all()
    covered = claims.merge(spells, on=["platform", "coverage_id"], suffixes=("", "_spell"))
    assert len(covered) == len(claims) and (covered["covered_from"] <= covered["injured_at"]).all()
    stages = [
        "injured_at",
        "reported_at",
        "applied_at",
        "confirmed_at",
        "appraised_at",
        "decided_at",
        "paid_at",
    ]
    for row in claims[stages].itertuples(index=False):
        known = [moment for moment in row if not pd.isna(moment)]
        assert known == sorted(known)
    assert not claims.duplicated(["platform", "claim_id", "date"]).any()


def test_pulses_agree_with_the_night(pristine: Path, orders: pd.DataFrame) -> None:
    import hashlib
    import json

    pulses = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(pristine.glob("pulse-*.json"))]
    assert len(pulses) == 24 * 6
    for pulse in pulses[::5]:
        day = f"{pulse['hour'][:4]}-{pulse['hour'][4:6]}-{pulse['hour'][6:8]}"
        mine = orders[
            (orders["platform"] == pulse["platform_code"])
            & (orders["province"] == pulse["province_code"])
            & (orders["date"] == day)
            & (orders["accepted_at"].dt.hour <= int(pulse["hour"][8:]))
        ].sort_values("serial")
        lines = "".join(
            f"{int(r.serial)},{r.order_id},{r.worker_id},{r.accepted_at}\n" for r in mine.itertuples()
        )
        assert pulse["orders"] == len(mine)
        assert pulse["rows_hash"] == hashlib.sha256(lines.encode()).hexdigest()


def test_agency_and_tax_know_the_same(pristine: Path, claims: pd.DataFrame, orders: pd.DataFrame) -> None:
    cases = pd.concat([pd.read_csv(path, dtype=str) for path in sorted(pristine.glob("agency-cases-*.csv"))])
    mine = claims[claims["programme"] == "oip"]
    assert set(cases["order_id"]) == set(mine["order_id"])
    tax = pd.concat(
        [pd.read_csv(path, dtype={"province_code": str}) for path in pristine.glob("witness-tax-*.csv")]
    )
    collected = tax[tax["measure"] == "contributions_yuan"].set_index(["platform_code", "province_code"])[
        "value"
    ]
    premium = (
        orders[~orders["platform"].str.startswith("W")]
        .groupby(["platform", "province"])["premium_yuan"]
        .sum()
    )
    assert np.allclose(collected.sort_index(), premium.sort_index(), atol=1e-6)


def test_worker_checks_name_orders_that_are_there(pristine: Path, orders: pd.DataFrame) -> None:
    checks = pd.concat([pd.read_csv(path, dtype=str) for path in pristine.glob("worker-checks-*.csv")])
    assert set(checks["draw"]) == {"sampled", "test", "self"}
    known = checks.merge(orders, left_on=["platform_code", "order_id"], right_on=["platform", "order_id"])
    assert len(known) == len(checks) and (known["worker_id_x"] == known["worker_id_y"]).all()
