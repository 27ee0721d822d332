"""The reporting standard 1.0, typed again from its page: columns, types, mandatory cells, code lists.

A type is written as a short word: text:64, integer, timestamp, decimal:12:4, identity, credit_code,
city, code:<list>. Nothing here is read from the product's own standard file.
"""

from __future__ import annotations

from dataclasses import dataclass

PROGRAMMES = (
    "oip yilubao weigongka union_shanghai employee_insurance pension_subsidy commercial_accident "
    "flexible_pension flexible_medical commercial_pension"
)
INDUSTRIES = "ride_hailing instant_delivery food_delivery intracity_freight other"

CODES: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "action": "start change end",
        "programme": PROGRAMMES,
        "labor_relation": "employment partial civil",
        "engagement": "full_time part_time crowdsourced",
        "industry": INDUSTRIES,
        "agreement": "labour_contract written_agreement none",
        "subsidy_payer": "fiscal platform union",
        "work_type": "order shift",
        "status": "completed cancelled running",
        "reported_by": "worker platform family authority",
        "outcome": "pending confirmed denied withdrawn",
        "injury_class": "minor medical disability death",
        "reason": "correction late_data system_fault audit_request other",
    }.items()
}


@dataclass(frozen=True)
class Column:
    """One column: its type word and whether its cell may be empty."""

    name: str
    type: str
    null: bool


def _columns(text: str) -> dict[str, Column]:
    """`name type` a line; a trailing `?` says that the cell may be empty."""
    found: dict[str, Column] = {}
    for line in text.split("\n"):
        if line.strip():
            name, kind = line.split()
            found[name] = Column(name, kind.rstrip("?"), kind.endswith("?"))
    return found


EXTRACTS: dict[str, dict[str, Column]] = {
    "enrollment": _columns("""
        coverage_id text:64
        action code:action
        worker_id text:64
        id_number identity
        programme code:programme
        registered_at timestamp
        covered_from timestamp
        covered_to timestamp?
        labor_relation code:labor_relation
        engagement code:engagement
        contracting_party credit_code?
        industry code:industry
        city_code city
        trade text:32?
        agreement code:agreement?
        premium_yuan decimal:12:4?
        worker_paid_yuan decimal:12:4?
        subsidy_yuan decimal:12:4?
        subsidy_payer code:subsidy_payer?
        contribution_base_yuan decimal:12:2?
    """),
    "orders": _columns("""
        order_id text:64
        serial integer
        work_type code:work_type
        worker_id text:64
        industry code:industry
        city_code city
        accepted_at timestamp
        picked_up_at timestamp?
        finished_at timestamp?
        status code:status
        distance_m integer?
        customer_paid_yuan decimal:12:2?
        worker_income_yuan decimal:12:2
        premium_yuan decimal:12:4
    """),
    "claims": _columns("""
        claim_id text:64
        worker_id text:64
        id_number identity
        programme code:programme
        coverage_id text:64?
        order_id text:64?
        injured_at timestamp
        injury_city_code city
        reported_at timestamp
        reported_by code:reported_by
        applied_at timestamp?
        confirmed_at timestamp?
        appraised_at timestamp?
        decided_at timestamp?
        paid_at timestamp?
        outcome code:outcome
        suspended_days integer?
        injury_class code:injury_class
        disability_grade grade?
        medical_yuan decimal:14:2?
        benefit_yuan decimal:14:2?
    """),
}

KEYS = {"enrollment": "coverage_id", "orders": "order_id", "claims": "claim_id"}

# Events, as rule V04 means them: everything that has happened, so not a cover's start or end.
EVENTS = {
    "enrollment": ("registered_at",),
    "orders": ("accepted_at", "picked_up_at", "finished_at"),
    "claims": (
        "injured_at",
        "reported_at",
        "applied_at",
        "confirmed_at",
        "appraised_at",
        "decided_at",
        "paid_at",
    ),
}

TOTALS = {
    "enrollment": ("rows", "premium_yuan"),
    "orders": ("orders", "workers", "premium_yuan", "first_serial", "last_serial"),
    "claims": ("rows", "benefit_yuan"),
}

MANIFEST_KEYS = frozenset(
    [
        "standard_version",
        "platform_code",
        "credit_code",
        "province_code",
        "business_date",
        "sequence",
        "submitted_at",
        "reason",
        "previous_digest",
        "extracts",
        "signature",
    ]
)
