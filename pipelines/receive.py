"""A package: verified and archived byte for byte; or refused with every reason.

Nothing here trusts the sender: names, sizes, links, zip members and JSON are checked before anything
is opened, and what is opened is read only as far as the manifest declares.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import secrets
import stat
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines import vault
from warehouse.home import Home
from warehouse.identity import credit_code_is_valid
from warehouse.standard import Standard

CHINA = ZoneInfo("Asia/Shanghai")
MANIFEST = "manifest.json"
MANIFEST_LIMIT = 1 << 20
FILE_LIMIT = 16 << 30
NAME = re.compile(r"([A-Z][0-9A-Z]{1,7})-([0-9]{6})-([0-9]{8})-([1-9][0-9]{0,5})")
_CONTROLS = bytes(byte for byte in range(256) if byte >= 32 and byte != 127 or byte in (10, 13))


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
class File:
    """One extract of a package as it can be read now. `path` is the inbox's own file, or an unpacked copy."""

    extract: str
    name: str
    path: Path
    format: str
    encoding: str
    rows: int
    bytes: int
    sha256: str
    totals: Mapping[str, Any]
    nil: bool
    has_quotes: bool = False
    has_controls: bool = False


@dataclass(frozen=True)
class Package:
    """One version of one submission. `reasons` that refuse leave `files` empty."""

    version_id: str
    submission: str
    fingerprint: str
    platform_code: str | None
    province_code: str | None
    business_date: date | None
    sequence: int | None
    submitted_at: datetime | None
    received_at: datetime
    manifest_digest: str | None
    previous_digest: str | None
    reason_code: str | None
    reason_text: str | None
    manifest_text: str | None
    originals: Mapping[str, str]
    files: tuple[File, ...] = ()
    reasons: tuple[Reason, ...] = ()

    @property
    def refused(self) -> bool:
        return any(reason.rule_id != "S09" for reason in self.reasons)

    def with_reasons(self, *more: Reason) -> Package:
        return replace(self, reasons=self.reasons + more)


@dataclass(frozen=True)
class Candidate:
    """Something complete in the inbox: a package (folder or zip) or a witness file."""

    path: Path
    fingerprint: str


@dataclass(frozen=True)
class Inbox:
    packages: tuple[Candidate, ...]
    witnesses: tuple[Candidate, ...]
    ignored: tuple[str, ...]


def scan(inbox: Path, witness_patterns: Mapping[str, str]) -> Inbox:
    """What is complete in an inbox, by name. OSError where it cannot be listed."""
    packages, witnesses, ignored = [], [], []
    for path in sorted(inbox.iterdir()):
        if path.name.startswith(".") or path.name.endswith(".part"):
            continue
        if path.is_dir():
            if (path / MANIFEST).exists() or (path / MANIFEST).is_symlink():
                packages.append(Candidate(path, scan_one(path)))
            else:
                ignored.append(f"{path.name}: no {MANIFEST} yet, not complete")
        elif path.suffix == ".zip":
            packages.append(Candidate(path, scan_one(path)))
        elif any(re.fullmatch(pattern, path.name) for pattern in witness_patterns.values()):
            witnesses.append(Candidate(path, scan_one(path)))
        else:
            ignored.append(f"{path.name}: neither a package nor a witness file")
    return Inbox(tuple(packages), tuple(witnesses), tuple(ignored))


def scan_one(path: Path) -> str:
    """Changes whenever a name, size or time under the path does: lets a seen package be passed over unread."""
    entries = [path, *sorted(path.iterdir())] if path.is_dir() and not path.is_symlink() else [path]
    parts = []
    for entry in entries:
        state = entry.lstat()
        size = 0 if stat.S_ISDIR(state.st_mode) else state.st_size
        when = 0 if stat.S_ISDIR(state.st_mode) else state.st_mtime_ns
        parts.append(f"{entry.name}\0{size}\0{when}")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


@dataclass
class Receiver:
    """What a package is judged against: the standard, the registers of the home, and the clock."""

    home: Home
    standard: Standard
    platforms: Mapping[str, str]  # code → credit code
    provinces: frozenset[str]
    keys: Mapping[str, Mapping[str, str]]  # platform → key id → base64 public key
    now: datetime  # Asia/Shanghai wall time
    future_tolerance: timedelta
    archive_originals: bool = True

    def receive(self, candidate: Candidate) -> Package:
        """Verify, archive and describe one package; never raises for what a sender did."""
        reasons: list[Reason] = []
        if candidate.path.is_symlink():
            reasons.append(Reason("S01", "报送批次是链接", "the package is a link", value=candidate.path.name))
            return self._refused(candidate, reasons, None, {})
        if candidate.path.is_dir():
            return self._from_folder(candidate, candidate.path, candidate.path.name, reasons, {})
        return self._from_zip(candidate, reasons)

    # -- zip ---------------------------------------------------------------------------------------

    def _from_zip(self, candidate: Candidate, reasons: list[Reason]) -> Package:
        originals = {candidate.path.name: self._keep(candidate.path)}
        folder = self.home.work / f"unzip-{secrets.token_hex(8)}"  # packages are received side by side
        folder.mkdir(parents=True)
        try:
            with zipfile.ZipFile(candidate.path) as archive:
                self._unzip(archive, candidate.path.stem, folder, reasons)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            reasons.append(Reason("S01", "压缩包无法读取", f"the zip cannot be read: {error}", file=candidate.path.name))
        except (OSError, ValueError, OverflowError, binascii.Error) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            reasons.append(Reason("S01", "压缩包无法读取", f"the zip cannot be read: {error}", file=candidate.path.name))
        except Exception as error:  # zlib.error and friends have no common base: a damaged stream is the sender's
            if type(error).__module__ not in ("zlib", "lzma", "_lzma", "bz2", "_bz2", "struct"):
                raise
            reasons.append(Reason("S01", "压缩包无法读取", f"the zip cannot be read: {error}", file=candidate.path.name))
        if not (folder / MANIFEST).exists() and not reasons:
            reasons.append(Reason("S01", "压缩包中没有清单", f"the zip holds no {MANIFEST}", file=candidate.path.name))
        if reasons and not (folder / MANIFEST).exists():
            return self._refused(candidate, reasons, None, originals)
        return self._from_folder(candidate, folder, candidate.path.stem, reasons, originals)

    def _unzip(self, archive: zipfile.ZipFile, stem: str, folder: Path, reasons: list[Reason]) -> None:
        """Unpack the manifest and the files it declares, each only as far as its declared size."""
        members: dict[str, zipfile.ZipInfo] = {}
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = info.filename.removeprefix(f"{stem}/")
            mode = info.external_attr >> 16
            if "/" in name or "\\" in name or name in ("", ".", "..") or "\0" in info.orig_filename:
                reasons.append(Reason("S01", "压缩包内路径越界", "a path in the zip leaves the package", value=info.filename[:200]))
            elif stat.S_ISLNK(mode):
                reasons.append(Reason("S01", "压缩包内含链接", "the zip holds a link", value=info.filename[:200]))
            elif name in members:
                reasons.append(Reason("S01", "压缩包内文件重名", "the zip holds a file twice", value=info.filename[:200]))
            elif info.flag_bits & 1:
                reasons.append(Reason("S01", "压缩包已加密", "the zip is encrypted", value=info.filename[:200]))
            else:
                members[name] = info
        if MANIFEST not in members:
            return
        if members[MANIFEST].file_size > MANIFEST_LIMIT:
            reasons.append(Reason("S01", "清单过大", f"the manifest is over {MANIFEST_LIMIT} bytes", value=str(members[MANIFEST].file_size)))
            return
        self._unpack(archive, members[MANIFEST], folder / MANIFEST, MANIFEST_LIMIT, reasons)
        if reasons:
            return
        declared = _declared_sizes(folder / MANIFEST)
        for name, info in members.items():
            if name == MANIFEST or name not in declared:
                continue
            if info.file_size != declared[name]:
                reasons.append(
                    Reason("S02", "文件大小与清单不符", "the file's size differs from the manifest", name, None, str(info.file_size), str(declared[name]))
                )
            else:
                self._unpack(archive, info, folder / name, declared[name], reasons)

    @staticmethod
    def _unpack(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, limit: int, reasons: list[Reason]) -> None:
        left = min(limit, FILE_LIMIT)
        with archive.open(info) as reader, open(target, "wb") as writer:
            while chunk := reader.read(min(1 << 20, left + 1)):
                left -= len(chunk)
                if left < 0:
                    target.unlink()
                    reasons.append(Reason("S02", "解压后超过申报大小", "unpacks to more than declared", info.filename[:200], None, None, str(limit)))
                    return
                writer.write(chunk)

    # -- folder ------------------------------------------------------------------------------------

    def _from_folder(
        self, candidate: Candidate, folder: Path, name: str, reasons: list[Reason], originals: dict[str, str]
    ) -> Package:
        path = folder / MANIFEST
        if path.is_symlink() or not path.is_file():
            reasons.append(Reason("S01", "清单不是普通文件", f"{MANIFEST} is not a regular file", file=MANIFEST))
            return self._refused(candidate, reasons, None, originals)
        if path.stat().st_size > MANIFEST_LIMIT:
            reasons.append(Reason("S01", "清单过大", f"the manifest is over {MANIFEST_LIMIT} bytes", file=MANIFEST))
            return self._refused(candidate, reasons, None, originals | {MANIFEST: self._keep(path)})
        raw = path.read_bytes()
        originals = originals | {MANIFEST: self._keep(path)}
        try:
            manifest = parse_json(raw)
        except ValueError as error:
            reasons.append(Reason("S01", "清单无法读取", f"the manifest cannot be read: {error}", file=MANIFEST))
            return self._refused(candidate, reasons, raw, originals)
        if not isinstance(manifest, dict):
            reasons.append(Reason("S01", "清单不是对象", "the manifest is not a JSON object", file=MANIFEST))
            return self._refused(candidate, reasons, raw, originals)
        head = self._head(manifest, name, reasons)
        files = self._files(manifest, folder, reasons, originals)
        self._signature(manifest, reasons)
        reason = manifest.get("reason") if isinstance(manifest.get("reason"), dict) else {}
        digests = "\n".join(f"{key}\0{value}" for key, value in sorted(originals.items()) if not key.endswith(".zip"))
        return Package(
            version_id=hashlib.sha256(digests.encode()).hexdigest(),
            submission=name,
            fingerprint=candidate.fingerprint,
            manifest_digest=hashlib.sha256(raw).hexdigest(),
            manifest_text=raw.decode("utf-8", "replace"),
            previous_digest=manifest["previous_digest"] if isinstance(manifest.get("previous_digest"), str) else None,
            reason_code=str(reason["code"])[:64] if reason and reason.get("code") is not None else None,
            reason_text=str(reason["text"])[:2000] if reason and reason.get("text") is not None else None,
            received_at=self.now,
            originals=originals,
            files=tuple(files),
            reasons=tuple(reasons),
            **head,
        )  # fmt: skip

    def _head(self, manifest: dict[str, Any], name: str, reasons: list[Reason]) -> dict[str, Any]:
        """The keys that say what the package is; every fault is a reason."""
        known = {column.name for column in self.standard.manifest.keys}
        for key in sorted(set(manifest) - known):
            reasons.append(_manifest_fault(key[:80], "unknown key", "清单中有未知项"))
        for column in self.standard.manifest.keys:
            if column.name not in manifest and not column.null:
                reasons.append(_manifest_fault(column.name, "missing key", "清单缺项"))
        get = manifest.get
        if get("standard_version") not in (None, self.standard.version):
            reasons.append(_manifest_fault("standard_version", f"not {self.standard.version}", "规范版本不符", get("standard_version"), self.standard.version))
        platform, province = get("platform_code"), get("province_code")
        if "platform_code" in manifest and platform not in self.platforms:
            reasons.append(Reason("S08", "平台未登记", "platform_code is not in the platform register", MANIFEST, None, _short(platform), "a registered platform"))
        if "province_code" in manifest and province not in self.provinces:
            reasons.append(Reason("S08", "省份代码未登记", "province_code is not in the province register", MANIFEST, None, _short(province), "GB/T 2260, six digits"))
        credit = get("credit_code")
        if "credit_code" in manifest:
            if not isinstance(credit, str) or not credit_code_is_valid(credit):
                reasons.append(Reason("V02", "信用代码校验位不符", "credit_code: check character wrong", MANIFEST, None, _short(credit), "GB 32100"))
            elif platform in self.platforms and credit != self.platforms[platform]:
                reasons.append(Reason("V02", "信用代码与登记不符", "credit_code is not the register's", MANIFEST, None, credit, self.platforms[platform]))
        business_date = _date(get("business_date"))
        if "business_date" in manifest and business_date is None:
            reasons.append(_manifest_fault("business_date", "not a date", "业务日不是日期", get("business_date"), "YYYY-MM-DD"))
        sequence = get("sequence")
        if "sequence" in manifest and (not isinstance(sequence, int) or isinstance(sequence, bool) or not 1 <= sequence < 1_000_000):
            reasons.append(_manifest_fault("sequence", "not a whole number from 1", "批次序号不是正整数", sequence, "1, 2, 3, …"))
            sequence = None
        submitted = _instant(get("submitted_at"))
        if "submitted_at" in manifest and submitted is None:
            reasons.append(_manifest_fault("submitted_at", "not a timestamp with offset", "发送时间不是带时区偏移的时间", get("submitted_at"), "2025-10-02T05:00:00+08:00"))
        if submitted is not None and submitted > self.now + self.future_tolerance:
            reasons.append(Reason("V04", "发送时间晚于当前时间", "submitted_at lies in the future", MANIFEST, None, str(get("submitted_at")), f"not after {self.now:%Y-%m-%d %H:%M:%S} by more than {self.future_tolerance}"))
        previous = get("previous_digest")
        if previous is not None and not (isinstance(previous, str) and re.fullmatch(r"[0-9a-f]{64}", previous)):
            reasons.append(_manifest_fault("previous_digest", "not a SHA-256 in hex", "上一批次摘要格式不符", previous, "64 hex digits or null"))
        reason = get("reason")
        if reason is not None and not isinstance(reason, dict):
            reasons.append(_manifest_fault("reason", "not an object", "理由不是对象", reason, "{code, text}"))
        elif isinstance(reason, dict) and reason.get("code") not in self.standard.codes["reason_code"]:
            reasons.append(Reason("S08", "重报理由代码未登记", "reason.code is unknown", MANIFEST, None, _short(reason.get("code")), ", ".join(self.standard.codes["reason_code"])))
        parts = NAME.fullmatch(name)
        said = (platform, province, business_date, sequence)
        if parts is None:
            reasons.append(Reason("S01", "批次名称不合规", "the package's name is not platform-province-date-sequence", None, None, name[:120], "P02-310000-20251001-1"))
        elif None not in said and (parts[1], parts[2], _date(parts[3]), int(parts[4])) != said:
            reasons.append(Reason("S01", "批次名称与清单不符", "the package's name does not say what the manifest says", None, None, name[:120], f"{platform}-{province}-{business_date:%Y%m%d}-{sequence}"))
        if parts is not None:  # a refused package is listed where its name puts it
            platform = platform if isinstance(platform, str) else parts[1]
            province = province if isinstance(province, str) else parts[2]
            business_date = business_date or _date(parts[3])
            sequence = sequence or int(parts[4])
        return {
            "platform_code": platform[:16] if isinstance(platform, str) else None,
            "province_code": province[:16] if isinstance(province, str) else None,
            "business_date": business_date,
            "sequence": sequence,
            "submitted_at": submitted,
        }

    def _files(
        self, manifest: dict[str, Any], folder: Path, reasons: list[Reason], originals: dict[str, str]
    ) -> list[File]:
        extracts = manifest.get("extracts")
        if not isinstance(extracts, list):
            if "extracts" in manifest:
                reasons.append(_manifest_fault("extracts", "not a list", "数据文件清单不是列表"))
            return []
        found: dict[str, File] = {}
        names: set[str] = set()
        for index, entry in enumerate(extracts[:16]):
            file = self._file(entry, f"extracts[{index}]", folder, reasons, originals)
            if file is None:
                continue
            if file.extract in found or file.name in names:
                reasons.append(_manifest_fault("extracts", "an extract or file is listed twice", "数据文件重复", file.name))
            found[file.extract] = file
            names.add(file.name)
        listed = {entry.get("extract") for entry in extracts if isinstance(entry, dict)}
        for missing in (name for name in self.standard.extracts if name not in listed):
            reasons.append(_manifest_fault("extracts", f"{missing} is missing (a nil return too is a file)", f"缺少{self.standard.extracts[missing].title_zh}"))
        if len(extracts) > len(self.standard.extracts) and listed <= set(self.standard.extracts):
            reasons.append(_manifest_fault("extracts", "more than three extracts", "数据文件多于三个"))
        return list(found.values())

    def _file(
        self, entry: Any, where: str, folder: Path, reasons: list[Reason], originals: dict[str, str]
    ) -> File | None:
        if not isinstance(entry, dict):
            reasons.append(_manifest_fault(where, "not an object", "数据文件项不是对象"))
            return None
        fault = len(reasons)
        known = {column.name for column in self.standard.manifest.extract}
        for key in sorted(set(entry) - known):
            reasons.append(_manifest_fault(f"{where}.{key[:80]}", "unknown key", "清单中有未知项"))
        for column in self.standard.manifest.extract:
            if column.name not in entry and not column.null:
                reasons.append(_manifest_fault(f"{where}.{column.name}", "missing key", "清单缺项"))
        extract, name = entry.get("extract"), entry.get("file")
        if extract not in self.standard.extracts:
            reasons.append(_manifest_fault(f"{where}.extract", "unknown extract", "未知的数据种类", extract, ", ".join(self.standard.extracts)))
        if entry.get("format") not in self.standard.codes["format"]:
            reasons.append(_manifest_fault(f"{where}.format", "unknown format", "未知的文件格式", entry.get("format"), ", ".join(self.standard.codes["format"])))
        if entry.get("encoding") not in (None, *self.standard.codes["encoding"]):
            reasons.append(_manifest_fault(f"{where}.encoding", "unknown encoding", "未知的编码", entry.get("encoding"), ", ".join(self.standard.codes["encoding"])))
        for key in ("rows", "bytes"):
            if not isinstance(entry.get(key), int) or isinstance(entry.get(key), bool) or not 0 <= entry[key] < 1 << 50:
                reasons.append(_manifest_fault(f"{where}.{key}", "not a whole number from 0", "不是非负整数", entry.get(key)))
        if not isinstance(entry.get("nil"), bool):
            reasons.append(_manifest_fault(f"{where}.nil", "not true or false", "零报送标志不是布尔值", entry.get("nil")))
        elif entry["nil"] and entry.get("rows") != 0:
            reasons.append(_manifest_fault(f"{where}.nil", "a nil return has 0 rows", "零报送的行数应为0", entry.get("rows"), "0"))
        if not isinstance(entry.get("totals"), dict):
            reasons.append(_manifest_fault(f"{where}.totals", "not an object", "控制汇总不是对象"))
        elif extract in self.standard.extracts:
            self._totals(extract, entry["totals"], where, reasons)
        if not isinstance(name, str) or not name or "/" in name or "\\" in name or "\0" in name or name in (".", "..", MANIFEST):
            reasons.append(Reason("S01", "文件名不合规", "a file must lie in the package itself, by its bare name", MANIFEST, None, _short(name), "a bare file name"))
            return None
        path = folder / name
        if path.is_symlink() or (path.exists() and not path.is_file()):
            reasons.append(Reason("S01", "文件是链接或非普通文件", "the file is a link or not a regular file", name[:200]))
            return None
        if not path.exists():
            if not any(reason.file == name for reason in reasons):
                reasons.append(Reason("S02", "文件缺失", "the file is missing from the package", name[:200]))
            return None
        size = path.stat().st_size
        seen = {"quotes": False, "controls": False}

        def watch(chunk: bytes) -> None:
            if not seen["quotes"] and b'"' in chunk:
                seen["quotes"] = True
            if not seen["controls"] and chunk.translate(None, _CONTROLS):
                seen["controls"] = True

        digest = self._keep(path, watch if entry.get("format") == "csv" else None)
        originals[name] = digest
        if isinstance(entry.get("bytes"), int) and size != entry["bytes"]:
            reasons.append(Reason("S02", "文件大小与清单不符", "the file's size differs from the manifest", name, None, str(size), str(entry["bytes"])))
        if digest != entry.get("sha256"):
            reasons.append(Reason("S02", "文件摘要与清单不符", "the file's SHA-256 differs from the manifest", name, None, digest, _short(entry.get("sha256"))))
        if len(reasons) > fault:
            return None
        return File(
            extract, name, path, entry["format"], entry.get("encoding") or "utf-8", entry["rows"], size, digest,
            entry["totals"], entry["nil"], seen["quotes"], seen["controls"],
        )  # fmt: skip

    def _totals(self, extract: str, totals: dict[str, Any], where: str, reasons: list[Reason]) -> None:
        columns = {column.name: column for column in self.standard.manifest.totals[extract]}
        for key in sorted(set(totals) ^ set(columns)):
            word = ("unknown key", "清单中有未知项") if key in totals else ("missing key", "清单缺项")
            if key in totals or not columns[key].null:
                reasons.append(_manifest_fault(f"{where}.totals.{key[:80]}", *word))
        for key, column in columns.items():
            value = totals.get(key)
            if value is None or total(value) is not None and (column.type == "decimal" or total(value) == int(total(value) or 0)):
                continue
            reasons.append(_manifest_fault(f"{where}.totals.{key}", "not a number", "控制汇总不是数字", value))

    def _signature(self, manifest: dict[str, Any], reasons: list[Reason]) -> None:
        """Ed25519 over the canonical JSON of the rest, where the register holds a key for the platform."""
        held = self.keys.get(str(manifest.get("platform_code")), {})
        signature = manifest.get("signature")
        if not held:
            if signature is not None and not isinstance(signature, dict):
                reasons.append(_manifest_fault("signature", "not an object", "签名不是对象"))
            return
        if not isinstance(signature, dict):
            reasons.append(Reason("S03", "缺少签名", "the signature is missing and the register holds a key", MANIFEST))
            return
        public = held.get(str(signature.get("key_id")))
        if public is None or signature.get("algorithm") != "ed25519":
            reasons.append(Reason("S03", "签名密钥未登记", "the signature's key is not registered", MANIFEST, None, _short(signature.get("key_id")), ", ".join(held)))
            return
        try:
            rest = rfc8785.dumps({key: value for key, value in manifest.items() if key != "signature"})
            Ed25519PublicKey.from_public_bytes(base64.b64decode(public)).verify(
                base64.b64decode(str(signature.get("value")), validate=True), rest
            )
        except (InvalidSignature, binascii.Error, ValueError, rfc8785.CanonicalizationError):
            reasons.append(Reason("S03", "签名无效", "the signature does not verify", MANIFEST))

    # -- shared ------------------------------------------------------------------------------------

    def _keep(self, path: Path, watch: Any = None) -> str:
        if self.archive_originals:
            return vault.archive(self.home, path, watch=watch)[0]
        digest = hashlib.sha256()
        for chunk in _chunks(path):
            digest.update(chunk)
            if watch is not None:
                watch(chunk)
        return digest.hexdigest()

    def _refused(
        self, candidate: Candidate, reasons: list[Reason], manifest: bytes | None, originals: Mapping[str, str]
    ) -> Package:
        """A package whose manifest says nothing: listed where its name puts it."""
        name = candidate.path.stem if candidate.path.suffix == ".zip" else candidate.path.name
        parts = NAME.fullmatch(name)
        if candidate.path.is_dir() and not candidate.path.is_symlink():
            files = (path for path in sorted(candidate.path.iterdir()) if path.is_file() and not path.is_symlink())
            originals = dict(originals) | {path.name: self._keep(path) for path in list(files)[:16] if path.name not in originals}
        content = "\n".join(f"{key}\0{value}" for key, value in sorted(originals.items())) or candidate.fingerprint
        return Package(
            version_id=hashlib.sha256(content.encode()).hexdigest(),
            submission=name,
            fingerprint=candidate.fingerprint,
            platform_code=parts[1] if parts else None,
            province_code=parts[2] if parts else None,
            business_date=_date(parts[3]) if parts else None,
            sequence=int(parts[4]) if parts else None,
            submitted_at=None,
            received_at=self.now,
            manifest_digest=hashlib.sha256(manifest).hexdigest() if manifest is not None else None,
            previous_digest=None,
            reason_code=None,
            reason_text=None,
            manifest_text=manifest.decode("utf-8", "replace") if manifest is not None else None,
            originals=originals,
            reasons=tuple(reasons),
        )


def parse_json(raw: bytes) -> Any:
    """JSON as RFC 8259 means it: UTF-8 without duplicate keys, NaN or endless depth; ValueError says what is wrong."""

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
        return json.loads(raw.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def total(value: Any) -> Decimal | None:
    """A control total as declared: whole number, JSON number or decimal text; None where it is none of these."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,12})?", value):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < Decimal(10) ** 30 else None


def _declared_sizes(path: Path) -> dict[str, int]:
    """File → declared bytes; empty where the manifest does not say (its faults are found later)."""
    try:
        manifest = parse_json(path.read_bytes())
    except ValueError:
        return {}
    entries = manifest.get("extracts") if isinstance(manifest, dict) else None
    return {
        entry["file"]: entry["bytes"]
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("file"), str) and isinstance(entry.get("bytes"), int)
    }


def _chunks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as handle:
        while chunk := handle.read(1 << 20):
            yield chunk


def _manifest_fault(key: str, en: str, zh: str, value: Any = None, expected: str | None = None) -> Reason:
    return Reason("S01", f"{zh}：{key}", f"manifest {key}: {en}", MANIFEST, None, _short(value), expected)


def _short(value: Any) -> str | None:
    return None if value is None else str(value)[:200]


def _date(value: Any) -> date | None:
    if not isinstance(value, str):
        return None
    for pattern, form in ((r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "%Y-%m-%d"), (r"[0-9]{8}", "%Y%m%d")):
        if re.fullmatch(pattern, value):
            try:
                found = datetime.strptime(value, form).date()
            except ValueError:
                return None
            return found if found.year >= 1900 else None
    return None


def _instant(value: Any) -> datetime | None:
    """A timestamp with offset as Asia/Shanghai wall time."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(CHINA).replace(tzinfo=None) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
