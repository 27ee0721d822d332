"""Made-up rows of the marts of labour protection, flows, chains, disputes, detectors and rules, for a fake published home."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

Insert = Callable[[duckdb.DuckDBPyConnection, str, list[dict[str, Any]]], None]
MONTHS = [date(2025, month, 1) for month in range(1, 12)]
DETECTORS = ("D01", "D02", "D03", "D04", "D05", "D08", "D17")
EPISODE = "0123456789abcdef0123"
OUTCOMES = ("clean", "evidence", "not_identifiable", "not_applicable", "clean")


def fill(
    connection: duckdb.DuckDBPyConnection, insert: Insert, platforms: Sequence[str], provinces: Sequence[str]
) -> None:
    """Every table with enough rows that every card of the page has something to draw."""
    cells, hours = [], []
    for p, platform in enumerate(platforms):
        for q, province in enumerate(provinces[:4]):
            for m, month in enumerate(MONTHS):
                at = {
                    "platform_code": platform,
                    "province_code": province,
                    "month": month,
                    "industry": "instant_delivery",
                }
                cells.append(at | {
                    "workers": 100, "orders": 9000, "orders_priced": 9000, "priced_customer_yuan": 100_000, "priced_worker_yuan": 80_000 - 900 * p - 200 * m,
                    "worker_days": 2000, "busy_s": 2000 * (6 + q / 4) * 3600, "timed_income_yuan": 2000 * (140 + 5 * p), "long_days": 200 + 30 * m,
                    "wage_judged": 90, "wage_below": 4 + p, "orders_ridden": 8000, "ride_s": 8000 * 900, "ride_m": 8000 * (4000 + 60 * m),
                    "orders_bounded": 8000, "orders_fast": 300 + 40 * q,
                })  # fmt: skip
                hours += [
                    at | {"tenth_hours": 10 * h, "worker_days": 40 * min(h, 13 - h), "busy_s": 0}
                    for h in range(1, 13)
                ]
    insert(connection, "marts.labour_month", cells)
    insert(connection, "marts.labour_hours", hours)
    flow = [
        {"platform_code": platform, "province_code": province, "month": month, "is_first_month": n == 0, "persons_active": 900 + 20 * n,
         "persons_new": 120, "persons_kept": 740 + 20 * n, "persons_returned": 40, "persons_lost": 60 + n, "persons_several_platforms": 90 + 3 * n,
         "persons_several_provinces": 11, "tenure_months_mean": 5.5, "tenure_months_median": 4, "tenure_1": 160, "tenure_2_3": 250,
         "tenure_4_6": 230, "tenure_7_12": 180, "tenure_over_12": 80 + 20 * n}
        for platform in ("", *platforms) for province in ("", *provinces) for n, month in enumerate(MONTHS)
    ]  # fmt: skip
    insert(connection, "marts.worker_flow_month", flow)
    insert(connection, "marts.dispute_month", [
        {"platform_code": platforms[0], "province_code": provinces[0], "month": month, "topic": topic, "stage": stage, "outcome": "", "cases": n + 1,
         "closed": n if stage == "closed" else 0, "days_closed": 9 * n, "days_median": 9, "days_open": 5}
        for month in MONTHS[-3:] for n, (topic, stage) in enumerate([("报酬", "received"), ("报酬", "closed"), ("工伤", "mediation"), ("工伤", "closed"), ("", "referral")])
    ])  # fmt: skip
    parties = (("", False, 0), ("91990000MA0001AA0A", False, 1), ("92990000MA0002BB0B", True, 3))
    insert(connection, "marts.contract_month", [
        {"platform_code": platforms[0], "province_code": provinces[1], "month": month, "contracting_party": party, "is_platform": party == "",
         "is_individual": individual, "levels": levels, "top_party": party, "workers": 300 - 80 * levels, "joined": 5, "departed": 4, "moved": 2 * levels,
         "moved_to_individual": levels, "without_agreement": levels}
        for month in MONTHS[-3:] for party, individual, levels in parties
    ])  # fmt: skip
    insert(connection, "marts.contract_cohort", [
        {"platform_code": platforms[0], "province_code": provinces[1], "contracting_party": parties[1][0], "month": MONTHS[-2],
         "first_left_on": date(2025, 10, 3), "last_left_on": date(2025, 10, 8), "workers": 42, "moved": 40, "seen_working": 2,
         "to_party": parties[2][0], "to_party_workers": 38, "is_cohort": True}
    ])  # fmt: skip
    insert(connection, "marts.cover", [
        {"platform_code": platforms[n % 5], "province_code": provinces[n % 4], "coverage_id": f"V{n}", "worker_id": f"W{n}", "person": f"T{n}",
         "programme": "oip", "first_date": date(2025, 1, 1), "labor_relation": ("employment", "partial", "civil", "partial")[n % 4],
         "engagement": ("full_time", "part_time", "crowdsourced")[n % 3]}
        for n in range(60)
    ])  # fmt: skip
    insert(connection, "marts.detector_coverage", [
        {"detector": detector, "platform_code": platform, "province_code": province, "outcome": OUTCOMES[(a + b) % 5],
         "reason": "样本不足 / too few orders" if OUTCOMES[(a + b) % 5].startswith("not_") else None}
        for a, detector in enumerate(DETECTORS) for b, platform in enumerate(platforms) for province in (None, *provinces[:2])
    ])  # fmt: skip
    insert(connection, "marts.estimate", [
        {"platform_code": platform, "province_code": province, "measure": measure, "method": "checks", "is_best": True, "outcome": outcome,
         "period_from": date(2025, 8, 18), "period_to": date(2025, 11, 16), "reported": 9500.0, "missing": missing, "missing_low": low,
         "missing_high": high, "n": 120, "reason_zh": "有效抽样数 120", "reason_en": "effective draws 120", "flags": "e"}
        for b, platform in enumerate(platforms) for province in (None, *provinces[:2])
        for measure, outcome, missing, low, high in (
            ("orders", "estimated", 500.0 + 90 * b, 300.0, 900.0 + 90 * b), ("workers", "lower_bound", None, 120.0, None),
            ("injuries", "not_identifiable", None, None, None))
    ])  # fmt: skip
    insert(connection, "marts.rule_catalogue", [
        {"rule_id": rule, "rule_version": 1, "title_zh": zh, "title_en": en, "consequence": "breach", "dimension": "completeness",
         "responsible": "platform", "basis": "人社部发〔2025〕24号", "grade": "V", "weakest_grade": "A", "effective_from": date(2022, 7, 1), "is_on": True,
         "parameters": "cover_programmes", "message_zh": f"{zh}:请核对并补报。", "message_en": f"{en}: please check and report.", "findings_open": 45}
        for rule, zh, en in (("X01", "接单未参保", "Order accepted without cover"), ("T01", "缺报", "Submission missing"))
    ])  # fmt: skip


def episode(
    connection: duckdb.DuckDBPyConnection, insert: Insert, folder: Path, platform: str, day: date
) -> None:
    """A national finding of a detector with its sentence, its ranked schemes and its decisive cells."""
    said = {
        "sentence_zh": "缺 312 个序号,占 12,400 个应有序号的 2.5%",
        "sentence_en": "312 serials are missing of 12,400: 2.5%",
    }
    scheme = json.dumps(
        [
            {"id": "F01", "probability": 0.61},
            {"id": "F02", "probability": 0.27},
            {"id": "F33", "probability": 0.12},
        ]
    )
    insert(connection, "checks.finding", [
        {"finding_id": EPISODE, "rule_id": "D01", "rule_version": 1, "kind": "detector", "consequence": "suspect", "dimension": "credibility",
         "responsible": "platform", "platform_code": platform, "period_from": day, "period_to": day, "detected_on": day, "violations": 312,
         "checked": 12400, "effect": 0.025, "p_value": 1e-6, "score": 0.97, "scheme": scheme, "title_zh": "订单序号断号",
         "title_en": "Gaps in the order serials", "status": "open", "evidence": "evidence/D-test.parquet", "changed_on": day}
    ])  # fmt: skip
    insert(connection, "checks.episode", [
        {"finding_id": EPISODE, "detector": "D01", "platform_code": platform, "period_from": day, "period_to": day, "detected_on": day, **said}
    ])  # fmt: skip
    rows = [
        {"platform_code": platform, "province_code": None, "business_date": day, "finding_id": finding, "label": f"2025-11-{n:02d}",
         "observed": 20.0 + n, "expected": 8.0, **said}
        for finding in (EPISODE, "ffff") for n in range(1, 11)
    ]  # fmt: skip
    schema = {"province_code": pl.String}
    pl.DataFrame(rows, schema_overrides=schema).write_parquet(folder / "D-test.parquet")
