"""The packages that the generator writes are what the standard asks for, read by other means than the project's."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from data_samples.sample import write_sample
from tests.data_samples.inbox_reader import Package, packages, together

KEYS = {
    "standard_version", "platform_code", "credit_code", "province_code", "business_date", "sequence", "submitted_at",
    "reason", "previous_digest", "extracts", "signature",
}  # fmt: skip


@pytest.fixture(scope="module")
def found(honest: Path) -> list[Package]:
    return packages(honest)


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    arguments = {"days": 2, "orders_per_day": 700, "falsify": ("F01:0.1:P02:*:2025-10-07",)}
    for name in ("a", "b"):
        write_sample(tmp_path / name / "inbox", **arguments)  # type: ignore[arg-type]
    write_sample(tmp_path / "c" / "inbox", seed=2, **arguments)  # type: ignore[arg-type]
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert digests(tmp_path / "a") != digests(tmp_path / "c")


def test_more_days_leave_the_earlier_ones_as_they_were(tmp_path: Path) -> None:
    for days in (2, 4):
        write_sample(
            tmp_path / str(days),
            days=days,
            orders_per_day=500,
            platforms=["P01", "P09"],
            provinces=["310000"],
        )
    short, long = digests(tmp_path / "2"), digests(tmp_path / "4")
    shared = {name for name in short if "2025" in name and "witness" not in name and "disputes" not in name}
    assert shared and {name: short[name] for name in shared} == {name: long[name] for name in shared}


def test_the_order_of_platforms_and_provinces_does_not_matter(tmp_path: Path) -> None:
    for name, platforms in (("a", ["P02", "P08"]), ("b", ["P08", "P02"])):
        write_sample(
            tmp_path / name, days=1, orders_per_day=300, platforms=platforms, provinces=["440000", "310000"]
        )
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    with pytest.raises(FileExistsError):
        write_sample(tmp_path, days=1)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"days": 0}, "positive"),
        ({"platforms": ["P99"]}, "P99"),
        ({"provinces": ["310001"]}, "310001"),
        ({"platforms": ["P12"]}, "scheme"),
        ({"provinces": ["810000"]}, "no scheme"),
        ({"formats": "xlsx"}, "xlsx"),
        ({"falsify": ["F01:0.1:P02"]}, "FROM_DATE"),
        ({"falsify": ["F99:0.1:P02:310000:2025-10-06"]}, "F99"),
        ({"falsify": ["F01:x:P02:310000:2025-10-06"]}, "intensity"),
        ({"falsify": ["F01:0.1:P25:310000:2025-10-06"]}, "no such platform"),
    ],
)
def test_arguments_that_make_no_sample_are_told(
    tmp_path: Path, arguments: dict[str, object], word: str
) -> None:
    with pytest.raises(ValueError, match=word):
        write_sample(tmp_path / "inbox", **arguments)  # type: ignore[arg-type]


def test_a_province_that_joins_in_the_middle_starts_then(tmp_path: Path) -> None:
    write_sample(
        tmp_path / "inbox", days=4, start=date(2026, 6, 29), orders_per_day=200, platforms=["P02"],
        provinces=["310000", "520000"],
    )  # fmt: skip
    dates = {
        p.manifest["business_date"]
        for p in packages(tmp_path / "inbox")
        if p.manifest["province_code"] == "520000"
    }
    assert dates == {"2026-06-30", "2026-07-01", "2026-07-02"}  # the first: enrollment only


def test_nothing_unfinished_is_left(honest: Path) -> None:
    assert not [path.name for path in honest.iterdir() if path.name.endswith(".part")]


def test_every_file_is_what_the_manifest_says(found: list[Package]) -> None:
    for package in found:
        manifest = package.manifest
        assert set(manifest) == KEYS
        day = manifest["business_date"].replace("-", "")
        assert (
            package.name
            == f"{manifest['platform_code']}-{manifest['province_code']}-{day}-{manifest['sequence']}"
        )
        assert (manifest["reason"] is None) == (manifest["sequence"] == 1)
        assert {entry["extract"] for entry in manifest["extracts"]} == {"enrollment", "orders", "claims"}
        for entry in manifest["extracts"]:
            data, table = package.files[entry["file"]], package.tables[entry["extract"]]
            assert (entry["bytes"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
            assert (entry["rows"], entry["nil"]) == (len(table), len(table) == 0)


def test_the_totals_are_those_of_the_rows(found: list[Package]) -> None:
    for package in found:
        said = {entry["extract"]: entry["totals"] for entry in package.manifest["extracts"]}
        orders, enrollment, claims = (package.tables[name] for name in ("orders", "enrollment", "claims"))
        assert said["orders"]["orders"] == len(orders)
        assert said["orders"]["workers"] == orders["worker_id"].nunique()
        assert Decimal(said["orders"]["premium_yuan"]) == exact(orders, "premium_yuan", 4)
        if len(orders):
            assert said["orders"]["first_serial"] == orders["serial"].min()
            assert said["orders"]["last_serial"] == orders["serial"].max()
        else:
            assert said["orders"]["first_serial"] is None and said["orders"]["last_serial"] is None
        assert said["enrollment"] == {
            "rows": len(enrollment),
            "premium_yuan": said["enrollment"]["premium_yuan"],
        }
        assert Decimal(said["enrollment"]["premium_yuan"]) == exact(enrollment, "premium_yuan", 4)
        assert Decimal(said["claims"]["benefit_yuan"]) == exact(claims, "benefit_yuan", 2)


def exact(table: pd.DataFrame, column: str, scale: int) -> Decimal:
    if column not in table:
        return Decimal(0)
    return Decimal(int((table[column].fillna(0) * 10**scale).round().sum())).scaleb(-scale)


def test_the_receipts_form_one_chain_per_platform_and_province(found: list[Package]) -> None:
    chains: dict[tuple[str, str], list[Package]] = defaultdict(list)
    for package in found:
        chains[package.manifest["platform_code"], package.manifest["province_code"]].append(package)
    for chain in chains.values():
        chain.sort(key=lambda package: package.manifest["submitted_at"])
        assert [package.manifest["previous_digest"] for package in chain] == [
            None, *(package.digest for package in chain[:-1]),
        ]  # fmt: skip


def test_first_versions_come_in_time_but_for_a_few(found: list[Package]) -> None:
    late = 0
    for package in found:
        sent = pd.Timestamp(package.manifest["submitted_at"])
        assert sent.utcoffset() == pd.Timedelta(hours=8)
        since = sent.tz_localize(None) - pd.Timestamp(package.manifest["business_date"])
        if package.manifest["sequence"] == 1:
            assert since >= pd.Timedelta(hours=24, minutes=30)
            late += since >= pd.Timedelta(hours=30)
    assert 0 < late < 0.05 * len(found)


def test_many_formats_are_there_and_readable_by_another_library(found: list[Package]) -> None:
    entries = [entry for package in found for entry in package.manifest["extracts"]]
    assert {(entry["format"], entry["encoding"]) for entry in entries} == {
        ("csv", "utf-8"), ("csv", "gb18030"), ("csv.gz", "utf-8"), ("parquet", None),
    }  # fmt: skip
    texts = [data for package in found for name, data in package.files.items() if name.endswith(".csv")]
    assert any(data.startswith(b"\xef\xbb\xbf") for data in texts)
    chinese = [
        p
        for p in found
        if p.manifest["platform_code"] == "P09" and p.manifest["extracts"][1]["encoding"] == "gb18030"
    ]
    assert chinese and all(p.tables["orders"]["worker_id"].str.startswith("骑手").all() for p in chinese)


@pytest.mark.parametrize("format", ["csv", "csv.gz", "gb18030", "bom", "parquet", "zip"])
def test_one_format_for_all_can_be_asked_for(tmp_path: Path, format: str) -> None:
    write_sample(
        tmp_path / "inbox",
        days=1,
        orders_per_day=100,
        platforms=["P09"],
        provinces=["310000"],
        formats=format,
    )
    orders = together(packages(tmp_path / "inbox"), "orders")
    assert len(orders) > 20 and orders["accepted_at"].notna().all()


def test_labels_lie_beside_the_inbox(honest: Path) -> None:
    labels = json.loads(honest.with_name(honest.name + ".labels.json").read_text(encoding="utf-8"))
    assert labels["labels"] == [] and labels["settings"]["seed"] == 1


def test_witness_files_have_the_names_and_columns_of_the_standard(honest: Path) -> None:
    from warehouse.standard import load

    kinds = set()
    for path in honest.iterdir():
        for name, extract in load().witness_files.items():
            if path.is_file() and re.fullmatch(str(extract.file_pattern), path.name):
                kinds.add(name)
                if path.suffix == ".csv":
                    assert tuple(pd.read_csv(path, dtype=str).columns) == extract.names
                else:
                    assert tuple(json.loads(path.read_text(encoding="utf-8"))) == extract.names
    assert kinds == {"witness", "worker_checks", "agency_cases", "disputes", "pulse"}
