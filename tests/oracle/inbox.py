"""An inbox folder read as a whole: packages with their fate, and the files of witnesses beside them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from .package import Package, files_of_folder, files_of_zip, read_package
from .reference import Reference, night_of, read_csv

WITNESS = re.compile(
    r"(witness)-([a-z0-9_]+)-(\d{8})\.csv|(worker-checks|agency-cases|disputes)-(\d{8})\.csv"
)
PULSE = re.compile(r"pulse-([A-Za-z0-9_]+)-(\d{6})-(\d{8})(\d{2})\.json")


@dataclass
class Inbox:
    """Everything in the folder; `packages` in order of name, the same bytes once."""

    now: datetime
    packages: list[Package]
    witness: list[dict[str, str]] = field(default_factory=list)
    worker_checks: list[dict[str, str]] = field(default_factory=list)
    agency_cases: list[dict[str, str]] = field(default_factory=list)
    disputes: list[dict[str, str]] = field(default_factory=list)
    pulses: list[dict[str, Any]] = field(default_factory=list)
    witness_nights: list[date] = field(default_factory=list)  # when each file of a witness became known

    @property
    def accepted(self) -> list[Package]:
        """Current and superseded ones."""
        return [p for p in self.packages if not p.reasons]

    @property
    def current(self) -> list[Package]:
        return [p for p in self.packages if p.status == "accepted"]


def decide(packages: list[Package]) -> None:
    """S12 (the earlier of two with one number stands), then the highest accepted sequence is current."""
    by_number: dict[tuple[Any, ...], list[Package]] = defaultdict(list)
    for p in packages:
        if not p.reasons:
            by_number[(*p.key, p.sequence)].append(p)
    for same in by_number.values():
        same.sort(key=lambda p: (p.sent, p.manifest_digest, p.content))
        for p in same[1:]:
            p.refuse("S12", "the same sequence with other bytes")
    highest: dict[tuple[str, str, str], int] = defaultdict(int)
    for p in packages:
        if not p.reasons:
            highest[p.key] = max(highest[p.key], p.sequence)
    for p in packages:
        p.status = "refused" if p.reasons else "accepted" if p.sequence == highest[p.key] else "superseded"


def read_inbox(folder: Path, reference: Reference, now: datetime) -> Inbox:
    found: dict[tuple[str, str], Package] = {}
    box = Inbox(now, [])
    for path in sorted(folder.iterdir()):
        if path.name.endswith(".part"):
            continue
        if path.is_dir():
            files = files_of_folder(path)
            if "manifest.json" not in files:
                continue  # not complete yet
            package = read_package(path.name, files, reference, now)
        elif path.suffix == ".zip":
            package = read_package(path.stem, files_of_zip(path) or {}, reference, now)
        else:
            _read_witness(path, box)
            continue
        found.setdefault((package.name, package.content), package)
    box.packages = list(found.values())
    decide(box.packages)
    _latest_cases(box)
    return box


def _read_witness(path: Path, box: Inbox) -> None:
    """Files dated by their publication; one published after now is not known yet."""
    pulse = PULSE.fullmatch(path.name)
    if pulse:
        content = json.loads(path.read_text(encoding="utf-8"))
        on = datetime.strptime(pulse[3], "%Y%m%d").date()
        known = datetime(on.year, on.month, on.day) + timedelta(hours=int(pulse[4]) + 1)
        box.witness_nights.append(night_of(min(known, box.now)))
        box.pulses.append(
            {
                **content,
                "platform_code": pulse[1],
                "province_code": pulse[2],
                "day": on,
                "hour": int(pulse[4]),
            }
        )
        return
    named = WITNESS.fullmatch(path.name)
    if not named:
        return
    published = named[3] or named[5]
    if datetime.strptime(published, "%Y%m%d") > box.now:
        return
    box.witness_nights.append(night_of(datetime.strptime(published, "%Y%m%d")))
    rows = [{**r, "published": published, "file": path.name} for r in read_csv(path)]
    kind = named[1] or named[4]
    target = {
        "witness": box.witness,
        "worker-checks": box.worker_checks,
        "agency-cases": box.agency_cases,
        "disputes": box.disputes,
    }[kind]
    target.extend(rows)


def _latest_cases(box: Inbox) -> None:
    """A case_no in a later file is the next state of that case."""
    latest: dict[str, dict[str, str]] = {}
    for row in sorted(box.agency_cases, key=lambda r: r["published"]):
        latest[row["case_no"]] = row
    box.agency_cases = list(latest.values())


def as_date(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def as_time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text.replace("T", " ")[:19]) if text else None
