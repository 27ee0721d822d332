"""A platform's own check before filing: the rules that need only the package, nothing stored."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

from checks import catalogue
from pipelines import nightly
from pipelines.receive import CHINA, Candidate, scan_one
from warehouse.build import create_empty
from warehouse.engine import connect, frame
from warehouse.home import Home

# what a package alone fills; a rule that reads more would judge by what is not there
ALONE = frozenset(
    {"staging.package_reason", "staging.quarantine", "staging.orders", "staging.enrollment", "staging.claims", "core.orders",
     "core.duplicate_order", "checks.clock"}
)  # fmt: skip


def check(package: Path, home: Home | None, now: datetime | None) -> list[dict[str, Any]]:
    """One record per rule that the package breaks, with the reasons a refused package gets. Registers are the home's."""
    moment = now or datetime.now(CHINA).replace(tzinfo=None, microsecond=0)
    with tempfile.TemporaryDirectory(prefix="zhibao-check-") as folder:
        scratch = Home(Path(folder))
        nightly.init(scratch)
        registers = home.registers if home is not None else scratch.registers
        with connect(scratch.warehouse, spill=scratch.work / "spill") as connection:
            create_empty(connection, registers)
            night = nightly.Night(
                scratch, connection, moment, False, nightly.Steps(), nightly.Settings.at(moment.date())
            )
            night.rules = tuple(rule for rule in catalogue.load() if _alone(rule))
            packages, _ = night.receive([Candidate(package, scan_one(package))], [])
            night.take(packages, [])
            rows = frame(
                connection,
                "select rule_id, consequence, violations, title_zh, title_en, submission from checks.finding where status = 'open' order by rule_id",
            )
            reasons = frame(
                connection,
                "select rule_id, reason_en, file, line_no, value, expected from staging.package_reason",
            )
            cells = frame(
                connection,
                "select rule_id, reason as reason_en, extract as file, line_no, original_text as value from staging.quarantine limit 1000",
            )
    told: dict[str, list[dict[str, Any]]] = {}
    for row in [*reasons.to_dicts(), *cells.to_dicts()]:
        told.setdefault(row.pop("rule_id"), []).append(row)
    messages = {rule.id: (rule.message_zh, rule.message_en) for rule in catalogue.load()}
    return [
        {
            **row,
            "message_zh": messages[row["rule_id"]][0],
            "message_en": messages[row["rule_id"]][1],
            "reasons": told.get(row["rule_id"], []),
        }
        for row in rows.iter_rows(named=True)
    ]


def _alone(rule: catalogue.Rule) -> bool:
    return all(name in ALONE or name.startswith("ref.") for name in rule.reads)
