"""Declared control totals against the rows that were read (S09)."""

from __future__ import annotations

from decimal import Decimal

import duckdb

from pipelines.manifest import Reason, total
from pipelines.read import Batch
from pipelines.receive import Package
from warehouse.engine import quote

# what each declared total must equal; a total over a column with an untypable cell cannot be compared
MEASURES = {
    "orders": {
        "orders": ("count(*)", None),
        "workers": ("count(distinct worker_id)", "worker_id"),
        "premium_yuan": ("coalesce(sum(premium_yuan), 0)", "premium_yuan"),
        "first_serial": ("min(serial)", "serial"),
        "last_serial": ("max(serial)", "serial"),
    },
    "enrollment": {
        "rows": ("count(*)", None),
        "premium_yuan": ("coalesce(sum(premium_yuan), 0)", "premium_yuan"),
    },
    "claims": {
        "rows": ("count(*)", None),
        "benefit_yuan": ("coalesce(sum(benefit_yuan), 0)", "benefit_yuan"),
    },
}


def compare(connection: duckdb.DuckDBPyConnection, batch: Batch) -> list[Package]:
    """The batch's packages, each with a reason S09 for every control total that differs from its rows."""
    found: dict[tuple[str, str], dict[str, object]] = {}
    for extract, measures in MEASURES.items():
        path = batch.lake.get(extract)
        if path is None:
            continue
        columns = ", ".join(f"{sql} as {name}" for name, (sql, _) in measures.items())
        cursor = connection.execute(
            f"select version_id, {columns} from read_parquet({quote(str(path))}) group by version_id"
        )
        for version, *values in cursor.fetchall():
            found[version, extract] = dict(zip(measures, values, strict=True))
    unreadable: set[tuple[str, str, str | None]] = set()
    if batch.quarantine is not None:
        query = f"select distinct version_id, extract, column_name from read_parquet({quote(str(batch.quarantine))})"
        unreadable = set(connection.execute(query).fetchall())
    return [package.with_reasons(*_differences(package, found, unreadable)) for package in batch.packages]


def _differences(
    package: Package,
    found: dict[tuple[str, str], dict[str, object]],
    unreadable: set[tuple[str, str, str | None]],
) -> list[Reason]:
    if package.refused:
        return []
    reasons = []
    for file in package.files:
        values = found.get((package.version_id, file.extract), {})
        for name, (_, column) in MEASURES[file.extract].items():
            broken = {(package.version_id, file.extract, column), (package.version_id, file.extract, None)}
            if column is not None and broken & unreadable:
                continue
            declared = total(file.totals.get(name))
            value = values.get(name, None if "serial" in name else 0)
            actual = None if value is None else Decimal(str(value))
            if declared != actual and not (file.rows == 0 and not declared and not actual):
                reasons.append(
                    Reason("S09", f"控制汇总{name}与明细不符", f"the declared total {name} differs from the rows", file.name, None,
                           str(file.totals.get(name)), None if actual is None else f"{actual.normalize():f}")
                )  # fmt: skip
    return reasons
