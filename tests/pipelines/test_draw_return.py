"""The bureau's sample goes out, comes back filled in, and an order that the platform dropped is found by it."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from data_samples.sample import write_sample
from pipelines import draw as drawing
from pipelines.cli import cli
from pipelines.nightly import nightly
from warehouse.engine import connect, frame
from warehouse.home import Home

FIRST, ASKED = date(2025, 10, 6), date(2025, 10, 9)
WORLD: Mapping[str, Any] = {"days": 5, "start": FIRST, "orders_per_day": 1800, "seed": 3, "platforms": ["P02", "P04"], "provinces": ["310000", "440000"]}  # fmt: skip


LOOKED_UP = (
    "checked_at,platform_code,worker_id,order_id\n2025-10-09 12:00:00,P04,P04W310000001,unknown-order\n"
)


def _orders(inbox: Path, platform: str, province: str, on: date) -> pl.DataFrame:
    found = next(inbox.glob(f"{platform}-{province}-{on:%Y%m%d}-1*"))
    if found.suffix == ".zip":
        shutil.unpack_archive(found, found.with_suffix(""))
        found = found.with_suffix("")
    path = next(found.rglob("orders.*"))
    return (
        pl.read_parquet(path).cast(pl.String)
        if path.suffix == ".parquet"
        else pl.read_csv(path, infer_schema=False)
    )


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What really happened: the same world without the falsification."""
    folder = tmp_path_factory.mktemp("draw") / "truth"
    write_sample(folder, **WORLD)
    return folder


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    write_sample(folder, **WORLD, falsify=[f"F01:0.3:P02:310000:{FIRST}"])
    for path in folder.glob("worker-checks-*"):
        path.unlink()
    (folder / "worker-checks-20251010.csv").write_text(LOOKED_UP, encoding="utf-8")
    return folder


def _morning(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time()).replace(hour=8)


def _ask(home: Home, *words: str) -> Any:
    told = CliRunner().invoke(cli, ["draw", "--home", str(home.root), "--format", "json", *words])
    assert told.exit_code == 0, told.output
    return json.loads(told.stdout)


def _fill(path: Path, truth: Path) -> set[str]:
    """As the callers would: the worker names an order of that day nearest before the moment asked about; who did not work leaves his
    line empty; an inspector's test order is one of the day's, whoever took it. Returns the orders named."""
    rows = list(csv.DictReader(path.open(encoding="utf-8")))
    named = set()
    for i, row in enumerate(rows):
        day = _orders(truth, row["platform_code"], row["province_code"], ASKED)
        if row["draw"] == "sampled":
            day = day.filter(pl.col("worker_id") == row["worker_id"]).sort("accepted_at")
        if row["list"] == "other_platform" or day.height == 0:
            continue
        before = day.filter(pl.col("accepted_at").cast(pl.String) <= row["ask_at"])
        order = (before if before.height else day).row(-1 if before.height else 0, named=True)
        if row["draw"] == "test":
            order = day.row((i * 37) % day.height, named=True)
        row |= {
            "checked_at": f"{ASKED + timedelta(days=1)} 05:00:00", "worker_id": order["worker_id"], "order_id": order["order_id"],
            "serial": str(order["serial"]), "accepted_at": str(order["accepted_at"])[:19],
        }  # fmt: skip
        named.add(order["order_id"])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return named


def test_a_dropped_order_is_found_by_the_sample(truth: Path, sent: Path, home: Home, tmp_path: Path) -> None:
    home.create()
    (home.keys / "token-1.key").write_text(
        "17" * 32, encoding="ascii"
    )  # the draw follows from the home's key
    nightly(home, sent, now=_morning(ASKED - timedelta(days=1)), data_docs=False)
    out = tmp_path / "draw"
    wish = ("--nights", "1", "--seed", "7", "--share", "0.1", "--response", "0.5")
    lines = _ask(home, *wish, "--out", str(out))
    assert {line["night"] for line in lines} == {str(ASKED)}
    assert _ask(home, *wish) == lines, "the same seed, the same draw"
    assert _ask(home, "--nights", "1", "--seed", "8", "--share", "0.1") != lines

    called = [line for line in lines if line["draw"] == "sampled"]
    assert all(line["finds_unregistered"] == (line["list"] != "earlier_orders") for line in called)
    assert {"earlier_orders", "other_platform"} <= {line["list"] for line in called}
    once = [(line["platform_code"], line["list"], line["reference"]) for line in called]
    assert len(once) == len(set(once)), "a worker is called once: one order a worker"
    assert not re.search(r"[0-9]{17}[0-9Xx]", (out / "call-list-20251009.csv").read_text(encoding="utf-8"))

    plan = _ask(home, *wish, "--plan")
    for platform in ("P02", "P04"):
        own = [row for row in plan if row["platform_code"] == platform]
        assert sum(row["answers_expected"] + row["tests"] for row in own) == own[0]["platform_orders"]

    named = _fill(out / "call-list-20251009.csv", truth)
    came = drawing.collect(out / "call-list-20251009.csv", sent)
    assert came == {"asked": len(lines), "answered": len(named), "file": "worker-checks-20251010.csv"}
    assert drawing.collect(out / "call-list-20251009.csv", sent) == came, "twice is once"
    assert len((sent / "worker-checks-20251010.csv").read_text().splitlines()) == len(named) + 2, (
        "what a worker looked up himself is still there"
    )

    outcome = nightly(home, sent, now=_morning(ASKED + timedelta(days=2)), data_docs=False)
    assert outcome.quarantined == 0 and not outcome.is_red
    reported = {
        order
        for platform in ("P02", "P04")
        for province in ("310000", "440000")
        for order in _orders(sent, platform, province, ASKED)["order_id"]
    }
    dropped = named - reported
    assert dropped, "the sample was to hit at least one of the dropped orders"
    with connect(home.warehouse, read_only=True) as connection:
        missed = frame(connection, "select sum(violations)::int as n from checks.finding where rule_id = 'X13' and status = 'open' and platform_code = 'P02'")  # fmt: skip
        told = frame(connection, "select * from marts.estimate where measure = 'orders'").to_dicts()
        checks = frame(connection, "select order_id from marts.worker_check where draw in ('sampled', 'test') and not is_found")  # fmt: skip
        found = frame(connection, "select distinct platform_code from checks.finding where rule_id = 'D02' and status = 'open'")  # fmt: skip
    assert missed.item() == len(dropped)
    assert set(checks["order_id"]) == dropped
    assert found["platform_code"].to_list() == ["P02"], "the platform that reported everything stays silent"
    days = [FIRST + timedelta(days=i) for i in range(WORLD["days"])]
    happened, sent_in = (
        sum(_orders(inbox, "P02", "310000", day).height for day in days) for inbox in (truth, sent)
    )
    best = {(r["platform_code"], r["province_code"]): r for r in told if r["is_best"]}
    shanghai = best["P02", "310000"]
    assert shanghai["method"] == "checks" and shanghai["flags"] == "e" and shanghai["reported"] == sent_in
    assert shanghai["missing_low"] <= happened - sent_in <= shanghai["missing_high"]
    assert (
        best["P02", None]["missing"] > 0
        and best["P04", None]["missing"] == 0 < best["P04", None]["missing_high"]
    )
    holes = next(r for r in told if r["method"] == "serials" and r["province_code"] == "310000" and r["platform_code"] == "P02")  # fmt: skip
    assert 0.97 * (happened - sent_in) <= holes["missing_low"] <= happened - sent_in


def test_lists_that_are_handed_in_come_first_and_hold_no_identity_number(
    truth: Path, home: Home, tmp_path: Path
) -> None:
    nightly(home, truth, now=_morning(FIRST), data_docs=False)
    given = tmp_path / "tax.csv"
    given.write_text("list,platform_code,province_code,reference\n" + "".join(f"tax,P02,310000,T{i}\n" for i in range(3)), "utf-8")  # fmt: skip
    lines = _ask(home, "--nights", "2", "--seed", "1", "--share", "0.1", "--list", str(given))
    assert {line["reference"] for line in lines if line["list"] == "tax"} == {"T0", "T1", "T2"}
    assert all(line["finds_unregistered"] for line in lines if line["list"] == "tax")
    given.write_text(
        "list,platform_code,province_code,reference\ntax,P02,310000,990001199001010018\n", "utf-8"
    )
    told = CliRunner().invoke(
        cli, ["draw", "--home", str(home.root), "--nights", "1", "--seed", "1", "--list", str(given)]
    )
    assert told.exit_code == 2 and "identity number" in told.output


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"order_id": "o1", "checked_at": ""}, "checked_at or worker_id"),
        ({"order_id": "o1", "checked_at": "yesterday"}, "YYYY-MM-DD"),
    ],
)
def test_an_answer_that_is_half_filled_in_is_named_by_its_line(
    cells: dict[str, str], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "call-list-20251009.csv"
    row = {"platform_code": "P02", "worker_id": "w1", "draw": "sampled", "order_id": "", "checked_at": "", "serial": "", "accepted_at": ""}  # fmt: skip
    drawing._write(path, [row, row | cells])
    with pytest.raises(drawing.DrawError, match=rf"line 3: .*{said}"):
        drawing.collect(path, tmp_path)
    drawing._write(path, [row])
    assert drawing.collect(path, tmp_path) == {"asked": 1, "answered": 0, "file": None}
    assert not list(tmp_path.glob("worker-checks-*"))
