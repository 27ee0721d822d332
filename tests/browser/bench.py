"""Speed of the dashboards on a synthetic snapshot: 3 years × 32 regions × 25 platforms (`make bench-dashboards`).

Told as JSON, with the targets; exit code 1 where one is missed. The snapshot is made by SQL alone: its numbers mean nothing, its
size does. Measured from outside: `zhibao serve` as a process of its own, Debian's chromium, and 20 readers who repeat what the
browser asked for.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from playwright.sync_api import sync_playwright

from tests.browser.waiting import WHOLE
from warehouse.build import create_empty
from warehouse.home import Home, write_atomically

FIRST, LAST = date(2023, 11, 1), date(2026, 10, 31)
REGIONS, PLATFORMS, USERS = 32, 25, 20
FIRST_CHART_S, WARM_P95_MS = 2.5, 300.0
PAGES = ("/", "/province", "/quality", "/submissions", "/labour")
NAME = "20261101T010000-be9c40"
DRAWN = """() => document.querySelectorAll('.tile-number').length > 0
    && [...document.querySelectorAll('.js-plotly-plot')].some(g => g.offsetHeight > 0 && g.querySelector('.main-svg'))"""

# {pair}: the platforms × regions; {day}: the days; {month}: the months; :workers a pair's workers
FILL = {
    "marts.unit_day": """select platform_code, province_code, day as business_date, true as is_expected, true as is_due, h % 97 <> 0 as is_accepted,
        false as is_nil, h % 97 <> 0 and h % 53 <> 0 as is_on_time, h % 97 <> 0 and h % 53 = 0 as is_late, cast(h % 97 <> 0 as bigint) as versions,
        0 as refused, h % 71 = 0 as is_resubmitted, 300 as rows_orders, h % 97 <> 0 and h % 89 <> 0 as is_certified
        from (select *, hash(platform_code, province_code, day) % 1000003 as h from pair cross join day)""",
    "marts.order_day": """select platform_code, province_code, day as business_date, province_code as city_code, 'instant_delivery' as industry,
        300 + h % 100 as orders, 300 + h % 100 as orders_in_scope, 290 + h % 100 as orders_valid, 285 + h % 100 as orders_insured,
        280 + h % 100 as orders_covered, 70 as premium_yuan, 9000 as worker_income_yuan, 40 as worker_rows
        from (select *, hash(platform_code, province_code, day) % 1000003 as h from pair cross join day)""",
    "marts.person_month": """select platform_code, province_code, month, province_code as city_code, 'instant_delivery' as industry,
        'W' || worker as worker_id, cast(h % 1073741823 as integer) as active_days, cast(case when h % 40 = 0 then 1 else 0 end as integer) as gap_days,
        60 as orders_valid, 59 as orders_covered
        from (select *, hash(platform_code, province_code, month, worker) % 1073741823 as h from pair cross join month cross join range(:workers) w(worker))
        where h % 5 > 0""",
    "marts.cover": """select platform_code, province_code, 'C' || worker as coverage_id, province_code as city_code, 'instant_delivery' as industry,
        'oip' as programme, 'W' || worker as worker_id, platform_code || province_code || worker as person,
        cast(date '2023-11-01' + cast(hash(worker, province_code) % 1000 as integer) as date) as first_date, 'partial' as labor_relation,
        'crowdsourced' as engagement from pair cross join range(:workers) w(worker)""",
    "marts.submission": """select platform_code || '-' || province_code || '-' || strftime(day, '%Y%m%d') || '-1' as submission, platform_code, province_code,
        day as business_date, 1 as sequence, 'accepted' as status, '[]' as reasons, md5(platform_code || province_code || day) as version_id,
        5 as rows_enrollment, 300 as rows_orders, 0 as rows_claims, 0 as quarantined_enrollment, 0 as quarantined_orders, 0 as quarantined_claims,
        cast(day as timestamp) + interval 25 hour as submitted_at, cast(day as timestamp) + interval 25 hour as known_at, day as night
        from pair cross join day""",
    "marts.labour_month": """select platform_code, province_code, month, 'instant_delivery' as industry, 100 as workers, 9000 as orders, 9000 as orders_priced,
        100000 as priced_customer_yuan, 80000 + hash(platform_code, month) % 5000 as priced_worker_yuan, 2000 as worker_days, 43200000 as busy_s,
        280000 as timed_income_yuan, 200 as long_days, 90 as wage_judged, 5 as wage_below, 7200000 as ride_s, 32000000 as ride_m, 8000 as orders_bounded,
        300 as orders_fast from pair cross join month""",
    "marts.labour_hours": """select platform_code, province_code, month, 'instant_delivery' as industry, 10 * h as tenth_hours, 50 * h as worker_days,
        0 as busy_s from pair cross join month cross join range(1, 13) t(h)""",
    "checks.finding": """select md5(platform_code || province_code || day)[:20] as finding_id, 'X01' as rule_id, 1 as rule_version, 'rule' as kind,
        'breach' as consequence, 'completeness' as dimension, 'platform' as responsible, platform_code, province_code, day as period_from,
        day as period_to, day as detected_on, 3 as violations, 300 as checked, '接单未参保' as title_zh, 'Order accepted without cover' as title_en,
        'open' as status, day as changed_on from pair cross join day where hash(platform_code, province_code, day) % 100 = 0""",
}  # fmt: skip


def build(root: Path, workers: int) -> dict[str, int]:
    """A published home of the size that is asked for; rows by table."""
    home = Home(root)
    home.create()
    path = home.snapshots / f"{NAME}.duckdb"
    rows = {}
    with duckdb.connect() as connection:
        create_empty(connection)
        connection.execute(f"attach '{path}' as snapshot")
        for schema in ("marts", "ref", "checks"):
            connection.execute(f"create schema snapshot.{schema}")
        tables = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('marts', 'ref', 'checks') and table_catalog = current_database()"
        ).fetchall()
        for schema, table in tables:
            connection.execute(f"create table snapshot.{schema}.{table} as select * from {schema}.{table}")
        connection.execute("use snapshot")
        connection.execute("create table marts.snapshot as select $1 as snapshot, $2 as published_at, $2 as data_now, $3 as last_night",
                           [NAME, "2026-11-01 08:00:00", LAST])  # fmt: skip
        connection.execute(
            "alter table marts.snapshot alter published_at type timestamp; alter table marts.snapshot alter data_now type timestamp"
        )
        connection.execute("insert into checks.clock values ('2026-11-01 08:00:00', ?, false)", [LAST])
        connection.execute(
            f"create temp table pair as select platform_code, province_code from (select distinct platform_code from ref.platform order by 1 limit {PLATFORMS}) "
            f"cross join (select province_code from ref.province where scheme_from is not null order by 1 limit {REGIONS})"
        )
        connection.execute(
            "create temp table day as select cast(d as date) as day from range($1::date, $2::date + 1, interval 1 day) t(d)",
            [FIRST, LAST],
        )
        connection.execute(
            "create temp table month as select distinct cast(date_trunc('month', day) as date) as month from day"
        )
        for table, sql in FILL.items():
            connection.execute(f"insert into {table} by name {sql.replace(':workers', str(workers))}")
            rows[table] = int((connection.execute(f"select count(*) from {table}").fetchone() or (0,))[0])
        connection.execute("checkpoint snapshot; use memory")
    write_atomically(home.current, f"{NAME}\n".encode())
    return rows


class Server:
    """`zhibao serve` on a free port, as a process of its own; stopped by its id."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = Path(sys.executable).parent / "zhibao"
        self.process = subprocess.Popen(
            [str(command), "serve", "--home", str(home), "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(600):
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server did not come up within a minute")

    def ask(self, method: str, path: str, body: str | None = None) -> tuple[int, float]:
        """Status and seconds of one request."""
        start = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request(
            method,
            path,
            body.encode() if body else None,
            {"Content-Type": "application/json"} if body else {},
        )
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, time.perf_counter() - start

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


def p95(seconds: list[float]) -> float:
    """Milliseconds that 95% do not exceed."""
    return round(statistics.quantiles(seconds, n=20)[-1] * 1000, 1)


def first_charts(server: Server, runs: int) -> list[float]:
    """Seconds from the address to key figures and a drawn chart, each in a browser that has nothing in its cache."""
    found = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for _ in range(runs):
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            start = time.perf_counter()
            page.goto(f"http://127.0.0.1:{server.port}/", wait_until="commit")
            page.wait_for_function(DRAWN, timeout=120_000, polling=50)
            found.append(round(time.perf_counter() - start, 2))
            context.close()
        browser.close()
    return found


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("no chromium on the PATH")
    return found


def asked_by_a_reader(server: Server) -> list[tuple[str, str]]:
    """(path, body) of every callback that a browser asks for on the pages."""
    bodies: list[tuple[str, str]] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.on(
            "request",
            lambda r: (
                bodies.append((r.url.split(f":{server.port}")[1], r.post_data or ""))
                if "_dash-update-component" in r.url
                else None
            ),
        )
        for path in PAGES:
            page.goto(f"http://127.0.0.1:{server.port}{path}")
            page.wait_for_function(WHOLE, timeout=300_000)
        browser.close()
    return bodies


def readers(
    server: Server, bodies: list[tuple[str, str]], users: int, rounds: int
) -> tuple[list[float], int]:
    """Seconds of every callback while `users` ask at once, and how many failed."""
    seconds: list[float] = []
    faults, lock = [0], threading.Lock()

    def one(number: int) -> None:
        for n in range(rounds * len(bodies)):
            path, body = bodies[(n + number) % len(bodies)]
            try:
                status, took = server.ask("POST", path, body)
            except OSError:
                status, took = 0, 120.0
            with lock:
                seconds.append(took)
                faults[0] += status not in (200, 204)

    with ThreadPoolExecutor(users) as pool:
        list(pool.map(one, range(users)))
    return seconds, faults[0]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers-per-pair", type=int, default=60)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--home", type=Path, help="keep the synthetic home here, and use it if it is there")
    options = parser.parse_args()
    told: dict[str, Any] = {"load_before": os.getloadavg()[0], "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory(prefix="zhibao-bench-") as folder:
        root = options.home or Path(folder)
        if not (root / "CURRENT").exists():
            told["rows"] = build(root, options.workers_per_pair)
        start = time.perf_counter()
        server = Server(root)
        try:
            told["up_s"] = round(time.perf_counter() - start, 2)
            bodies = asked_by_a_reader(server)  # also warms: what is asked for once is remembered
            for _ in range(2):  # each of the server's processes remembers for itself
                for path, body in bodies:
                    server.ask("POST", path, body)
            told["cold_pages_s"] = round(time.perf_counter() - start, 1)
            told["first_chart_s"] = first_charts(server, options.runs)
            told["callbacks"] = len(bodies)
            alone, faults = readers(server, bodies, 1, 2)
            told["warm_p95_ms"] = p95(alone)
            many, more = readers(server, bodies, USERS, 1)
            told["users"], told["p95_of_users_ms"], told["requests"] = USERS, p95(many), len(many)
            told["errors"] = faults + more
        finally:
            server.stop()
    told["load_after"] = os.getloadavg()[0]
    told["targets"] = {
        "first_chart_s": statistics.median(told["first_chart_s"]) <= FIRST_CHART_S,
        "warm_p95_ms": told["warm_p95_ms"] <= WARM_P95_MS,
        "errors": told["errors"] == 0,
    }
    print(json.dumps(told, indent=1))
    return 0 if all(told["targets"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
