"""Hostile and broken packages, one function each: what it puts into the inbox, and the reason that must come back.

A case takes the inbox and a business date of its own, and writes a package of P01 in Shanghai for that date.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import stat
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.packages import (
    CREDIT,
    DROP,
    Sent,
    arrow_type,
    csv_bytes,
    good,
    header_of,
    identity,
    order,
    package,
    parquet_bytes,
    spell,
)  # fmt: skip

SENT = "2025-11-06T02:00:00+08:00"
SECRET = identity(777)  # stands in many odd places; must be found nowhere in the home


@dataclass(frozen=True)
class Case:
    """`words` must all stand in one reason of rule `rule` (file, English text, value or expected)."""

    name: str
    rule: str
    words: tuple[str, ...]
    file: str | None
    make: Callable[[Path, date], None]


CASES: list[Case] = []


def case(
    rule: str, *words: str, file: str | None = None
) -> Callable[[Callable[[Path, date], None]], Callable[[Path, date], None]]:
    def remember(make: Callable[[Path, date], None]) -> Callable[[Path, date], None]:
        CASES.append(Case(make.__name__, rule, words, file, make))
        return make

    return remember


def right(on: date, **more: Any) -> Sent:
    return good(**{"on": on, "sent": SENT, "orders": [order(1, on), order(2, on)], **more})


def rezip(
    inbox: Path,
    sent: Sent,
    entries: Sequence[tuple[str | zipfile.ZipInfo, bytes]] = (),
    change: Callable[[bytes], bytes] = bytes,
) -> None:
    """The package as a zip with entries added, its bytes then changed."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*sent.files.items(), *entries]:
            archive.writestr(name, content)
    (inbox / f"{sent.name}.zip").write_bytes(change(sink.getvalue()))


def patch_central(
    data: bytes, name: str, offset: int, form: str, value: int, *, local: int | None = None
) -> bytes:
    """Change a field of an entry in the zip's list of contents, and of its local header at `local`."""
    found = bytearray(data)
    raw, place = name.encode(), 0
    while (place := data.find(b"PK\x01\x02", place)) >= 0:
        length = struct.unpack_from("<H", data, place + 28)[0]
        if data[place + 46 : place + 46 + length] == raw:
            struct.pack_into(form, found, place + offset, value)
            if local is not None:
                start = struct.unpack_from("<I", data, place + 42)[0]
                struct.pack_into(form, found, start + local, value)
        place += 46
    return bytes(found)


# -- zips ------------------------------------------------------------------------------------------


@case("S01", "leaves the package", "../evil.csv")
def zip_path_escape(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), [("../evil.csv", b"x")])


@case("S01", "leaves the package", "/etc/evil.csv")
def zip_absolute_path(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), [("/etc/evil.csv", b"x")])


@case("S01", "leaves the package", "..\\evil.csv")
def zip_backslash_path(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), [("..\\evil.csv", b"x")])


@case("S01", "leaves the package", "some/where/else.csv")
def zip_other_folder(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), [("some/where/else.csv", b"x")])


@case("S01", "holds a link", "passwd")
def zip_with_link(inbox: Path, on: date) -> None:
    link = zipfile.ZipInfo("passwd")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    rezip(inbox, right(on), [(link, b"/etc/passwd")])


@case("S01", "holds a file twice", "orders.csv")
def zip_same_name_twice(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), [("orders.csv", b"other")])


@case("S01", "holds a file twice", "orders.csv")
def zip_twice_inside_and_outside(inbox: Path, on: date) -> None:
    sent = right(on)
    rezip(inbox, sent, [(f"{sent.name}/orders.csv", b"other")])


@case("S01", "encrypted", "orders.csv")
def zip_encrypted(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), change=lambda data: patch_central(data, "orders.csv", 8, "<H", 1, local=6))


@case("S01", "encrypted", "manifest.json")
def zip_encrypted_manifest(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), change=lambda data: patch_central(data, "manifest.json", 8, "<H", 1, local=6))


@case("S01", "cannot be read", "a sound zip")
def zip_flipped_byte(inbox: Path, on: date) -> None:
    def flip(data: bytes) -> bytes:
        place = data.index(b"orders.csv") + 30
        return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]

    rezip(inbox, right(on), change=flip)


@case("S01", "cannot be read", "not a zip")
def zip_truncated(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), change=lambda data: data[: len(data) // 2])


@case("S01", "cannot be read", "not a zip")
def zip_is_text(inbox: Path, on: date) -> None:
    (inbox / f"{right(on).name}.zip").write_bytes(b"no zip at all\n")


@case("S01", "cannot be read", "not a zip")
def zip_is_empty(inbox: Path, on: date) -> None:
    (inbox / f"{right(on).name}.zip").write_bytes(b"")


@case("S01", "the zip holds no manifest.json")
def zip_without_manifest(inbox: Path, on: date) -> None:
    sent = right(on)
    rezip(
        inbox,
        Sent(sent.name, {name: content for name, content in sent.files.items() if name != "manifest.json"}),
    )


@case("S01", "the zip holds no manifest.json")
def zip_in_zip(inbox: Path, on: date) -> None:
    sent = right(on)
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for name, content in sent.files.items():
            archive.writestr(name, content)
    rezip(inbox, Sent(sent.name, {f"{sent.name}.zip": inner.getvalue()}))


@case("S02", "bomb", "bytes in", file="orders.csv")
def zip_bomb(inbox: Path, on: date) -> None:
    right(on, raw={"orders": bytes(4 << 20)}).zip(inbox)


@case("S02", "size differs", file="orders.csv")
def zip_larger_than_declared(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"bytes": 10}}).zip(inbox)


@case("S01", "cannot be read", file="orders.csv")
def zip_lies_about_size(inbox: Path, on: date) -> None:
    """Its list of contents says the 10 declared bytes, its data unpacks to more."""
    rezip(
        inbox,
        right(on, entry={"orders": {"bytes": 10}}),
        change=lambda data: patch_central(data, "orders.csv", 24, "<I", 10, local=22),
    )


@case("S01", "cannot be read", "compression")
def zip_unknown_compression(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), change=lambda data: patch_central(data, "orders.csv", 10, "<H", 77, local=8))


@case("S01", "too large", file="manifest.json")
def zip_huge_manifest(inbox: Path, on: date) -> None:
    sent = right(on)
    rezip(
        inbox,
        Sent(sent.name, {**sent.files, "manifest.json": sent.files["manifest.json"] + b" " * (2 << 20)}),
    )


@case("S01", "leaves the package", "9995 more")
def zip_ten_thousand_escapes(inbox: Path, on: date) -> None:
    rezip(inbox, right(on), [(f"../{n}", b"") for n in range(10_000)])


@case("S01", "not a regular file")
def zip_is_a_pipe(inbox: Path, on: date) -> None:
    os.mkfifo(inbox / f"{right(on).name}.zip")


@case("S01", "the package is a link")
def zip_is_a_link(inbox: Path, on: date) -> None:
    (inbox / f"{right(on).name}.zip").symlink_to("/etc/passwd")


# -- folders ---------------------------------------------------------------------------------------


@case("S01", "the package is a link")
def folder_is_a_link(inbox: Path, on: date) -> None:
    sent = right(on)
    sent.folder(inbox.parent / "elsewhere")
    (inbox / sent.name).symlink_to(inbox.parent / "elsewhere" / sent.name)


@case("S01", "a link, or not a regular file", file="manifest.json")
def manifest_is_a_link(inbox: Path, on: date) -> None:
    folder = right(on).folder(inbox)
    (folder / "manifest.json").rename(inbox.parent / "real-manifest.json")
    (folder / "manifest.json").symlink_to(inbox.parent / "real-manifest.json")


@case("S01", "a link, or not a regular file", file="orders.csv")
def file_is_a_link(inbox: Path, on: date) -> None:
    folder = right(on).folder(inbox)
    (folder / "orders.csv").rename(inbox.parent / "real-orders.csv")
    (folder / "orders.csv").symlink_to(inbox.parent / "real-orders.csv")


@case("S01", "a link, or not a regular file", file="orders.csv")
def file_is_a_folder(inbox: Path, on: date) -> None:
    folder = right(on).folder(inbox)
    (folder / "orders.csv").unlink()
    (folder / "orders.csv").mkdir()


@case("S01", "a link, or not a regular file", file="orders.csv")
def file_is_a_pipe(inbox: Path, on: date) -> None:
    folder = right(on).folder(inbox)
    (folder / "orders.csv").unlink()
    os.mkfifo(folder / "orders.csv")


@case("S01", "a link, or not a regular file", file="manifest.json")
def manifest_is_a_pipe(inbox: Path, on: date) -> None:
    folder = right(on).folder(inbox)
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")


@case("S01", "a link, or not a regular file", file="orders.csv")
def file_is_a_socket(inbox: Path, on: date) -> None:
    import socket

    folder = right(on).folder(inbox)
    (folder / "orders.csv").unlink()
    here = Path.cwd()
    os.chdir(folder)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("orders.csv")
    finally:
        os.chdir(here)


@case("S02", "too large", file="orders.csv")
def file_is_a_vast_hole(inbox: Path, on: date) -> None:
    with (right(on).folder(inbox) / "orders.csv").open("wb") as handle:
        handle.truncate(17 << 30)


@case("S02", "size differs", file="orders.csv")
def file_has_grown(inbox: Path, on: date) -> None:
    with (right(on).folder(inbox) / "orders.csv").open("ab") as handle:
        handle.truncate(1 << 20)


@case("S02", "missing from the package", file="claims.csv")
def file_is_missing(inbox: Path, on: date) -> None:
    (right(on).folder(inbox) / "claims.csv").unlink()


@case("S01", "bare name", "../../orders.csv")
def manifest_path_escape(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"file": "../../orders.csv"}}).folder(inbox)


@case("S01", "bare name", "/etc/passwd")
def manifest_absolute_path(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"file": "/etc/passwd"}}).folder(inbox)


@case("S01", "bare name", "..\\orders.csv")
def manifest_backslash(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"file": "..\\orders.csv"}}).folder(inbox)


@case("S01", "bare name", "manifest.json")
def manifest_names_itself(inbox: Path, on: date) -> None:
    sent = right(on)
    manifest = sent.manifest
    manifest["extracts"][1]["file"] = "manifest.json"
    sent.with_files(manifest_json=json.dumps(manifest).encode()).folder(inbox)


@case("S01", "bare name")
def manifest_name_with_nul(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"][1].update(file="orders\0.csv")).folder(inbox)


@case("S01", "bare name", "aaaaaaaa")
def manifest_endless_name(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"][1].update(file="a" * 5000 + ".csv")).folder(inbox)


@case("S01", "bare name")
def manifest_name_with_lone_surrogate(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"][1].update(file="\ud800.csv")).folder(inbox)


@case("S01", "bare name", "*")
def manifest_name_is_an_identity_number(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"][1].update(file=f"{SECRET}.csv")).folder(inbox)


@case("S01", "a file is listed twice", "orders.csv")
def manifest_one_file_for_two(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"][2].update(file="orders.csv")).folder(inbox)


# -- the manifest ----------------------------------------------------------------------------------


def _edited(on: date, edit: Callable[[dict[str, Any]], object]) -> Sent:
    sent = right(on)
    manifest = sent.manifest
    edit(manifest)
    return sent.with_files(manifest_json=json.dumps(manifest).encode())


def _raw(on: date, change: Callable[[bytes], bytes]) -> Sent:
    sent = right(on)
    return sent.with_files(manifest_json=change(sent.files["manifest.json"]))


@case("S01", "not UTF-8", file="manifest.json")
def manifest_not_utf8(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b"P01", b"P\xff1", 1)).folder(inbox)


@case("S01", "byte order mark", file="manifest.json")
def manifest_with_bom(inbox: Path, on: date) -> None:
    _raw(on, lambda data: b"\xef\xbb\xbf" + data).folder(inbox)


@case("S01", "byte order mark", file="manifest.json")
def manifest_utf16(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.decode().encode("utf-16")).folder(inbox)


@case("S01", "'platform_code' is given twice", file="manifest.json")
def manifest_key_twice(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b"{", b'{"platform_code": "P02",', 1)).folder(inbox)


@case("S01", "'rows' is given twice", file="manifest.json")
def manifest_inner_key_twice(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b'"rows":', b'"rows": 7, "rows":', 1)).folder(inbox)


@case("S01", "NaN is not JSON", file="manifest.json")
def manifest_nan(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b'"sequence": 1', b'"sequence": NaN')).folder(inbox)


@case("S01", "-Infinity is not JSON", file="manifest.json")
def manifest_infinity(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b'"sequence": 1', b'"sequence": -Infinity')).folder(inbox)


@case("S01", "cannot be read", file="manifest.json")
def manifest_cut_off(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data[:100]).folder(inbox)


@case("S01", "cannot be read", file="manifest.json")
def manifest_empty(inbox: Path, on: date) -> None:
    _raw(on, lambda data: b"").folder(inbox)


@case("S01", "not an object", file="manifest.json")
def manifest_is_a_list(inbox: Path, on: date) -> None:
    _raw(on, lambda data: b"[" + data + b"]").folder(inbox)


@case("S01", "nested deeper than 32", file="manifest.json")
def manifest_deep(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b'"reason": null', b'"reason": ' + b"[" * 500 + b"]" * 500)).folder(
        inbox
    )


@case("S01", "nested deeper than 32", file="manifest.json")
def manifest_endlessly_deep(inbox: Path, on: date) -> None:
    _raw(on, lambda data: b"[" * 400_000).folder(inbox)


@case("S01", "cannot be read", "digits", file="manifest.json")
def manifest_number_of_5000_digits(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b'"sequence": 1', b'"sequence": ' + b"9" * 5000)).folder(inbox)


@case("S01", "extracts[1].rows", "not a whole number", file="manifest.json")
def manifest_huge_rows(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b'"rows": 2', b'"rows": ' + b"9" * 400, 1)).folder(inbox)


@case("S01", "totals.premium_yuan", "not a number", file="manifest.json")
def manifest_infinite_total(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data.replace(b'"0.02"', b"1e999")).folder(inbox)


@case("S01", "too large", file="manifest.json")
def manifest_over_a_mebibyte(inbox: Path, on: date) -> None:
    _raw(on, lambda data: data + b" " * (1 << 20)).folder(inbox)


@case("S01", "unknown key", "surprise", file="manifest.json")
def manifest_unknown_key(inbox: Path, on: date) -> None:
    right(on, change={"surprise": SECRET}).folder(inbox)


@case("S01", "reasons more")
def manifest_5000_unknown_keys(inbox: Path, on: date) -> None:
    right(on, change={f"key{n}": n for n in range(5000)}).folder(inbox)


@case("S01", "submitted_at", "missing key", file="manifest.json")
def manifest_missing_key(inbox: Path, on: date) -> None:
    right(on, without=["submitted_at"]).folder(inbox)


@case("S01", "standard_version", "null", file="manifest.json")
def manifest_null_version(inbox: Path, on: date) -> None:
    right(on, change={"standard_version": None}).folder(inbox)


@case("S01", "standard_version", "9.9", file="manifest.json")
def manifest_other_version(inbox: Path, on: date) -> None:
    right(on, change={"standard_version": "9.9"}).folder(inbox)


@case("S01", "sequence", "not a whole number", file="manifest.json")
def manifest_sequence_text(inbox: Path, on: date) -> None:
    right(on, change={"sequence": "1"}).folder(inbox)


@case("S01", "business_date", "not a date", file="manifest.json")
def manifest_date_without_hyphens(inbox: Path, on: date) -> None:
    right(on, change={"business_date": f"{on:%Y%m%d}"}).folder(inbox)


@case("S01", "submitted_at", "not a timestamp with offset", file="manifest.json")
def manifest_time_without_offset(inbox: Path, on: date) -> None:
    right(on, change={"submitted_at": "2025-11-06T02:00:00"}).folder(inbox)


@case("V04", "submitted_at", "future", "2025-11-07T02:00:00+08:00", file="manifest.json")
def manifest_from_the_future(inbox: Path, on: date) -> None:
    right(on, sent="2025-11-07T02:00:00+08:00").folder(inbox)


@case("S08", "platform_code", "register", file="manifest.json")
def manifest_platform_is_a_list(inbox: Path, on: date) -> None:
    right(on, change={"platform_code": ["P01"]}).folder(inbox)


@case("S08", "platform_code", "register", "P99", file="manifest.json")
def manifest_unknown_platform(inbox: Path, on: date) -> None:
    right(on, change={"platform_code": "P99"}).folder(inbox)


@case("S08", "province_code", "register", "999999", file="manifest.json")
def manifest_unknown_province(inbox: Path, on: date) -> None:
    right(on, change={"province_code": "999999"}).folder(inbox)


@case("V02", "credit_code", "check character", file="manifest.json")
def manifest_credit_code_wrong(inbox: Path, on: date) -> None:
    right(on, change={"credit_code": CREDIT["P01"][:-1] + "A"}).folder(inbox)


@case("V02", "credit_code", "not the register's", CREDIT["P02"], file="manifest.json")
def manifest_credit_code_of_another(inbox: Path, on: date) -> None:
    right(on, change={"credit_code": CREDIT["P02"]}).folder(inbox)


@case("S08", "reason.code", "bored", file="manifest.json")
def manifest_unknown_reason(inbox: Path, on: date) -> None:
    reason = {"code": "bored", "text": f"persons {SECRET} and \ud800"}
    _edited(on, lambda m: m.update(reason=reason)).folder(inbox)


@case("S01", "previous_digest", "SHA-256", file="manifest.json")
def manifest_previous_digest(inbox: Path, on: date) -> None:
    right(on, change={"previous_digest": "abc"}).folder(inbox)


@case("S01", "name does not say")
def name_says_another_sequence(inbox: Path, on: date) -> None:
    right(on, change={"sequence": 2, "reason": {"code": "correction", "text": ""}}).folder(inbox)


@case("S01", "claims is missing", file="manifest.json")
def manifest_two_extracts(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"].pop()).folder(inbox)


@case("S01", "orders is listed twice", file="manifest.json")
def manifest_orders_twice(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"].append(m["extracts"][1])).folder(inbox)


@case("S01", "extracts: not a list", file="manifest.json")
def manifest_extracts_an_object(inbox: Path, on: date) -> None:
    right(on, change={"extracts": {"orders": {}}}).folder(inbox)


@case("S01", "extracts[1]: not an object", file="manifest.json")
def manifest_extract_is_null(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"].insert(1, None)).folder(inbox)


@case("S01", "extracts[1].format", "unknown format", "xlsx", file="manifest.json")
def manifest_unknown_format(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"][1].update(format="xlsx")).folder(inbox)


@case("S01", "extracts[1].encoding", "unknown encoding", "latin-1", file="manifest.json")
def manifest_unknown_encoding(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"][1].update(encoding="latin-1")).folder(inbox)


@case("S01", "extracts[1].encoding", "unknown encoding", file="manifest.json")
def manifest_csv_without_encoding(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"encoding": DROP}}).folder(inbox)


@case("S02", "extracts[1].nil", "rows 2", file="manifest.json")
def manifest_nil_with_rows(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"nil": True}}).folder(inbox)


@case("S02", "extracts[2].nil", "rows 0", file="manifest.json")
def manifest_no_rows_and_not_nil(inbox: Path, on: date) -> None:
    right(on, entry={"claims": {"nil": False}}).folder(inbox)


@case("S01", "extracts[1].totals.orders", "missing key", file="manifest.json")
def manifest_total_missing(inbox: Path, on: date) -> None:
    _edited(on, lambda m: m["extracts"][1]["totals"].pop("orders")).folder(inbox)


# -- bytes of the files ----------------------------------------------------------------------------


@case("S02", "SHA-256 differs", file="orders.csv")
def digest_wrong(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"sha256": "0" * 64}}).folder(inbox)


@case("S01", "extracts[1].sha256", "not a SHA-256", file="manifest.json")
def digest_no_digest(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"sha256": "abc"}}).folder(inbox)


@case("S02", "size differs", file="orders.csv")
def bytes_wrong(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"bytes": 1}}).folder(inbox)


@case("S02", "number of data rows", "2", "3", file="orders.csv")
def rows_too_few(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"rows": 3}}).folder(inbox)


@case("S02", "number of data rows", "2", "1", file="orders.csv")
def rows_too_many(inbox: Path, on: date) -> None:
    right(on, entry={"orders": {"rows": 1}}).folder(inbox)


@case("S02", "number of data rows", file="claims.csv")
def rows_in_a_nil_return(inbox: Path, on: date) -> None:
    names = header_of("claims", [])
    right(on, raw={"claims": (",".join(names) + "\n" + "," * (len(names) - 1) + "\n").encode()}).folder(inbox)


@case("S02", "bomb", "rows", file="orders.csv.gz")
def gz_bomb(inbox: Path, on: date) -> None:
    right(on, forms="csv.gz", raw={"orders": gzip.compress(bytes(8 << 20))}).folder(inbox)


@case("S02", "gz cannot be read", file="orders.csv.gz")
def gz_corrupt(inbox: Path, on: date) -> None:
    data = bytearray(gzip.compress(csv_bytes("orders", [order(1, on), order(2, on)])))
    data[len(data) // 2] ^= 0xFF
    right(on, forms="csv.gz", raw={"orders": bytes(data)}).folder(inbox)


@case("S02", "gz cannot be read", file="orders.csv.gz")
def gz_truncated(inbox: Path, on: date) -> None:
    right(
        on,
        forms="csv.gz",
        raw={"orders": gzip.compress(csv_bytes("orders", [order(1, on), order(2, on)]))[:-12]},
    ).folder(inbox)


@case("S02", "gz cannot be read", file="orders.csv.gz")
def gz_is_plain_text(inbox: Path, on: date) -> None:
    right(on, forms="csv.gz", raw={"orders": csv_bytes("orders", [order(1, on), order(2, on)])}).folder(inbox)


@case("S05", "unknown surprise", file="orders.csv")
def column_unknown(inbox: Path, on: date) -> None:
    right(on, orders=[order(1, on, surprise="1"), order(2, on, surprise="1")]).folder(inbox)


@case("S05", "missing serial", file="orders.csv")
def column_missing(inbox: Path, on: date) -> None:
    names = [name for name in header_of("orders", [order(1, on)]) if name != "serial"]
    rows = [{name: row[name] for name in names} for row in (order(1, on), order(2, on))]
    right(on, raw={"orders": csv_bytes("orders", rows, names=names)}).folder(inbox)


@case("S05", "repeated serial", file="orders.csv")
def column_repeated(inbox: Path, on: date) -> None:
    text = csv_bytes("orders", [order(1, on), order(2, on)]).decode().splitlines()
    right(
        on, raw={"orders": "\n".join([text[0] + ",serial", *(line + ",1" for line in text[1:]), ""]).encode()}
    ).folder(inbox)


@case("S05", "missing order_id", file="orders.csv")
def header_in_capitals(inbox: Path, on: date) -> None:
    text = csv_bytes("orders", [order(1, on), order(2, on)])
    right(on, raw={"orders": text.replace(b"order_id", b"ORDER_ID", 1)}).folder(inbox)


@case("S05", "missing", file="orders.csv")
def header_absent(inbox: Path, on: date) -> None:
    right(on, raw={"orders": csv_bytes("orders", [order(1, on), order(2, on)]).split(b"\n", 1)[1]}).folder(
        inbox
    )


@case("S05", "missing", file="orders.csv")
def file_of_no_bytes(inbox: Path, on: date) -> None:
    right(on, raw={"orders": b""}).folder(inbox)


@case("S05", "header line is not utf-8", file="orders.csv")
def file_in_utf16(inbox: Path, on: date) -> None:
    right(on, raw={"orders": csv_bytes("orders", [order(1, on), order(2, on)], encoding="utf-16")}).folder(
        inbox
    )


@case("S05", "header line cannot be read", file="orders.csv")
def header_with_open_quote(inbox: Path, on: date) -> None:
    right(on, raw={"orders": b'"' + csv_bytes("orders", [order(1, on), order(2, on)])}).folder(inbox)


@case("S02", "declared gb18030", "utf-8", file="orders.csv")
def encoding_declared_gb18030_is_utf8(inbox: Path, on: date) -> None:
    rows = [order(1, on, order_id="订单一号"), order(2, on, order_id="订单二号")]
    right(on, orders=rows, encoding="gb18030", raw={"orders": csv_bytes("orders", rows)}).folder(inbox)


# -- Parquet ---------------------------------------------------------------------------------------


def _parquet(inbox: Path, on: date, content: bytes) -> None:
    right(on, forms={"orders": "parquet"}, raw={"orders": content}).folder(inbox)


def _table(on: date, **change: tuple[pa.DataType, list[Any]]) -> bytes:
    rows = [{**order(1, on)}, {**order(2, on)}]
    for name, (_, values) in change.items():
        for row, value in zip(rows, values, strict=True):
            row[name] = value
    return parquet_bytes("orders", rows, {name: kind for name, (kind, _) in change.items()})


@case("S02", "Parquet file cannot be read", file="orders.parquet")
def parquet_is_text(inbox: Path, on: date) -> None:
    _parquet(inbox, on, csv_bytes("orders", [order(1, on), order(2, on)]))


@case("S02", "Parquet file cannot be read", file="orders.parquet")
def parquet_truncated(inbox: Path, on: date) -> None:
    _parquet(inbox, on, _table(on)[:-20])


@case("S02", "Parquet file", "cannot be read", file="orders.parquet")
def parquet_corrupt_footer(inbox: Path, on: date) -> None:
    data = bytearray(_table(on))
    for place in range(len(data) - 400, len(data) - 300):
        data[place] = 0xFF
    _parquet(inbox, on, bytes(data))


@case("S02", "Parquet file's rows cannot be read", file="orders.parquet")
def parquet_corrupt_pages(inbox: Path, on: date) -> None:
    data = bytearray(_table(on))
    for place in range(4, 200):
        data[place] ^= 0x5A
    _parquet(inbox, on, bytes(data))


@case("S05", "column serial is list", file="orders.parquet")
def parquet_nested(inbox: Path, on: date) -> None:
    _parquet(inbox, on, _table(on, serial=(pa.list_(pa.int64()), [[1], [2]])))


@case("S05", "column order_id is binary", file="orders.parquet")
def parquet_binary(inbox: Path, on: date) -> None:
    _parquet(inbox, on, _table(on, order_id=(pa.binary(), [b"\xff\xfe", "订".encode()])))


@case("S02", "number of data rows", file="orders.parquet")
def parquet_rows_differ(inbox: Path, on: date) -> None:
    right(on, forms={"orders": "parquet"}, entry={"orders": {"rows": 5}}).folder(inbox)


@case("S05", "unknown surprise", file="orders.parquet")
def parquet_unknown_column(inbox: Path, on: date) -> None:
    rows = [order(1, on), order(2, on)]
    names = header_of("orders", rows)
    from warehouse.standard import load

    kinds = [(name, arrow_type(load().extracts["orders"].column(name))) for name in names]
    table = pa.table({name: pa.nulls(2, kind) for name, kind in kinds}).append_column(
        "surprise", pa.array([1, 2])
    )
    sink = io.BytesIO()
    pq.write_table(table, sink)
    _parquet(inbox, on, sink.getvalue())


@case("S02", "Parquet file's rows cannot be read", file="orders.parquet")
def parquet_text_is_not_utf8(inbox: Path, on: date) -> None:
    data = _table(on, worker_id=(pa.string(), ["abcdefg", "abcdefg"]))
    _parquet(inbox, on, data.replace(b"abcdefg", b"\xff\xfe\xff\xfe\xff\xfe\xff"))


@case("S02", "bomb", "rows", file="orders.parquet")
def parquet_of_a_billion_nothings(inbox: Path, on: date) -> None:
    from warehouse.standard import load

    count = 3_000_000
    names = load().extracts["orders"].mandatory
    table = pa.table(
        {
            name: pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int8()), pa.array(["1"]))
            for name in names
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    right(
        on, forms={"orders": "parquet"}, raw={"orders": sink.getvalue()}, entry={"orders": {"rows": count}}
    ).folder(inbox)


# -- names in the inbox ----------------------------------------------------------------------------


@case("S01", "name is not platform-province-date-sequence", "Copy of")
def name_of_a_copy(inbox: Path, on: date) -> None:
    """A copy under another name must not stand in for the right one beside it (it sorts before it)."""
    sent = right(
        on, province="500000", orders=[order(1, on, city_code="500100"), order(2, on, city_code="500100")]
    )
    sent.folder(inbox)
    sent.folder(inbox, name=f"Copy of {right(on).name}")


def package_for(on: date, **more: Any) -> Sent:
    return package(on=on, sent=SENT, **{"orders": [order(1, on)], "enrollment": [spell(1)], **more})
