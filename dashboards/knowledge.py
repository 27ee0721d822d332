"""What we knew when: the rows of one business day, as every version that arrived changed them."""

from __future__ import annotations

from typing import Any

import polars as pl

EXTRACTS = ("orders", "enrollment", "claims")
SCHEMA: dict[str, Any] = {
    "known_at": pl.Datetime("us"), "extract": pl.String, "rows": pl.Int64, "change": pl.Int64, "pairs": pl.Int64, "submission": pl.String,
}  # fmt: skip


def steps(versions: pl.DataFrame) -> pl.DataFrame:
    """One row per arrival and extract: the rows known from then on over all pairs, and by how much the arrival changed them.

    versions: accepted versions of one day: platform_code, province_code, sequence, submission, known_at, rows_orders,
    rows_enrollment, rows_claims. Of a pair the highest sequence that is known counts, whatever order they came in.
    """
    current: dict[tuple[str, str], dict[str, Any]] = {}
    before = dict.fromkeys(EXTRACTS, 0)
    found = []
    for row in versions.sort("known_at", "sequence", "submission").iter_rows(named=True):
        pair = (row["platform_code"], row["province_code"])
        if pair in current and current[pair]["sequence"] > row["sequence"]:
            continue
        current[pair] = row
        for extract in EXTRACTS:
            total = sum(int(held[f"rows_{extract}"] or 0) for held in current.values())
            found.append(
                {"known_at": row["known_at"], "extract": extract, "rows": total, "change": total - before[extract],
                 "pairs": len(current), "submission": row["submission"]}
            )  # fmt: skip
            before[extract] = total
    return pl.DataFrame(found, schema=SCHEMA)
