"""One small set of hard submissions: in any order, twice, in any number of calls, or looked at from any moment, it says the same."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import answers, load
from pipelines.nightly import Outcome
from pipelines.past import as_known_at
from tests.budget import examples
from tests.packages import Sent, claim, identity, order, package, spell
from warehouse.home import Home
from warehouse.indicators import compute
from warehouse.snapshot import open_snapshot

pytestmark = pytest.mark.usefixtures("some_rules")
D1, D2, D3, D4 = (date(2025, 11, day) for day in (3, 4, 5, 6))
END = datetime(2025, 11, 9, 8)
RULES = (
    "S01", "S02", "S04", "S06", "S09", "S10", "S11", "S12", "V01", "V05", "V08", "V09", "V10", "C04", "C07", "X01", "X02", "X04", "X05", "X06",
    "X07", "X11", "X13", "X14", "X17", "T01", "T02", "T03", "T04", "T05",
)  # fmt: skip
Night = Callable[[Home, Path, datetime], Outcome]


@pytest.fixture
def some_rules(only_rules: Callable[..., None]) -> None:
    only_rules(*RULES)


# -- the set ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One entry of an inbox and when it was sent (witnesses: the day in the name)."""

    at: datetime
    sent: Sent | None = None
    name: str = ""
    content: bytes = b""

    def put(self, inbox: Path) -> None:
        inbox.mkdir(parents=True, exist_ok=True)
        if self.sent is None:
            (inbox / self.name).write_bytes(self.content)
        elif not (inbox / (self.name or self.sent.name)).exists():
            self.sent.folder(inbox, name=self.name or None) if not self.name.endswith(
                ".zip"
            ) else self.sent.zip(inbox)


def orders(on: date, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**order(int(row.get("serial", 1)), on), **row} for row in rows]


def the_set() -> list[Item]:
    """Two platforms, three cells, four days.

    P01 Shanghai: D1 with a worker without cover; D1 again (premium taken away, another worker put in); D2 repeats an
    order id of D1 and claims on an order of D4; D2 twice under one sequence; D3 late, it ends a cover back on D1;
    D3 again, it enrolls the uncovered worker back from D1; D4. P01 Beijing: D1, D3, no D2; cover from Shanghai. P08: D2
    with rows that cannot be read, a broken correction, a good one. Witnesses: checks, cases, a pulse.
    """
    items: list[Item] = []
    chain: dict[tuple[str, str], str] = {}

    def send(at: str, *, chained: bool = True, zipped: bool = False, **what: Any) -> None:
        pair = (what.get("platform", "P01"), what.get("province", "310000"))
        sent = package(sent=f"{at}+08:00", previous=chain.get(pair) if chained else None, **what)
        chain[pair] = sent.digest
        items.append(Item(datetime.fromisoformat(at), sent, f"{sent.name}.zip" if zipped else ""))

    first = orders(
        D1, {"serial": "1", "worker_id": "w1"}, {"serial": "2", "order_id": "o2", "worker_id": "w2"},
        {"serial": "3", "order_id": "o3", "worker_id": "w3"},
    )  # fmt: skip
    cover = {"registered_at": "2025-11-03 00:30:00", "covered_from": "2025-11-03 00:30:00"}
    send("2025-11-04T02:00:00", on=D1, orders=first, enrollment=[spell(1, **cover), spell(2, **cover)])
    send("2025-11-04T03:00:00", on=D1, province="110000", zipped=True,
         orders=orders(D1, {"serial": "1", "order_id": "b1", "worker_id": "w2", "city_code": "110100"}))  # fmt: skip
    send("2025-11-05T02:00:00", on=D2, claims=[claim(1, order_id="o9", injured_at="2025-11-06 09:30:00", coverage_id="")],
         orders=orders(D2, {"serial": "4", "order_id": "o4"}, {"serial": "5", "order_id": "o1"}, {"serial": "6", "order_id": "o6", "worker_id": "w2"}))  # fmt: skip
    send(
        "2025-11-05T02:00:30",
        on=D2,
        chained=False,
        orders=orders(D2, {"serial": "4", "order_id": "o4"}),
        zipped=True,
    )
    send("2025-11-05T03:00:00", on=D2, platform="P08", forms="parquet",
         enrollment=[spell(8, **cover, id_number=identity(8)[:-1] + "0" if identity(8)[-1] != "0" else identity(8)[:-1] + "1")],
         orders=orders(D2, {"serial": "1", "order_id": "d1", "worker_id": "w8"}))  # fmt: skip
    again = [
        {**row, "premium_yuan": "0"}
        if row["order_id"] == "o2"
        else {**row, "worker_id": "w1"}
        if row["order_id"] == "o3"
        else row
        for row in first
    ]
    send(
        "2025-11-06T02:00:00",
        on=D1,
        sequence=2,
        orders=again,
        enrollment=[spell(1, **cover), spell(2, **cover)],
    )
    send("2025-11-06T03:00:00", on=D2, platform="P08", sequence=2, entry={"orders": {"sha256": "0" * 64}},
         orders=orders(D2, {"serial": "1", "order_id": "d1", "worker_id": "w8"}))  # fmt: skip
    send("2025-11-06T03:30:00", on=D3, province="110000",
         orders=orders(D3, {"serial": "2", "order_id": "b2", "worker_id": "w2", "city_code": "110100"},
                       {"serial": "4", "order_id": "b4", "worker_id": "w1", "city_code": "110100"}))  # fmt: skip
    send("2025-11-07T02:00:00", on=D4, claims=[claim(1, order_id="o9", injured_at="2025-11-06 09:30:00", outcome="confirmed")],
         orders=orders(D4, {"serial": "9", "order_id": "o9"}, {"serial": "10", "order_id": "o10", "accepted_at": "2025-11-06 bad"}))  # fmt: skip
    send("2025-11-07T03:00:00", on=D2, platform="P08", sequence=3, enrollment=[spell(8, **cover)],
         orders=orders(D2, {"serial": "1", "order_id": "d1", "worker_id": "w8"}))  # fmt: skip
    send("2025-11-07T10:00:00", on=D3, enrollment=[spell(2, **cover, action="end", covered_to="2025-11-03 09:01:00")],
         orders=orders(D3, {"serial": "7", "order_id": "o7"}, {"serial": "8", "order_id": "o2", "worker_id": "w3"}))  # fmt: skip
    send("2025-11-08T02:00:00", on=D3, sequence=2,
         enrollment=[spell(2, **cover, action="end", covered_to="2025-11-03 09:01:00"),
                     spell(3, registered_at="2025-11-05 12:00:00", covered_from="2025-11-03 00:00:00")],
         orders=orders(D3, {"serial": "7", "order_id": "o7"}, {"serial": "8", "order_id": "o8", "worker_id": "w3"}))  # fmt: skip
    checks = "checked_at,platform_code,worker_id,order_id\n2025-11-04 12:00:00,P01,w1,o4\n2025-11-04 12:00:00,P01,w1,never\n2025-11-04 12:00:00,P01,w1,o9\n"
    items.append(Item(datetime(2025, 11, 5), name="worker-checks-20251105.csv", content=checks.encode()))
    # numbers typed wrongly: of an order of D1 that is long in the lake, of one that comes late, of somebody else's, of nobody's
    typed = [
        ("w1", "o1x", "2025-11-03", first[0], "sampled"), ("w2", "o1", "2025-11-03", first[1], "sampled"),
        ("w3", "o8x", "2025-11-05", orders(D3, {"serial": "8"})[0], "self"), ("w9", "zzz", "2025-11-03", first[0], "self"),
    ]  # fmt: skip
    lines = [
        f"{day} 23:00:00,P01,{who},{number},{meant['accepted_at']},{draw}"
        for who, number, day, meant, draw in typed
    ]
    text = "\n".join(["checked_at,platform_code,worker_id,order_id,accepted_at,draw", *lines, ""])
    items.append(Item(datetime(2025, 11, 6), name="worker-checks-20251106.csv", content=text.encode()))
    cases = f"case_no,platform_code,id_number,order_id,injured_at,received_at,benefit_yuan\nn1,P01,{identity(1)},o9,2025-11-06 09:30:00,2025-11-06 12:00:00,\nn2,P01,{identity(2)},,2025-11-03 08:00:00,2025-11-03 12:00:00,5\n"  # fmt: skip
    items.append(Item(datetime(2025, 11, 7), name="agency-cases-20251107.csv", content=cases.encode()))
    pulse = {
        "platform_code": "P01",
        "province_code": "310000",
        "hour": "2025110410",
        "orders": 7,
        "last_serial": 9,
    }
    items.append(
        Item(
            datetime(2025, 11, 4, 11),
            name="pulse-P01-310000-2025110410.json",
            content=json.dumps(pulse).encode(),
        )
    )
    return items


SET = the_set()
BY_NIGHT = sorted({load.night_of(item.at, timedelta(hours=6)) for item in SET})


# -- what is compared ------------------------------------------------------------------------------


@contextmanager
def published(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_snapshot(home)
    try:
        yield connection
    finally:
        connection.close()


def findings(connection: duckdb.DuckDBPyConnection, *, dated: bool) -> list[tuple[Any, ...]]:
    rows = answers.findings(connection, answers.Filter(statuses=("open",)))
    names = [
        "rule_id",
        "platform_code",
        "province_code",
        "period_from",
        "violations",
        "checked",
        "amount_yuan",
        "consequence",
        "submission",
    ]
    return sorted(
        (tuple(row[name] for name in [*names, *(["detected_on"] if dated else [])]) for row in rows), key=str
    )


# what is received when, sealed in which order, and how often a rule or detector ever spoke, resolved findings counted
UNLIKE = (
    "snapshot",
    "submission",
    "month_file",
    "receipt",
    "rule_catalogue",
    "detector_catalogue",
    "scheme_catalogue",
)


def state(connection: duckdb.DuckDBPyConnection, *, dated: bool = False) -> dict[str, Any]:
    """Everything that readers see but what may differ by the order of arrival."""
    packages = answers.submissions(connection, answers.Filter())
    figures = compute(connection, by=["day", "province", "platform"]).drop("as_of").to_dicts()
    marts = connection.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
    ).fetchall()
    tables = {}
    for (name,) in marts:
        if name not in UNLIKE:
            columns = [
                c
                for (c, *_) in connection.execute(f"describe marts.{name}").fetchall()
                if c not in ("row_no", "received_at", "evidence")
            ]
            rows = connection.execute(f"select {', '.join(columns)} from marts.{name}").fetchall()
            tables[name] = sorted(map(repr, rows))
    return {
        "findings": findings(connection, dated=dated),
        "submissions": sorted(
            ({k: v for k, v in row.items() if k != "received_at"} for row in packages), key=str
        ),
        "figures": sorted((row for row in figures if row["value"] is not None), key=str),
        **tables,
    }


def assert_same(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    for name, expected in theirs.items():
        found = mine[name]
        if found != expected:
            lost, more = (
                [row for row in expected if row not in found],
                [row for row in found if row not in expected],
            )
            pytest.fail(f"{name}: lost {lost[:3]}, more {more[:3]}")


@pytest.fixture(scope="module")
def once(new_home: Path, night: Night, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The whole set in one call."""
    root = tmp_path_factory.mktemp("once")
    with pytest.MonkeyPatch.context() as patch:
        _some_rules(patch)
        home = Home(Path(shutil.copytree(new_home, root / "home")))
        for item in SET:
            item.put(root / "inbox")
        assert not night(home, root / "inbox", END).is_red
    with published(home) as connection:
        yield {"home": home, "state": state(connection), "dated": state(connection, dated=True)}


def _some_rules(patch: pytest.MonkeyPatch) -> None:
    from checks import run as judge
    from tests.budget import THOROUGH

    real_run = judge.run
    patch.setattr(
        judge,
        "run",
        lambda c, rules, *a, **k: real_run(
            c, rules if THOROUGH else [r for r in rules if r.id in RULES], *a, **k
        ),
    )


def home_of(new_home: Path, root: Path) -> Home:
    return Home(Path(shutil.copytree(new_home, root / "home")))


# -- the tests -------------------------------------------------------------------------------------


def test_the_set_is_hard(once: dict[str, Any]) -> None:
    """The set raises what it is made for: else the comparisons below would compare nothing."""
    raised = {row[0] for row in once["state"]["findings"]}
    assert raised >= {"S06", "V09", "C07", "X01", "X13", "X14", "T01", "T02", "T03", "S11"}, raised
    with published(once["home"]) as connection:
        checked = connection.execute(
            "select order_id, is_found, business_date from marts.worker_check where order_id in ('o1', 'o1x', 'o8x', 'zzz')"
        ).fetchall()
    assert sorted(checked) == [("o1", True, D1), ("o1x", True, D1), ("o8x", True, D3), ("zzz", False, None)]
    statuses = {(row["submission"], row["status"]) for row in once["state"]["submissions"]}
    assert ("P01-310000-20251104-1", "refused") in statuses and (
        "P01-310000-20251103-1",
        "superseded",
    ) in statuses
    assert ("P08-310000-20251104-2", "refused") in statuses and (
        "P08-310000-20251104-3",
        "accepted",
    ) in statuses


@settings(max_examples=examples(3))
@given(order_of_arrival=st.permutations(range(len(SET))), cuts=st.lists(st.integers(1, len(SET) - 1), max_size=2, unique=True),
       twice=st.lists(st.sampled_from(range(len(SET))), max_size=3))  # fmt: skip
def test_any_order_any_splitting_any_repetition(
    new_home: Path, night: Night, once: dict[str, Any], tmp_path_factory: pytest.TempPathFactory,
    order_of_arrival: Sequence[int], cuts: list[int], twice: list[int],
) -> None:  # fmt: skip
    """Calls with parts of the set, each in an inbox of its own, all at the same clock."""
    root = tmp_path_factory.mktemp("any")
    home = home_of(new_home, root)
    edges = [0, *sorted(cuts), len(SET)]
    for call, (begin, end) in enumerate(itertools.pairwise(edges)):
        for index in [*order_of_arrival[begin:end], *(twice if call else [])]:
            SET[index].put(root / f"inbox-{call}")
        assert not night(home, root / f"inbox-{call}", END).is_red
    with published(home) as connection:
        assert_same(state(connection), once["state"])
    shutil.rmtree(root)


@settings(max_examples=examples(3))
@given(calls=st.lists(st.sampled_from(range(len(BY_NIGHT) * 2)), min_size=1, max_size=4, unique=True))
def test_night_by_night_raises_what_a_backfill_raises(
    new_home: Path,
    night: Night,
    once: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
    calls: list[int],
) -> None:
    """Calls at deadlines and between them, each with what was sent by then: the same findings on the same nights."""
    root = tmp_path_factory.mktemp("nights")
    home = home_of(new_home, root)
    nights = [datetime.combine(day + timedelta(days=1), datetime.min.time()) for day in BY_NIGHT]
    moments = sorted(
        nights[call // 2] + timedelta(hours=6 if call % 2 else 2, minutes=0 if call % 2 else 30)
        for call in calls
    )
    for moment in [*moments, END]:
        for item in SET:
            if item.at <= moment:
                item.put(root / "inbox")
        assert not night(home, root / "inbox", moment).is_red
    with published(home) as connection:
        assert_same(state(connection, dated=True), once["dated"])
    shutil.rmtree(root)


MOMENTS = [
    datetime(2025, 11, 4, 2, 30),
    datetime(2025, 11, 5, 6),
    datetime(2025, 11, 6, 8),
    datetime(2025, 11, 7, 8),
    datetime(2025, 11, 8, 6),
]


@pytest.mark.parametrize("moment", MOMENTS[1::2], ids=str)
def test_as_known_at_is_the_home_that_knew_no_more(
    new_home: Path, night: Night, once: dict[str, Any], tmp_path: Path, moment: datetime
) -> None:
    home = home_of(new_home, tmp_path)
    for item in SET:
        if item.at <= moment:
            item.put(tmp_path / "inbox")
    night(home, tmp_path / "inbox", moment)
    with published(home) as connection:
        expected = state(connection)
    del expected["detector_coverage"]  # what a detector could say is kept for the last night alone
    with as_known_at(once["home"], moment) as connection:
        assert_same(state(connection), expected)


def test_a_night_that_brings_nothing_changes_nothing(
    new_home: Path, night: Night, once: dict[str, Any], tmp_path: Path
) -> None:
    home = home_of(new_home, tmp_path)
    for item in SET:
        item.put(tmp_path / "inbox")
    night(home, tmp_path / "inbox", END)
    (tmp_path / "empty").mkdir()
    outcome = night(home, tmp_path / "empty", END)
    assert outcome.packages == 0
    with published(home) as connection:
        assert_same(state(connection, dated=True), once["dated"])
