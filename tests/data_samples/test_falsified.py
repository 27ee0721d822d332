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


@pytest.mark.parametrize(("scheme", "rows"), [("X01", 3), ("C07", 4), ("T03", 2), ("V01", 1), ("S02", 1)])
def test_planted_faults_are_as_many_as_asked_for_and_on_one_date(
    tmp_path: Path, scheme: str, rows: int
) -> None:
    _, labels = write(tmp_path, f"{scheme}:{rows}:P02:440000:{SINCE}")
    assert [(label["business_date"], label["rows"]) for label in labels] == [(SINCE, rows)]


def test_injectors_share_nothing_with_the_checks() -> None:
    for path in Path(injectors.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "import checks" not in text and "from checks" not in text and "parameter" not in text
