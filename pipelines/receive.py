"""A package: verified and archived byte for byte; or refused with every reason.

Nothing here trusts the sender: names, sizes, links, zip members and JSON are checked before anything is opened,
and what is opened is read only as far as the manifest declares.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from pipelines import vault
from pipelines.look import Look
from pipelines.manifest import (
    CHINA,
    MANIFEST,
    Head,
    Reason,
    Registers,
    entry_faults,
    fault,
    head,
    is_bare,
    named_head,
    parse_json,
    shown,
)  # fmt: skip
from pipelines.text import safe, safe_json, safe_name
from pipelines.unpack import FILE_LIMIT, MANIFEST_LIMIT, unpack
from warehouse.home import Home

__all__ = ["CHINA", "Candidate", "File", "Inbox", "Package", "Reason", "Receiver", "scan", "scan_one"]

Found = TypeVar("Found")
MANY = 200  # reasons kept of one package; the rest is counted


@dataclass(frozen=True)
class File:
    """One extract of a package as it can be read now. `path` is the inbox's own file, or an unpacked copy.

    `look` is what its bytes showed on their way into the archive (CSV only); `stamp` lets a reader notice that
    the file is no longer the one that was archived.
    """

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
    look: Look | None
    stamp: vault.Stamp


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

    @property
    def is_early(self) -> bool:
        """Refused because its submitted_at lies in the future: judged again when it is met again."""
        return any(reason.rule_id == "V04" for reason in self.reasons)

    def known_at(self, *, live: bool) -> datetime:
        """When this version became known; in a replay what it says of itself, as far as the clock allows."""
        return self.received_at if live or self.submitted_at is None or self.is_early else self.submitted_at


@dataclass(frozen=True)
class Candidate:
    """Something complete in the inbox: a package (folder or zip) or a witness file. `name` is fit to be stored."""

    path: Path
    fingerprint: str

    @property
    def name(self) -> str:
        return safe_name(self.path.name)


@dataclass(frozen=True)
class Inbox:
    """What was found; `unreadable` names entries that are there and cannot be read now (the inbox itself can)."""

    packages: tuple[Candidate, ...]
    witnesses: tuple[Candidate, ...]
    ignored: tuple[str, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unread:
    """A candidate that could not be read now: it is left for the next run."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.name}: cannot be read now: {self.why}"


# -- the inbox -------------------------------------------------------------------------------------


def scan(inbox: Path, witness_patterns: Mapping[str, str]) -> Inbox:
    """What is complete in an inbox, by name. OSError where it cannot be listed; one entry's trouble stays its own."""
    packages: list[Candidate] = []
    witnesses: list[Candidate] = []
    ignored: list[str] = []
    unreadable: list[str] = []
    for path in sorted(inbox.iterdir()):
        name = safe_name(path.name)
        if path.name.startswith(".") or path.name.endswith(".part"):
            continue
        try:
            if path.is_dir():
                if os.path.lexists(path / MANIFEST):
                    packages.append(Candidate(path, scan_one(path)))
                else:
                    ignored.append(f"{name}: no {MANIFEST} yet, not complete")
            elif path.suffix == ".zip":
                packages.append(Candidate(path, scan_one(path)))
            elif any(re.fullmatch(pattern, path.name) for pattern in witness_patterns.values()):
                witnesses.append(Candidate(path, scan_one(path)))
            else:
                ignored.append(f"{name}: neither a package nor a witness file")
        except FileNotFoundError:
            ignored.append(f"{name}: gone again")
        except OSError as error:
            unreadable.append(str(Unread(name, error.strerror or str(error))))
    return Inbox(tuple(packages), tuple(witnesses), tuple(ignored), tuple(unreadable))


def read_or_leave(candidate: Candidate, read: Callable[[Candidate], Found]) -> Found | Unread:
    """What reading a candidate gives, or why it could not be read; a failing home is not the candidate's trouble."""
    try:
        return read(candidate)
    except OSError as error:
        if error.filename is None or not Path(os.fsdecode(error.filename)).is_relative_to(candidate.path):
            raise
        return Unread(candidate.name, error.strerror or str(error))


def scan_one(path: Path) -> str:
    """Changes whenever a name, size or time under the path does: lets a seen package be passed over unread."""
    entries = [path, *sorted(path.iterdir())] if path.is_dir() and not path.is_symlink() else [path]
    parts = []
    for entry in entries:
        state = entry.lstat()
        own = (
            (0, 0, 0)
            if stat.S_ISDIR(state.st_mode)
            else (state.st_size, state.st_mtime_ns, state.st_ctime_ns)
        )
        parts.append(b"%s\0%d\0%d\0%d" % (os.fsencode(entry.name), *own))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def _is_regular(path: Path) -> bool:
    """A file proper, not a link, pipe or device."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


# -- one package -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Receiver:
    """Receives packages for one home, against its registers."""

    home: Home
    registers: Registers

    def receive(self, candidate: Candidate) -> Package:
        """Verify, archive and describe one package; never raises for what a sender did.

        OSError with the path as its filename: it cannot be read now (closed to us, or gone again).
        """
        path = candidate.path
        if path.is_symlink():
            return self._unread(candidate, path.name.removesuffix(".zip"), [Reason("S01", "报送批次是链接", "the package is a link", value=candidate.name, expected="a folder or a zip")], None, {})  # fmt: skip
        if path.is_dir():
            return self._from_folder(candidate, path, path.name, [], {})
        if not _is_regular(path):
            return self._unread(candidate, path.stem, [Reason("S01", "不是普通文件", "the zip is not a regular file", candidate.name, None, None, "a zip")], None, {})  # fmt: skip
        if path.stat().st_size > FILE_LIMIT:
            return self._unread(candidate, path.stem, [Reason("S01", "压缩包过大", "the zip is too large", candidate.name, None, str(path.stat().st_size), f"at most {FILE_LIMIT} bytes")], None, {})  # fmt: skip
        return self._from_zip(candidate)

    def _from_zip(self, candidate: Candidate) -> Package:
        reasons: list[Reason] = []
        originals = {candidate.name: vault.archive(self.home, candidate.path).digest}
        folder = self.home.work / f"unzip-{secrets.token_hex(8)}"
        folder.mkdir(parents=True)
        unpack(candidate.path, candidate.path.stem, folder, reasons)
        if not (folder / MANIFEST).exists():
            return self._unread(candidate, candidate.path.stem, reasons, None, originals)
        return self._from_folder(candidate, folder, candidate.path.stem, reasons, originals)

    def _from_folder(
        self, candidate: Candidate, folder: Path, name: str, reasons: list[Reason], originals: dict[str, str]
    ) -> Package:
        path = folder / MANIFEST
        if not _is_regular(path):
            reasons.append(Reason("S01", "清单不是普通文件", "the manifest is a link, or not a regular file", MANIFEST, None, None, "a regular file"))  # fmt: skip
            return self._unread(candidate, name, reasons, None, originals)
        if path.stat().st_size > MANIFEST_LIMIT:
            reasons.append(Reason("S01", "清单过大", "the manifest is too large", MANIFEST, None, str(path.stat().st_size), f"at most {MANIFEST_LIMIT} bytes"))  # fmt: skip
            return self._unread(candidate, name, reasons, None, originals)
        pieces: list[bytes] = []
        kept = {MANIFEST: vault.archive(self.home, path, watch=pieces.append).digest}
        raw = b"".join(pieces)  # the very bytes that were archived, whatever becomes of the file
        try:
            manifest = parse_json(raw)
            if not isinstance(manifest, dict):
                raise ValueError("it is not an object")
        except ValueError as error:
            reasons.append(Reason("S01", "清单无法读取", f"the manifest cannot be read: {safe(str(error), 300)}", MANIFEST, None, None, "one JSON object (UTF-8, no key twice)"))  # fmt: skip
            return self._unread(candidate, name, reasons, raw, originals | kept)
        found, faults = head(manifest, name, self.registers)
        reasons += faults
        files = self._files(manifest, folder, reasons, kept)
        return _package(
            candidate,
            name,
            found,
            reasons,
            raw,
            originals | kept,
            _version(name, kept),
            self.registers.now,
            files,
        )

    # -- the three files ---------------------------------------------------------------------------

    def _files(
        self, manifest: dict[str, Any], folder: Path, reasons: list[Reason], kept: dict[str, str]
    ) -> list[File]:
        extracts, standard = manifest.get("extracts"), self.registers.standard
        if not isinstance(extracts, list):
            if extracts is not None:
                reasons.append(
                    fault(
                        "extracts", "数据文件清单不是列表", "not a list", extracts, "a list of three objects"
                    )
                )
            return []
        found: list[File] = []
        listed = [entry.get("extract") for entry in extracts if isinstance(entry, dict)]
        for name, extract in standard.extracts.items():
            if listed.count(name) == 0:
                reasons.append(fault("extracts", f"缺少{extract.title_zh}", f"{name} is missing (a nil return too is a file)", expected="all three extracts"))  # fmt: skip
            elif listed.count(name) > 1:
                reasons.append(
                    fault(
                        "extracts",
                        f"{extract.title_zh}重复",
                        f"{name} is listed twice",
                        expected="each extract once",
                    )
                )
        names: set[str] = set()
        for index, entry in enumerate(extracts[:16]):
            where = f"extracts[{index}]"
            if not isinstance(entry, dict):
                reasons.append(fault(where, "数据文件项不是对象", "not an object", entry, "an object"))
                continue
            faults = entry_faults(entry, where, standard)
            bare = entry.get("file")
            if isinstance(bare, str) and bare in names:
                faults.append(
                    fault(
                        f"{where}.file", "数据文件重复", "a file is listed twice", bare, "one file an extract"
                    )
                )
            elif isinstance(bare, str) and is_bare(bare):
                names.add(bare)
                file = self._file(
                    entry, folder / bare, bare, faults, kept, any(r.file == bare for r in reasons)
                )
                if file is not None and not faults:
                    found.append(file)
            reasons += faults
        if len(extracts) > 16:
            reasons.append(
                fault("extracts", "数据文件过多", "far more than three extracts", len(extracts), "3")
            )
        return found

    def _file(
        self,
        entry: dict[str, Any],
        path: Path,
        name: str,
        faults: list[Reason],
        kept: dict[str, str],
        told: bool,
    ) -> File | None:
        """Archive one declared file and hold its bytes against the manifest. `told`: the zip already said what is wrong."""
        if not os.path.lexists(path):
            if not told:
                faults.append(Reason("S02", "文件缺失", "the file is missing from the package", name, None, None, "every file that the manifest names"))  # fmt: skip
            return None
        if not _is_regular(path):
            faults.append(Reason("S01", "文件是链接或非普通文件", "the file is a link, or not a regular file", name, None, None, "a regular file"))  # fmt: skip
            return None
        size = path.stat().st_size
        if size > FILE_LIMIT:
            faults.append(
                Reason(
                    "S02",
                    "文件过大",
                    "the file is too large",
                    name,
                    None,
                    str(size),
                    f"at most {FILE_LIMIT} bytes",
                )
            )
            return None
        look = Look() if entry.get("format") == "csv" else None
        original = vault.archive(self.home, path, watch=look.see if look is not None else None)
        kept[name] = original.digest
        if isinstance(entry.get("bytes"), int) and original.size != entry["bytes"]:
            faults.append(Reason("S02", "文件大小与清单不符", "the file's size differs from the manifest", name, None, str(original.size), shown(entry["bytes"])))  # fmt: skip
        if isinstance(entry.get("sha256"), str) and original.digest != entry["sha256"].lower():
            faults.append(Reason("S02", "文件摘要与清单不符", "the file's SHA-256 differs from the manifest", name, None, original.digest, shown(entry["sha256"])))  # fmt: skip
        if faults:
            return None
        return File(
            entry["extract"], name, path, entry["format"], entry.get("encoding") or "utf-8", entry["rows"], original.size,
            original.digest, entry["totals"], entry["nil"], look.finish() if look is not None else None, original.stamp,
        )  # fmt: skip

    def _unread(
        self,
        candidate: Candidate,
        name: str,
        reasons: list[Reason],
        manifest: bytes | None,
        originals: Mapping[str, str],
    ) -> Package:
        """A package whose manifest says nothing: refused, kept as far as it is files, listed where its name puts it."""
        kept = dict(originals)
        if candidate.path.is_dir() and not candidate.path.is_symlink():
            for path in [p for p in sorted(candidate.path.iterdir()) if _is_regular(p)][:16]:
                if path.name not in kept and path.stat().st_size <= FILE_LIMIT:
                    kept[safe_name(path.name)] = vault.archive(self.home, path).digest
        version = _version(name, kept or {candidate.name: candidate.fingerprint})
        return _package(
            candidate, name, named_head(name), reasons, manifest, kept, version, self.registers.now, []
        )


def _version(name: str, files: Mapping[str, str]) -> str:
    """The same name and bytes are the same version, whether a folder or a zip brought them."""
    parts = [safe_name(name), *(f"{key}\0{value}" for key, value in sorted(files.items()))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _stored_manifest(raw: bytes) -> str:
    """The manifest as readers of the warehouse see it; the bytes themselves are in the archive."""
    try:
        return json.dumps(safe_json(parse_json(raw)), ensure_ascii=False)
    except ValueError:
        return safe(raw.decode("utf-8", "replace"))


def _package(
    candidate: Candidate, name: str, found: Head, reasons: list[Reason], manifest: bytes | None,
    originals: Mapping[str, str], version: str, now: datetime, files: list[File],
) -> Package:  # fmt: skip
    """Everything of a sender's that is stored passes through `safe` here, or has before."""

    def short(text: str | None) -> str | None:
        return None if text is None else safe(text, 16)

    kept: list[Reason] = list(dict.fromkeys(reasons))
    if len(kept) > MANY:
        kept = [
            *kept[:MANY],
            Reason("S01", f"另有{len(kept) - MANY}条理由", f"{len(kept) - MANY} reasons more"),
        ]
    return Package(
        version_id=version,
        submission=safe_name(name),
        fingerprint=candidate.fingerprint,
        platform_code=short(found.platform_code),
        province_code=short(found.province_code),
        business_date=found.business_date,
        sequence=found.sequence,
        submitted_at=found.submitted_at,
        received_at=now,
        manifest_digest=hashlib.sha256(manifest).hexdigest() if manifest is not None else None,
        previous_digest=found.previous_digest,
        reason_code=found.reason_code,
        reason_text=found.reason_text,
        manifest_text=_stored_manifest(manifest) if manifest is not None else None,
        originals=originals,
        files=() if kept else tuple(files),
        reasons=tuple(kept),
    )
