"""manifest.json: what it says of its package, and everything that is wrong with it (报送规范 1).

Pure: bytes and registers in, values and reasons out. Nothing here trusts the sender: a value may have any JSON
type, any size and any characters.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines.text import safe
from warehouse.identity import credit_code_is_valid
from warehouse.standard import Column, Standard

CHINA = ZoneInfo("Asia/Shanghai")
MANIFEST = "manifest.json"
DEEPEST = 32  # levels of nesting: the standard needs four
NAME = re.compile(r"([A-Z][0-9A-Z]{1,7})-([0-9]{6})-([0-9]{8})-([1-9][0-9]{0,5})")
_DIGEST = re.compile(r"[0-9a-fA-F]{64}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})"
)


@dataclass(frozen=True)
class Reason:
    """Why a package was refused or its figure is untrue; one row of staging.package_reason."""

    rule_id: str
    zh: str
    en: str
    file: str | None = None
    line_no: int | None = None
    value: str | None = None
    expected: str | None = None


@dataclass(frozen=True)
class PublicKey:
    """A platform's key from the register; half-open dates, None = open."""

    platform_code: str
    key_id: str
    public: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day < self.valid_to
        )


@dataclass(frozen=True)
class Registers:
    """What a manifest is held against: the standard, the home's registers, and the clock."""

    standard: Standard
    platforms: Mapping[str, frozenset[str]]  # code → its credit codes, on whatever date
    provinces: frozenset[str]
    keys: Sequence[PublicKey]
    now: datetime  # Asia/Shanghai wall time
    future_tolerance: timedelta


@dataclass(frozen=True)
class Head:
    """What the manifest says the package is; None where it does not say it in a readable way."""

    platform_code: str | None
    province_code: str | None
    business_date: date | None
    sequence: int | None
    submitted_at: datetime | None
    previous_digest: str | None
    reason_code: str | None
    reason_text: str | None


# -- JSON ------------------------------------------------------------------------------------------


def parse_json(raw: bytes) -> Any:
    """JSON as RFC 8259 means it: UTF-8, no BOM, no key twice, no NaN, no endless depth; ValueError says what is wrong."""
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("it starts with a byte order mark (expected UTF-8 without)")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in pairs:
            if key in result:
                raise ValueError(f"key {key[:80]!r} is given twice")
            result[key] = value
        return result

    def refuse(text: str) -> Any:
        raise ValueError(f"{text} is not JSON")

    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: byte {error.start + 1}") from None
    try:
        value = json.loads(text, object_pairs_hook=once, parse_constant=refuse)
    except RecursionError:
        raise ValueError(f"nested deeper than {DEEPEST} levels") from None
    _measure_depth(value)
    return value


def _measure_depth(value: Any) -> None:
    level, depth = [value], 0
    while level := [part for part in level if isinstance(part, (dict, list))]:
        depth += 1
        if depth > DEEPEST:
            raise ValueError(f"nested deeper than {DEEPEST} levels")
        level = [child for part in level for child in (part.values() if isinstance(part, dict) else part)]


# -- the head --------------------------------------------------------------------------------------


def head(manifest: dict[str, Any], name: str, registers: Registers) -> tuple[Head, list[Reason]]:
    """What the package is, and every fault of the keys that say so. `name`: of its folder or zip."""
    standard, get = registers.standard, manifest.get
    reasons = _keys(manifest, standard.manifest.keys, "")
    given = {key for key, value in manifest.items() if value is not None}

    def say(rule: str, key: str, zh: str, en: str, expected: str) -> None:
        reasons.append(
            Reason(rule, f"{zh}：{key}", f"manifest {key}: {en}", MANIFEST, None, shown(get(key)), expected)
        )

    if "standard_version" in given and get("standard_version") != standard.version:
        say("S01", "standard_version", "规范版本不符", f"not {standard.version}", standard.version)
    platform, province = _text(get("platform_code")), _text(get("province_code"))
    if "platform_code" in given and platform not in registers.platforms:
        say("S08", "platform_code", "平台未登记", "not in the platform register", "a registered platform")
    if "province_code" in given and province not in registers.provinces:
        say("S08", "province_code", "省份代码未登记", "not in the province register", "GB/T 2260, six digits")
    credit = _text(get("credit_code"))
    if "credit_code" in given:
        held = registers.platforms.get(platform or "", frozenset())
        if credit is None or not credit_code_is_valid(credit):
            say(
                "V02", "credit_code", "信用代码校验位不符", "check character wrong", "GB 32100, 18 characters"
            )
        elif held and credit not in held:
            say(
                "V02",
                "credit_code",
                "信用代码与登记不符",
                "not the register's for that platform",
                ", ".join(sorted(held)),
            )
    business_date = day(get("business_date"))
    if "business_date" in given and business_date is None:
        say("S01", "business_date", "业务日不是日期", "not a date", "YYYY-MM-DD")
    sequence = whole(get("sequence"), 1, 999_999)
    if "sequence" in given and sequence is None:
        say("S01", "sequence", "批次序号不是正整数", "not a whole number from 1", "1, 2, 3, …")
    submitted = instant(get("submitted_at"))
    if "submitted_at" in given and submitted is None:
        say(
            "S01",
            "submitted_at",
            "发送时间不是带时区偏移的时间",
            "not a timestamp with offset",
            "2025-10-02T05:00:00+08:00",
        )
    if submitted is not None and submitted > registers.now + registers.future_tolerance:
        minutes = int(registers.future_tolerance.total_seconds() // 60)
        say(
            "V04",
            "submitted_at",
            "发送时间晚于当前时间",
            "lies in the future",
            f"at most {minutes} minutes after {registers.now:%Y-%m-%d %H:%M:%S}",
        )
    previous = _text(get("previous_digest"))
    if "previous_digest" in given and (previous is None or not _DIGEST.fullmatch(previous)):
        say("S01", "previous_digest", "上一批次摘要格式不符", "not a SHA-256 in hex", "64 hex digits or null")
        previous = None
    code, text = _reason(get("reason"), standard, reasons)
    reasons += _signature(manifest, platform, submitted, registers)
    found = Head(
        platform,
        province,
        business_date,
        sequence,
        submitted,
        previous.lower() if previous else None,
        code,
        text,
    )
    return _against_name(found, name, reasons), reasons


def _against_name(found: Head, name: str, reasons: list[Reason]) -> Head:
    """The package's name must say what the manifest says; what the manifest leaves open, the name fills."""
    parts = NAME.fullmatch(name)
    if parts is None:
        reasons.append(Reason("S01", "批次名称不合规", "the package's name is not platform-province-date-sequence", None, None, safe(name, 120), "P02-310000-20251001-1"))  # fmt: skip
        return found
    named = named_head(name)
    said = (found.platform_code, found.province_code, found.business_date, found.sequence)
    if None not in said and said != (
        named.platform_code,
        named.province_code,
        named.business_date,
        named.sequence,
    ):
        expected = (
            f"{found.platform_code}-{found.province_code}-{found.business_date:%Y%m%d}-{found.sequence}"
        )
        reasons.append(Reason("S01", "批次名称与清单不符", "the package's name does not say what the manifest says", None, None, name, safe(expected, 120)))  # fmt: skip
    return Head(
        found.platform_code or named.platform_code, found.province_code or named.province_code,
        found.business_date or named.business_date, found.sequence or named.sequence, found.submitted_at,
        found.previous_digest, found.reason_code, found.reason_text,
    )  # fmt: skip


def named_head(name: str) -> Head:
    """What a package's name alone says: a refused package is listed where its name puts it."""
    parts = NAME.fullmatch(name)
    if parts is None:
        return Head(None, None, None, None, None, None, None, None)
    dashed = f"{parts[3][:4]}-{parts[3][4:6]}-{parts[3][6:]}"
    return Head(parts[1], parts[2], day(dashed), int(parts[4]), None, None, None, None)


def _reason(value: Any, standard: Standard, reasons: list[Reason]) -> tuple[str | None, str | None]:
    """The reason's code and text as they are stored."""
    if value is None:
        return None, None
    if not isinstance(value, dict):
        reasons.append(fault("reason", "不是对象", "not an object", value, "{code, text} or null"))
        return None, None
    reasons += _keys(value, standard.manifest.reason, "reason.")
    code, text = value.get("code"), value.get("text")
    if code is not None and _text(code) not in standard.codes["reason_code"]:
        reasons.append(Reason("S08", "重报理由代码未登记", "manifest reason.code: not a code of the standard", MANIFEST, None, shown(code), ", ".join(standard.codes["reason_code"])))  # fmt: skip
    if text is not None and not isinstance(text, str):
        reasons.append(fault("reason.text", "不是文本", "not text", text, "text"))
    return _stored(code, 64), _stored(text, 2000)


def _signature(manifest: dict[str, Any], platform: str | None, submitted: datetime | None, registers: Registers) -> list[Reason]:  # fmt: skip
    """Ed25519 over the canonical JSON of the rest, where the register holds a key for the platform on that day."""
    signature = manifest.get("signature")
    if signature is not None and not isinstance(signature, dict):
        return [
            fault("signature", "不是对象", "not an object", signature, "{algorithm, key_id, value} or null")
        ]
    faults = (
        _keys(signature, registers.standard.manifest.signature, "signature.") if signature is not None else []
    )
    on = (submitted or registers.now).date()
    held = {
        key.key_id: key.public for key in registers.keys if key.platform_code == platform and key.holds(on)
    }
    if not held:
        return faults
    known = ", ".join(sorted(held))
    if signature is None:
        return [*faults, Reason("S03", "缺少签名", "the signature is missing, and the register holds a key", MANIFEST, None, None, known)]  # fmt: skip
    public = held.get(_text(signature.get("key_id")) or "")
    if public is None:
        return [*faults, Reason("S03", "签名密钥未登记", "the signature's key is not registered for that day", MANIFEST, None, shown(signature.get("key_id")), known)]  # fmt: skip
    if signature.get("algorithm") != "ed25519":
        return [*faults, Reason("S03", "签名算法未知", "the signature's algorithm is unknown", MANIFEST, None, shown(signature.get("algorithm")), "ed25519")]  # fmt: skip
    try:
        rest = rfc8785.dumps({key: value for key, value in manifest.items() if key != "signature"})
        value = base64.b64decode(_text(signature.get("value")) or "", validate=True)
        Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).verify(value, rest)
    except (InvalidSignature, binascii.Error, ValueError, rfc8785.CanonicalizationError):
        return [*faults, Reason("S03", "签名无效", "the signature does not verify", MANIFEST, None, shown(signature.get("value")), "base64 of Ed25519 over the canonical JSON (RFC 8785) of the rest")]  # fmt: skip
    return faults


# -- one extract -----------------------------------------------------------------------------------


def entry_faults(entry: dict[str, Any], where: str, standard: Standard) -> list[Reason]:
    """Everything wrong with one object of `extracts`, `where` naming it; nothing here looks at the file itself."""
    reasons = _keys(entry, standard.manifest.extract, f"{where}.")
    given = {key for key, value in entry.items() if value is not None}

    def say(key: str, zh: str, en: str, expected: str, rule: str = "S01") -> None:
        reasons.append(Reason(rule, f"{zh}：{where}.{key}", f"manifest {where}.{key}: {en}", MANIFEST, None, shown(entry.get(key)), expected))  # fmt: skip

    extract, form = _text(entry.get("extract")), _text(entry.get("format"))
    if "extract" in given and extract not in standard.extracts:
        say("extract", "未知的数据种类", "unknown extract", ", ".join(standard.extracts))
    if "format" in given and form not in standard.codes["format"]:
        say("format", "未知的文件格式", "unknown format", ", ".join(standard.codes["format"]))
    encoding = _text(entry.get("encoding"))
    if encoding not in standard.codes["encoding"] and ("encoding" in given or form in ("csv", "csv.gz")):
        say("encoding", "未知的编码", "unknown encoding", ", ".join(standard.codes["encoding"]))
    for key in ("rows", "bytes"):
        if key in given and whole(entry.get(key), 0, 1 << 50) is None:
            say(key, "不是非负整数", "not a whole number from 0", "0, 1, 2, …")
    if "sha256" in given and not _DIGEST.fullmatch(_text(entry.get("sha256")) or ""):
        say("sha256", "不是十六进制摘要", "not a SHA-256 in hex", "64 hex digits")
    rows, nil = whole(entry.get("rows"), 0, 1 << 50), entry.get("nil")
    if "nil" in given and not isinstance(nil, bool):
        say("nil", "零报送标志不是布尔值", "not true or false", "true or false")
    elif isinstance(nil, bool) and rows is not None and nil != (rows == 0):
        say("nil", "零报送标志与行数不符", f"does not agree with rows {rows} (a nil return has 0 rows, and 0 rows are a nil return)", str(rows == 0).lower(), "S02")  # fmt: skip
    totals = entry.get("totals")
    if "totals" in given and not isinstance(totals, dict):
        say("totals", "控制汇总不是对象", "not an object", "an object")
    elif isinstance(totals, dict) and extract in standard.extracts:
        columns = standard.manifest.totals[str(extract)]
        reasons += _keys(totals, columns, f"{where}.totals.")
        for column in columns:
            value = totals.get(column.name)
            number = total(value)
            if value is not None and (
                number is None or (column.type == "integer" and number != number.to_integral_value())
            ):
                reasons.append(fault(f"{where}.totals.{column.name}", "控制汇总不是数字", "not a number", value, "a whole number" if column.type == "integer" else "decimal text"))  # fmt: skip
    name = _text(entry.get("file"))
    if "file" in given and not is_bare(name):
        say(
            "file",
            "文件名不合规",
            "a file must lie in the package itself, by its bare name",
            "a bare file name",
        )
    return reasons


def is_bare(name: str | None) -> bool:
    """A name that can only mean a file in the package itself, that a disk can hold, and that names no person."""
    if not name or name in (".", "..", MANIFEST) or any(part in name for part in "/\\"):
        return False
    return safe(name) == name and len(name.encode("utf-8")) <= 200


def _keys(value: dict[str, Any], columns: Sequence[Column], where: str) -> list[Reason]:
    """Unknown keys, missing keys, and nulls where a value is mandatory."""
    names = [column.name for column in columns]
    found = [
        fault(f"{where}{key}", "清单中有未知项", "unknown key", expected=", ".join(names))
        for key in sorted(set(value) - set(names))
    ]
    found += [
        fault(f"{where}{c.name}", "清单缺项", "missing key")
        for c in columns
        if c.name not in value and not c.null
    ]
    found += [
        fault(f"{where}{c.name}", "清单项为空", "null, and mandatory")
        for c in columns
        if not c.null and value.get(c.name, "") is None
    ]
    return found


# -- values ----------------------------------------------------------------------------------------


def fault(key: str, zh: str, en: str, value: Any = None, expected: str | None = None) -> Reason:
    return Reason(
        "S01",
        f"{zh}：{safe(key, 120)}",
        f"manifest {safe(key, 120)}: {en}",
        MANIFEST,
        None,
        shown(value),
        expected,
    )


def shown(value: Any) -> str | None:
    """A sender's value as a reason shows it."""
    if value is None:
        return None
    return safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)[:2000], 200)


def _stored(value: Any, limit: int) -> str | None:
    return (
        None
        if value is None
        else safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), limit)
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def whole(value: Any, least: int, most: int) -> int | None:
    """A JSON whole number within bounds; true, 1.0 and "1" are none."""
    return (
        value if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else None
    )


def day(value: Any) -> date | None:
    """YYYY-MM-DD from 1900 on, and nothing else."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if found.year >= 1900 else None


def instant(value: Any) -> datetime | None:
    """A timestamp with offset (RFC 3339) as Asia/Shanghai wall time."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return None
    try:
        found = datetime.fromisoformat(value).astimezone(CHINA).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return found if found.year >= 1900 else None


def total(value: Any) -> Decimal | None:
    """A control total as declared: whole number, JSON number or decimal text; None where it is none of these."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,12})?", value):
        return None
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 20 else None


def declared_sizes(manifest: Any) -> dict[str, int]:
    """File → declared bytes, as far as the manifest says it in a readable way."""
    entries = manifest.get("extracts") if isinstance(manifest, dict) else None
    sizes = {}
    for entry in entries[:16] if isinstance(entries, list) else []:
        if isinstance(entry, dict) and is_bare(_text(entry.get("file"))):
            size = whole(entry.get("bytes"), 0, 1 << 50)
            if size is not None:
                sizes[entry["file"]] = size
    return sizes
