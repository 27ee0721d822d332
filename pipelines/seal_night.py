"""Seal what was accepted and is not sealed yet; prove an order; verify a file or a home."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from checks import catalogue
from pipelines import seal as trees
from pipelines import vault, verify
from pipelines.answers import NotFound
from pipelines.publish import digest_of
from pipelines.receipts import SealError, canonical, chain, receipt_hash, write_receipts
from warehouse.engine import file_list
from warehouse.home import Home
from warehouse.snapshot import open_snapshot
from warehouse.standard import load as load_standard


def seal(connection: duckdb.DuckDBPyConnection, home: Home, at: datetime) -> int:
    """One receipt for each accepted version that has none, chained in the order in which they became known.

    The table is committed before the files are written: a killed run leaves at most files to be written again.
    Returns the number of new receipts.
    """
    waiting = connection.execute(
        """select s.version_id, s.submission, s.platform_code, s.province_code, s.business_date, s.sequence, s.manifest_digest,
            s.known_at, p.originals, p.manifest, p.rows_enrollment, p.rows_orders, p.rows_claims
        from staging.submission s join staging.package p on p.version_id = s.version_id
        where s.status <> 'refused' and not exists (select 1 from ops.receipt r where r.version_id = s.version_id)
        order by s.known_at, s.version_id"""
    ).fetchall()
    receipts = [
        json.loads(text)
        for (text,) in connection.execute("select receipt from ops.receipt order by number").fetchall()
    ]
    if waiting:
        relation = _relation(connection, home, [row[0] for row in waiting])
        roots = trees.seal_orders(connection, relation, [row[0] for row in waiting])
        untyped = {
            (version, extract): count
            for version, extract, count in connection.execute(
                "select version_id, extract, untyped_count from staging.lake_version"
            ).fetchall()
        }
        ruleset = digest_of(f"{rule.id} {rule.version} {rule.sql}" for rule in catalogue.load())
        facts = [
            _facts(row, roots, untyped, ruleset, at, vault.key(home, "token").version) for row in waiting
        ]
        new = chain(receipts[-1] if receipts else None, facts)
        connection.execute("begin")
        connection.executemany(
            "insert into ops.receipt values (?, ?, ?, ?, ?)",
            [
                (r["number"], r["version_id"], r["submission"], canonical(r).decode(), receipt_hash(r))
                for r in new
            ],
        )
        connection.execute("commit")
        receipts += new
    write_receipts(home.root, receipts)
    return len(waiting)


def _facts(
    row: tuple[Any, ...],
    roots: dict[str, Any],
    untyped: dict[tuple[str, str], int],
    ruleset: str,
    at: datetime,
    token_version: int,
) -> dict[str, Any]:
    (
        version,
        submission,
        platform,
        province,
        day,
        sequence,
        manifest_digest,
        known_at,
        originals,
        manifest,
        *rows,
    ) = row
    digests = json.loads(originals)
    files = {entry["extract"]: digests[entry["file"]] for entry in json.loads(manifest)["extracts"]}
    names = ("enrollment", "orders", "claims")
    return {
        "submission": submission, "version_id": version, "platform_code": platform, "province_code": province,
        "business_date": day, "sequence": sequence, "manifest_digest": manifest_digest, "extract_digests": files,
        "rows": dict(zip(names, rows, strict=True)), "quarantined": {name: untyped.get((version, name), 0) for name in names},
        "orders_root": roots[version].root_hex, "orders_sealed": roots[version].rows, "known_at": known_at, "sealed_at": at,
        "standard_version": load_standard().version, "ruleset": ruleset, "token_version": token_version, "schema_version": 1,
    }  # fmt: skip


def _relation(connection: duckdb.DuckDBPyConnection, home: Home, versions: list[str] | None = None) -> str:
    """The order rows of these versions (default: all), as something that can stand after FROM."""
    where = "and list_contains(?::varchar[], version_id)" if versions is not None else ""
    paths = connection.execute(
        f"select distinct path from staging.lake_version where extract = 'orders' {where} order by 1",
        [versions] if versions is not None else [],
    ).fetchall()
    if not paths:
        return "staging.orders"
    return f"read_parquet({file_list([home.root / path for (path,) in paths])})"


def prove(connection: duckdb.DuckDBPyConnection, home: Home, platform: str, order_id: str) -> Any:
    """Proofs that an order lies in a sealed submission: one for each sealed row of it. NotFound where there is none."""
    receipts = [json.loads(path.read_bytes()) for path in sorted((home.root / "receipts").glob("*.json"))]
    proofs = trees.prove(home.root, connection, _relation(connection, home), receipts, platform, order_id)
    if not proofs:
        raise NotFound(f"{platform} {order_id}: no sealed submission holds this order")
    return proofs


def verify_path(path: Path, public_key: str | None = None) -> list[str]:
    """Faults of a proof, receipt, HEAD or folder of receipts; of a home also: roots, and the archived originals."""
    if not (path / "receipts").is_dir():
        return verify.verify_file(path, public_key=public_key)
    home = Home(path.resolve())
    problems = []
    with open_snapshot(home) as connection:
        try:
            problems += verify.verify_home(home.root, connection, _relation(connection, home))
        except (duckdb.Error, SealError) as error:
            problems.append(f"the lake cannot be read: {error}")
        problems += _unsealed(connection, home)
        problems += _originals(connection, home)
    return problems


def _unsealed(connection: duckdb.DuckDBPyConnection, home: Home) -> list[str]:
    """Accepted submissions of the published register that no receipt speaks of."""
    held = {json.loads(path.read_bytes())["version_id"] for path in (home.root / "receipts").glob("*.json")}
    rows = connection.execute(
        "select submission, version_id from marts.submission where status <> 'refused'"
    ).fetchall()
    return [
        f"{submission} ({version[:12]}) was accepted and has no receipt"
        for submission, version in rows
        if version not in held
    ]


def _originals(connection: duckdb.DuckDBPyConnection, home: Home) -> list[str]:
    problems = []
    for (text,) in connection.execute("select originals from staging.package").fetchall():
        for name, digest in json.loads(text).items():
            try:
                for _ in vault.original(home, digest):
                    pass
            except vault.ArchiveDamaged as error:
                problems.append(f"original {name}: {error}")
    return problems
