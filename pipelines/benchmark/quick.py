"""A short way from a world in memory to the warehouse, for worlds of many nights.

Left out: packing and unpacking files, the archive, the check of bytes, Great Expectations, the seal, the snapshot; and the
rules where they are not asked for. Everything else is the night's own code: the lake's layout, registration, staging,
core, verdicts and findings, one transaction after the other.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from checks import catalogue
from data_samples.package import Sent
from data_samples.stream import StreamNight
from data_samples.witnesses import pulse_name
from pipelines import nightly, vault, witness
from pipelines.read import Batch
from pipelines.receive import File, Package
from warehouse.build import create_empty, lake_columns
from warehouse.engine import connect
from warehouse.home import Home
from warehouse.identity import identity_faults
from warehouse.standard import load as load_standard

EXTRACTS = ("enrollment", "orders", "claims")
CHEAP = "S10"
END = timedelta(days=1, hours=8)  # after a business date's midnight: when the bureau looks


@contextmanager
def opened(home: Home, *, rules: bool) -> Iterator[nightly.Night]:
    """A new home and its night, to be fed with `take`. `rules`: whether the row rules run too."""
    nightly.prepare(home)
    home.work.mkdir(parents=True, exist_ok=True)
    with connect(home.warehouse, spill=home.work / "spill") as connection:
        create_empty(connection, home.registers)
        start = datetime(2025, 1, 1)
        # the night's merge wants one rule at least: the cheapest
        chosen = tuple(rule for rule in catalogue.load() if rules or rule.id == CHEAP)
        night = nightly.Night(
            home, connection, start, False, nightly.Steps(), nightly.Settings.at(start.date()), chosen
        )
        night._marks = defaultdict(list)
        night._witness_marks = defaultdict(str)
        yield night


def take(night: nightly.Night, arrived: StreamNight, previous: dict[tuple[str, str], str]) -> None:
    """Load, build, check and detect one night. `previous`: the chain of receipts, kept from night to night."""
    night.now = datetime.combine(arrived.night, datetime.min.time()) + END
    packages = [_package(sent, previous) for sent in arrived.sent]
    batch = None
    with night.steps.step("read", night=str(arrived.night)):
        if packages:
            batch = Batch(packages)
            for extract in EXTRACTS:
                _lay(night, extract, packages, arrived, batch)
        witnesses = [*_witnesses(arrived), *_pulses(arrived)]
    night._load(arrived.night, packages, batch, witnesses)
    night.finish_pending()
    night._detect_until(arrived.night)


def _package(sent: Sent, previous: dict[tuple[str, str], str]) -> Package:
    chain = (sent.cell.platform, sent.cell.province)
    digest = hashlib.sha256(f"{sent.name} {sent.submitted_at} {previous.get(chain)}".encode()).hexdigest()
    files = tuple(
        File(extract, f"{extract}.parquet", Path(), "parquet", "utf-8", len(getattr(sent, extract)), 0, digest, {},
             not len(getattr(sent, extract)), None, vault.Stamp(0, 0, 0))
        for extract in EXTRACTS
    )  # fmt: skip
    made = Package(
        digest, sent.name, digest, sent.cell.platform, sent.cell.province, sent.business_date, sent.sequence,
        sent.submitted_at, sent.submitted_at, digest, previous.get(chain),
        sent.reason[0] if sent.reason else None, sent.reason[1] if sent.reason else None, "{}", {}, files,
    )  # fmt: skip
    previous[chain] = digest
    return made


def _lay(
    night: nightly.Night, extract: str, packages: list[Package], arrived: StreamNight, batch: Batch
) -> None:
    """One lake file of all packages' rows of an extract, the identity number replaced by its token."""
    parts = [
        getattr(sent, extract).with_columns(
            platform_code=pl.lit(package.platform_code),
            province_code=pl.lit(package.province_code),
            business_date=pl.lit(package.business_date, dtype=pl.Date),
            submission=pl.lit(package.submission),
            version_id=pl.lit(package.version_id),
            is_untyped=pl.lit(False),
        )
        for package, sent in zip(packages, arrived.sent, strict=True)
        if len(getattr(sent, extract))
    ]
    if not parts:
        return
    rows = pl.concat(parts)
    if "id_number" in rows.columns:
        rows = rows.join(_people(night, rows["id_number"]), on="id_number", how="left", maintain_order="left")
    path = night.home.lake / extract / f"{arrived.night:%Y%m%d}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.select(name for name, _ in lake_columns(extract)).write_parquet(path, compression="snappy")
    batch.lake[extract] = path
    batch.rows |= {
        (version, extract): count for version, count in rows.group_by("version_id").len().iter_rows()
    }


def _people(night: nightly.Night, numbers: pl.Series) -> pl.DataFrame:
    """person, birth_date, sex, id_area by identity number."""
    judged = identity_faults(numbers.drop_nulls().unique(), latest_birth=date(9999, 12, 31), test_area=True)
    key = vault.key(night.home, "token")
    tokens = vault.tokens(key, judged["number"].to_list())
    return (
        judged.with_columns(person=pl.Series(tokens, dtype=pl.String))
        .rename({"number": "id_number"})
        .drop("fault")
    )


def _witnesses(arrived: StreamNight) -> Iterable[witness.Witness]:
    for (kind, name), rows in arrived.files.items():
        extract = load_standard().witness_files[kind]
        texts = rows.with_columns(
            pl.col(pl.Datetime).dt.strftime("%Y-%m-%d %H:%M:%S"), pl.col(pl.Date).cast(pl.String)
        ).cast(pl.String)
        known = datetime.combine(arrived.night, datetime.min.time())
        digest = hashlib.sha256(name.encode()).hexdigest()
        yield witness.Witness(
            name,
            extract,
            digest,
            known,
            tuple((i + 2, row) for i, row in enumerate(texts.iter_rows(named=True))),
        )


def _pulses(arrived: StreamNight) -> Iterable[witness.Witness]:
    extract = load_standard().witness_files["pulse"] if arrived.pulses else None
    for pulse in arrived.pulses:
        name = pulse_name(pulse)
        known = datetime.strptime(pulse["hour"][:8], "%Y%m%d") + timedelta(hours=int(pulse["hour"][8:]) + 1)
        texts = {key: None if value is None else str(value) for key, value in pulse.items()}
        yield witness.Witness(name, extract, hashlib.sha256(name.encode()).hexdigest(), known, ((1, texts),))  # type: ignore[arg-type]
