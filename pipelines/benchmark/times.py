"""Times the night: a sample of a stated size, one night over it, beside a bare conversion of the same order files.

Everybody is enrolled the evening before, as in life: that night is not the one that is timed.

Absolute seconds belong to a machine and an hour; the ratio to the bare conversion, measured in the same run, is
what can be compared.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from data_samples.sample import write_sample
from warehouse.engine import connect, file_list, quote
from warehouse.standard import load as load_standard

DAY = date(2025, 11, 5)
CLOCK = "2025-11-06T08:00:00+08:00"
CLOCK_BEFORE = "2025-11-05T08:00:00+08:00"


def nightly(
    orders: int, platforms: Sequence[str], provinces: Sequence[str], work: Path | None
) -> list[dict[str, Any]]:
    """One record per step of the night and of what it is held against: seconds, rows a second, ratio, peak memory."""
    with tempfile.TemporaryDirectory(prefix="zhibao-benchmark-", dir=work) as folder:
        inbox, home = Path(folder) / "inbox", Path(folder) / "home"
        summary = write_sample(
            inbox,
            days=1,
            start=DAY,
            orders_per_day=orders,
            platforms=platforms,
            provinces=provinces,
            formats="csv",
        )
        earlier = Path(folder) / "earlier"  # everybody's enrollment, of the day before: a night of its own
        earlier.mkdir()
        for package in inbox.glob(f"*-{DAY - timedelta(days=1):%Y%m%d}-*"):
            package.rename(earlier / package.name)
        files = sorted(inbox.glob(f"*-{DAY:%Y%m%d}-1/orders.csv"))
        _night(earlier, home, CLOCK_BEFORE)
        before = _bare_copy(files, Path(folder))
        whole, peak = _night(inbox, home, CLOCK)
        after = _bare_copy(files, Path(folder))
        record = json.loads(max((home / "logs").glob("run-*.json")).read_text(encoding="utf-8"))
        bare = (before + after) / 2
        rules = sorted(record.get("rule_seconds", {}).items(), key=lambda item: -item[1])
        rows = [
            _row("sample", summary.orders, summary.orders, None, bare),
            _row("bare COPY csv → parquet", summary.orders, summary.orders, bare, bare),
        ]
        rows += [_row(step, None, summary.orders, seconds, bare) for step, seconds in record["steps"].items()]
        rows.append(
            _row("whole night", summary.orders, summary.orders, whole, bare) | {"peak_mb": round(peak)}
        )
        rows += [_row(f"rule {rule}", None, summary.orders, seconds, bare) for rule, seconds in rules[:10]]
        rows.append(_row("all rules", None, summary.orders, sum(seconds for _, seconds in rules), bare))
        return rows


def _night(inbox: Path, home: Path, now: str) -> tuple[float, float]:
    """Seconds and peak memory (MB) of one night as its own process."""
    command = [
        sys.executable,
        "-m",
        "pipelines.cli",
        "nightly",
        "--inbox",
        str(inbox),
        "--home",
        str(home),
        "--now",
        now,
    ]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        _, said = process.communicate()
        seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    if process.returncode not in (0, 3, 4):
        raise RuntimeError(f"the night ended with {process.returncode}:\n{said.decode()[-4000:]}")
    return seconds, peak


def _row(what: str, rows: int | None, orders: int, seconds: float | None, bare: float) -> dict[str, Any]:
    return {
        "what": what,
        "rows": rows,
        "seconds": None if seconds is None else round(seconds, 2),
        "orders_per_second": None if not seconds else round(orders / seconds),
        "ratio_to_bare_copy": None if seconds is None else round(seconds / bare, 2),
        "peak_mb": None,
    }


def _bare_copy(files: Sequence[Path], folder: Path) -> float:
    """Seconds DuckDB alone takes to turn the same order files into one typed Parquet file."""
    extract = load_standard().extracts["orders"]
    with files[0].open(encoding="utf-8") as handle:
        header = handle.readline().rstrip("\r\n").split(",")
    columns = (
        "{" + ", ".join(f"{quote(name)}: {quote(extract.column(name).sql_type)}" for name in header) + "}"
    )
    target = folder / "bare.parquet"
    with connect(threads=os.cpu_count()) as connection:
        begin = time.perf_counter()
        connection.execute(
            f"copy (select * from read_csv({file_list(list(files))}, columns = {columns}, header = true, auto_detect = false)) "
            f"to {quote(str(target))} (format parquet)"
        )
        seconds = time.perf_counter() - begin
    target.unlink()
    return seconds
