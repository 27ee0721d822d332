"""The default sample has the imperfections that honest platforms have."""

from __future__ import annotations

import pandas as pd
import pytest

from data_samples.sample import write_sample
from tests.data_samples.inbox_reader import Package, packages, together


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> list[Package]:
    """Enough days of few cells for the rarer things to happen."""
    out = tmp_path_factory.mktemp("month") / "inbox"
    write_sample(
        out, days=30, orders_per_day=3000, platforms=["P02", "P04", "P08"], provinces=["310000", "320000"]
    )
    return packages(out)


def test_orders_that_ran_when_sent_are_closed_by_a_second_version(month: list[Package]) -> None:
    everything = together(month, "orders", current=False)
    running = everything[everything["status"] == "running"]
    assert len(running) and (running["sequence"] == 1).all()
    assert running["finished_at"].isna().all()
    final = together(month, "orders")
    running = running[running["date"] < running["date"].max()]  # the last ones are still to come
    closed = final[final["order_id"].isin(running["order_id"])]
    assert len(closed) == running["order_id"].nunique() and (closed["status"] != "running").all()
    assert ((closed["sent"] - closed["accepted_at"]) < pd.Timedelta(hours=48)).all()


def test_second_versions_say_why(month: list[Package]) -> None:
    codes = {package.manifest["reason"]["code"] for package in month if package.manifest["reason"]}
    assert codes == {"late_data", "correction"}


def test_few_orders_are_taken_before_registration(month: list[Package]) -> None:
    orders, rows = together(month, "orders"), together(month, "enrollment")
    starts = rows[rows["action"] == "start"].groupby(["platform", "worker_id"])["registered_at"].min()
    first = orders.join(starts, on=["platform", "worker_id"])
    share = (first["accepted_at"] < first["registered_at"]).mean()
    assert 0.0005 < share < 0.01


def test_workers_come_and_go_and_return(month: list[Package]) -> None:
    rows = together(month, "enrollment")
    main = rows[rows["programme"] == "oip"]
    assert {"start", "end", "change"} <= set(main["action"])
    spells = main.groupby(["platform", "worker_id"])["coverage_id"].nunique()
    assert (spells > 1).any()  # returned, or moved to another province
    provinces = main.groupby(["platform", "worker_id"])["province"].nunique()
    assert (provinces > 1).any()


def test_the_number_of_orders_is_about_what_was_asked_for(month: list[Package]) -> None:
    by_day = together(month, "orders").groupby("date").size()
    assert 0.85 * 3000 < by_day.iloc[0] < 1.15 * 3000
    assert by_day.min() > 0.7 * 3000 and by_day.max() < 1.4 * 3000
