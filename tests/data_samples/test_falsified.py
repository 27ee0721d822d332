"""Each injector does what it says, and nothing else."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data_samples import injectors
from data_samples.sample import write_sample
from tests.data_samples.inbox_reader import Package, packages, together

DAYS = {"days": 5, "start": date(2025, 10, 9), "orders_per_day": 1500, "platforms": ["P02"], "provinces": ["440000"],
        "pristine": True, "claims_per_million": 6000.0, "formats": "csv"}  # fmt: skip
SINCE = "2025-10-11"


def write(folder: Path, *falsify: str, **changes: Any) -> tuple[list[Package], list[dict[str, Any]]]:
    write_sample(folder / "inbox", falsify=falsify, **{**DAYS, **changes})
    labels = json.loads((folder / "inbox.labels.json").read_text(encoding="utf-8"))["labels"]
    return packages(folder / "inbox"), labels


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> list[Package]:
    return write(tmp_path_factory.mktemp("truth"))[0]


@pytest.fixture(scope="module")
def true_orders(truth: list[Package]) -> pd.DataFrame:
    return together(truth, "orders").set_index("order_id")


def ids(labels: list[dict[str, Any]]) -> int:
    return sum(label["rows"] for label in labels)


@pytest.mark.parametrize("scheme", sorted(injectors.modules()))
def test_every_scheme_leaves_readable_packages_and_earlier_dates_alone(
    tmp_path: Path, truth: list[Package], scheme: str
) -> None:
    intensity = {"F18": 2, "F05": 0.1}.get(scheme, 0.6 if scheme[0] == "F" else 2)
    more: dict[str, Any] = {"days": 9} if scheme in ("F14", "F30") else {}
    if scheme == "F22":
        more = {"provinces": ["310000", "440000"], "orders_per_day": 4000}
    found, labels = write(tmp_path, f"{scheme}:{intensity}:P02:440000:{SINCE}", **more)
    assert labels and all(label["business_date"] >= SINCE for label in labels)
    if more:
        return
    before = {p.name: p.tables["orders"] for p in truth if p.manifest["business_date"] < SINCE}
    now = {p.name: p.tables["orders"] for p in found if p.manifest["business_date"] < SINCE}
    assert before.keys() == now.keys()
    assert all(before[name].equals(now[name]) for name in before)
    assert json.dumps([p.manifest for p in found]) != json.dumps([p.manifest for p in truth])


def test_thinning_leaves_gaps_in_the_serials(tmp_path: Path, true_orders: pd.DataFrame) -> None:
    found, labels = write(tmp_path, f"F01:0.1:P02:440000:{SINCE}")
    left = together(found, "orders").set_index("order_id")
    assert len(true_orders) - len(left) == ids(labels)
    gone = true_orders[~true_orders.index.isin(left.index)]
    assert (gone["date"] >= SINCE).all()
    assert 0.07 < len(gone) / (true_orders["date"] >= SINCE).sum() < 0.13
    assert (left["serial"] == true_orders.loc[left.index, "serial"]).all()


def test_the_aware_adversary_numbers_without_gaps_and_spares_claims(
    tmp_path: Path, true_orders: pd.DataFrame
) -> None:
    found, _ = write(tmp_path, f"F02:0.3:P02:440000:{SINCE}:aware")
    left = together(found, "orders").sort_values("serial")
    assert len(left) < len(true_orders) and (left["serial"].diff().dropna() == 1).all()
    claims = together(found, "claims")
    same_day = claims[
        (claims["injured_at"].dt.date == claims["reported_at"].dt.date) & claims["order_id"].notna()
    ]
    assert set(same_day["order_id"]) <= set(left["order_id"])


def test_the_colluding_adversary_alters_the_witnesses_too(tmp_path: Path) -> None:
    found, _ = write(tmp_path, f"F01:0.5:P02:440000:{SINCE}:colluding")
    known = set(together(found, "orders")["order_id"])
    checks = pd.concat(
        [pd.read_csv(path, dtype=str) for path in (tmp_path / "inbox").glob("worker-checks-*.csv")]
    )
    assert len(checks) and set(checks["order_id"]) <= known


def test_worker_checks_find_what_a_naive_thinning_drops(tmp_path: Path) -> None:
    found, _ = write(tmp_path, f"F01:0.5:P02:440000:{SINCE}")
    known = set(together(found, "orders")["order_id"])
    checks = pd.concat(
        [pd.read_csv(path, dtype=str) for path in (tmp_path / "inbox").glob("worker-checks-*.csv")]
    )
    assert set(checks["order_id"]) - known


def test_night_orders_are_gone_and_no_others(tmp_path: Path, true_orders: pd.DataFrame) -> None:
    found, _ = write(tmp_path, f"F04:1:P02:440000:{SINCE}")
    left = together(found, "orders")
    gone = true_orders[~true_orders.index.isin(left["order_id"])]
    assert len(gone) and set(gone["accepted_at"].dt.hour) <= {23, 0, 1, 2, 3, 4}


def test_a_city_is_gone(tmp_path: Path, true_orders: pd.DataFrame) -> None:
    found, _ = write(tmp_path, f"F05:0.1:P02:440000:{SINCE}")
    left = together(found, "orders")
    lost = set(true_orders["city_code"]) - set(left[left["date"] >= SINCE]["city_code"])
    assert len(lost) == 1


def test_copied_days_are_the_earlier_ones_but_for_numbers_and_dates(tmp_path: Path) -> None:
    found, labels = write(tmp_path, f"F08:1:P02:440000:{SINCE}")
    orders = together(found, "orders")
    assert {label["business_date"] for label in labels} == {"2025-10-11", "2025-10-12", "2025-10-13"}
    first, second = (
        orders[orders["date"] == day].sort_values("serial") for day in ("2025-10-10", "2025-10-11")
    )
    assert len(first) == len(second) and not set(first["order_id"]) & set(second["order_id"])
    assert (first["worker_id"].to_numpy() == second["worker_id"].to_numpy()).all()
    assert (
        (second["accepted_at"].to_numpy() - first["accepted_at"].to_numpy()) == pd.Timedelta(days=1)
    ).all()
    assert (orders.sort_values("serial")["serial"].diff().dropna() == 1).all()


def test_a_backdated_enrollment_is_registered_after_the_injury(tmp_path: Path) -> None:
    found, labels = write(tmp_path, f"F15:1:P02:440000:{SINCE}")
    claims, rows = together(found, "claims"), together(found, "enrollment")
    strangers = claims.merge(rows, on=["worker_id", "coverage_id", "id_number"])
    late = strangers[strangers["registered_at"] > strangers["injured_at"]]
    assert len(late) and (late["covered_from"] < late["injured_at"]).all()
    assert set(late["claim_id"]) <= {each for label in labels for each in label["ids"]}


def test_suppressed_claims_never_appear(tmp_path: Path, truth: list[Package]) -> None:
    found, labels = write(tmp_path, f"F17:0.6:P02:440000:{SINCE}")
    gone = set(together(truth, "claims")["claim_id"]) - set(together(found, "claims")["claim_id"])
    assert gone == {each for label in labels for each in label["ids"]}


def test_renumbering_comes_with_a_second_version(tmp_path: Path) -> None:
    found, _ = write(tmp_path, f"F25:0.05:P02:440000:{SINCE}")
    again = [p for p in found if p.manifest["sequence"] == 2]
    assert again and all(p.manifest["reason"]["code"] == "system_fault" for p in again)
    first = {
        p.name[:-2]: p.tables["orders"].set_index("order_id")["serial"]
        for p in found
        if p.name.endswith("-1")
    }
    for package in again:
        second = package.tables["orders"].set_index("order_id")["serial"]
        assert (second != first[package.name[:-2]].loc[second.index]).any()
        assert (second.sort_values().diff().dropna() == 1).all()


def test_relabelled_orders_keep_their_income_and_pay_nothing(
    tmp_path: Path, true_orders: pd.DataFrame
) -> None:
    found, labels = write(tmp_path, f"F33:0.1:P02:440000:{SINCE}")
    now = together(found, "orders").set_index("order_id")
    changed = now[(now["status"] == "cancelled") & (true_orders.loc[now.index, "status"] == "completed")]
    assert len(changed) == ids(labels) and (changed["premium_yuan"] == 0).all()
    assert (changed["worker_income_yuan"] == true_orders.loc[changed.index, "worker_income_yuan"]).all()


def test_workers_who_are_never_enrolled_have_no_orders(tmp_path: Path, truth: list[Package]) -> None:
    found, _ = write(tmp_path, "F03:0.3:P02:440000:2025-10-09")
    before, now = together(truth, "orders"), together(found, "orders")
    gone = set(before["worker_id"]) - set(now["worker_id"])
    assert gone and not gone & set(together(found, "enrollment")["worker_id"])
    assert set(now["worker_id"]) <= set(together(found, "enrollment")["worker_id"])


def test_low_fees_are_cut_off(tmp_path: Path, true_orders: pd.DataFrame) -> None:
    found, _ = write(tmp_path, f"F06:0.2:P02:440000:{SINCE}")
    left = together(found, "orders")
    for day, orders in left[(left["date"] >= SINCE) & (left["status"] == "completed")].groupby("date"):
        before = true_orders[(true_orders["date"] == day) & (true_orders["status"] == "completed")]
        assert orders["customer_paid_yuan"].min() >= before["customer_paid_yuan"].quantile(0.18)


def test_every_hour_is_scaled_by_one_ratio(tmp_path: Path, true_orders: pd.DataFrame) -> None:
    found, _ = write(tmp_path, f"F09:0.25:P02:440000:{SINCE}")
    left = together(found, "orders")
    for frame in (left, true_orders):
        frame["hour"] = frame["accepted_at"].dt.hour
    now = left[left["date"] == SINCE].groupby("hour").size()
    before = true_orders[true_orders["date"] == SINCE].groupby("hour").size()
    assert all(abs(now.get(hour, 0) - count * 0.75) <= 0.5 for hour, count in before.items())
    assert (left.sort_values("serial")["serial"].diff().dropna() == 1).all()


@pytest.mark.parametrize("scheme", ["F10", "F11"])
def test_made_up_orders_come_on_top(tmp_path: Path, true_orders: pd.DataFrame, scheme: str) -> None:
    found, labels = write(tmp_path, f"{scheme}:0.2:P02:440000:{SINCE}")
    now = together(found, "orders")
    assert len(now) > len(true_orders) and set(true_orders.index) <= set(now["order_id"])
    assert now["order_id"].is_unique and (now.sort_values("serial")["serial"].diff().dropna() == 1).all()
    assert (now["accepted_at"].dt.strftime("%Y-%m-%d") == now["date"]).all()
    if scheme == "F11":
        ghosts = set(now["worker_id"]) - set(true_orders["worker_id"])
        rows = together(found, "enrollment")
        assert ghosts <= {each for label in labels for each in label["ids"]}
        assert (
            ghosts <= set(rows["worker_id"])
            and not rows.duplicated("coverage_id", keep=False)[rows["worker_id"].isin(ghosts)].any()
        )


def test_split_and_rented_numbers(tmp_path: Path, true_orders: pd.DataFrame) -> None:
    for scheme in ("F12", "F13"):
        found, _ = write(tmp_path / scheme, f"{scheme}:0.3:P02:440000:{SINCE}")
        now = together(found, "orders").set_index("order_id")
        workers = now[now["date"] >= SINCE]["worker_id"].nunique()
        before = true_orders[true_orders["date"] >= SINCE]["worker_id"].nunique()
        assert workers > before if scheme == "F12" else workers < before
        assert (now["serial"] == true_orders.loc[now.index, "serial"]).all()


def test_a_cohort_changes_its_firm_and_leaves(tmp_path: Path) -> None:
    found, _ = write(tmp_path, f"F14:0.4:P02:440000:{SINCE}", days=13)
    rows = together(found, "enrollment")
    changed = rows[(rows["date"] == SINCE) & (rows["action"] == "change")]
    firm = changed["contracting_party"].mode()[0]
    cohort = changed[changed["contracting_party"] == firm]
    ended = rows[(rows["date"] == "2025-10-18") & (rows["contracting_party"] == firm)]
    assert len(cohort) > 10 and firm.startswith("92") and set(ended["action"]) == {"end"}
    orders = together(found, "orders")
    assert not orders[(orders["date"] > "2025-10-18") & orders["worker_id"].isin(cohort["worker_id"])].size


def test_delayed_claims_come_so_many_days_later(tmp_path: Path, truth: list[Package]) -> None:
    found, _ = write(tmp_path, f"F18:2:P02:440000:{SINCE}")
    before, now = (together(each, "claims").groupby("claim_id")["date"].min() for each in (truth, found))
    late = {claim for claim in now.index if now[claim] != before[claim]}
    assert late
    assert {(pd.Timestamp(now[claim]) - pd.Timestamp(before[claim])).days for claim in late} == {2}


@pytest.mark.parametrize(
    ("scheme", "column"),
    [("F19", "programme"), ("F20", "injured_at"), ("F21", "injury_class")],
)
def test_altered_claims_differ_in_what_was_altered(
    tmp_path: Path, truth: list[Package], scheme: str, column: str
) -> None:
    found, labels = write(tmp_path, f"{scheme}:1:P02:440000:{SINCE}")
    key = ["claim_id", "date"]
    both = together(truth, "claims").merge(together(found, "claims"), on=key, suffixes=("", "_now"))
    changed = both[both[column] != both[f"{column}_now"]]
    assert set(changed["claim_id"]) == {each for label in labels for each in label["ids"]}


def test_orders_moved_to_another_province_are_reported_there(tmp_path: Path) -> None:
    changes = {"provinces": ["310000", "440000"], "orders_per_day": 3000}
    before, _ = write(tmp_path / "truth", **changes)
    found, labels = write(tmp_path / "moved", f"F22:0.2:P02:440000:{SINCE}", **changes)
    true = together(before, "orders").set_index("order_id")
    now = together(found, "orders").set_index("order_id")
    moved = now[now["province"] != true.loc[now.index, "province"]]
    assert set(true.index) == set(now.index) and len(moved) == ids(labels)
    assert set(moved["province"]) == {"310000"} and set(moved["city_code"]) == {"310100"}
    for _, cell in now.sort_values("serial").groupby("province"):
        assert (cell["serial"].diff().dropna() == 1).all()


def test_rounded_shortened_and_reclassed_orders(tmp_path: Path, true_orders: pd.DataFrame) -> None:
    found, labels = write(
        tmp_path, *(f"{scheme}:0.3:P02:440000:{SINCE}" for scheme in ("F27", "F29", "F23", "F34"))
    )
    now = together(found, "orders").set_index("order_id")
    before = true_orders.loc[now.index]
    rounded = now[now["worker_income_yuan"] != before["worker_income_yuan"]]
    assert len(rounded) and (rounded["worker_income_yuan"] % 5 == 0).all()
    shorter = now["finished_at"] != before["finished_at"]
    assert shorter.any() and (now["finished_at"] <= before["finished_at"]).all()
    reclassed = now[now["industry"] != before["industry"]]
    assert set(reclassed["industry"]) == {"ride_hailing"} and reclassed["premium_yuan"].max() == 0.01
    spells = together(found, "enrollment")
    declared = spells[spells["programme"] == "employee_insurance"]
    assert len(declared) and (declared["covered_to"] - declared["covered_from"] == pd.Timedelta(days=1)).all()
    assert {label["scheme"] for label in labels} == {"F27", "F29", "F23", "F34"}


def test_smoothing_draws_the_counts_together(tmp_path: Path) -> None:
    found, _ = write(tmp_path, "F26:1:P02:440000:2025-10-11", days=12)
    now = together(found, "orders").groupby("date").size()
    assert now.diff().abs().iloc[3:].mean() < 0.04 * now.mean()


def test_outages_hide_days_with_injuries_for_good(tmp_path: Path, truth: list[Package]) -> None:
    found, labels = write(tmp_path, f"F32:1:P02:440000:{SINCE}")
    days = {package.manifest["business_date"] for package in found}
    lost = {package.manifest["business_date"] for package in truth} - days
    assert lost and lost <= {label["business_date"] for label in labels}
    claims = together(found, "claims")
    assert not set(claims["injured_at"].dt.strftime("%Y-%m-%d")) & lost


@pytest.mark.parametrize(
    ("scheme", "rows"),
    [
        ("X01", 3),
        ("C07", 4),
        ("T03", 2),
        ("V01", 1),
        ("S02", 1),
        ("C04", 2),
        ("V07", 1),
        ("S09", 1),
        ("T01", 1),
    ],
)
def test_planted_faults_are_as_many_as_asked_for_and_on_one_date(
    tmp_path: Path, scheme: str, rows: int
) -> None:
    _, labels = write(tmp_path, f"{scheme}:{rows}:P02:440000:{SINCE}")
    assert [(label["business_date"], label["rows"]) for label in labels] == [(SINCE, rows)]


def test_injectors_share_nothing_with_the_checks() -> None:
    for path in Path(injectors.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import checks" not in text and "from checks" not in text and "parameter" not in text
