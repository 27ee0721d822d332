"""python -m tests.oracle INBOX [--now TS] [--registers DIR] [--rules] [--by month,province] → JSON."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from .book import Book
from .inbox import read_inbox
from .package import SHANGHAI
from .reference import load
from .rules import violations

SEEDS = Path(__file__).resolve().parents[2] / "warehouse" / "reference"


def clock(text: str | None) -> datetime:
    """Asia/Shanghai wall time; a timestamp without offset is already that."""
    if text is None:
        return datetime.now(SHANGHAI).replace(tzinfo=None)
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is None else at.astimezone(SHANGHAI).replace(tzinfo=None)


def read_book(inbox: Path, now: datetime, registers: Path = SEEDS) -> Book:
    reference = load(registers)
    return Book(read_inbox(inbox, reference, now), reference)


def submissions(book: Book) -> list[dict[str, Any]]:
    return [
        {
            "submission": p.name,
            "platform_code": p.platform,
            "province_code": p.province,
            "business_date": p.key[2],
            "sequence": p.sequence,
            "status": p.status,
            "reasons": sorted({r for r, _ in p.reasons}),
            "night": p.night.isoformat() if p.night else None,
            "rows": {extract: len(rows) for extract, rows in sorted(p.rows.items())},
        }
        for p in book.inbox.packages
    ]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("inbox", type=Path)
    parser.add_argument("--now", help="clock, default now; without offset: Asia/Shanghai")
    parser.add_argument("--registers", type=Path, default=SEEDS, help="folder of register CSVs")
    parser.add_argument("--rules", action="store_true", help="violations only")
    parser.add_argument("--by", help="indicators by these dimensions, e.g. month,province")
    given = parser.parse_args(argv)
    book = read_book(given.inbox, clock(given.now), given.registers)
    answer: dict[str, Any] = {"submissions": submissions(book)}
    if given.rules or given.by is None:
        answer["violations"] = [
            {
                "rule_id": k[0],
                "platform_code": k[1],
                "province_code": k[2],
                "business_date": k[3],
                "violations": n,
            }
            for k, n in sorted(violations(book).items())
        ]
    if given.by is not None:
        from .indicators import as_records, indicators

        dimensions = [d for d in given.by.split(",") if d]
        answer["indicators"] = as_records(indicators(book, dimensions), dimensions)
    json.dump(answer, sys.stdout, ensure_ascii=False, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
