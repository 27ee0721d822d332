"""`python -m data_samples OUT …` writes a sample without an installation of the project's command."""

from __future__ import annotations

import argparse
import sys
import time
from datetime import date
from pathlib import Path

from data_samples.sample import write_sample


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m data_samples", description="Write a labelled synthetic inbox."
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--from", dest="start", type=date.fromisoformat, default=date(2025, 10, 6))
    parser.add_argument("--orders-per-day", type=float, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--platforms", nargs="*")
    parser.add_argument("--provinces", nargs="*")
    parser.add_argument("--falsify", nargs="*", default=[])
    parser.add_argument("--pristine", action="store_true")
    parser.add_argument("--formats", default="mixed")
    options = vars(parser.parse_args())
    began = time.monotonic()

    def show(done: int, total: int, what: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {done}/{total}  {what}", file=sys.stderr)

    try:
        summary = write_sample(options.pop("out"), progress=show if sys.stderr.isatty() else None, **options)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    print(
        f"{summary.out}: {summary.packages} packages, {summary.orders} orders, {summary.workers} workers, "
        f"{summary.claims} claims, {summary.bytes / 1e6:.1f} MB, {time.monotonic() - began:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
