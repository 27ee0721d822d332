"""A zip, unpacked as far as its own manifest declares and not a byte further."""

from __future__ import annotations

import stat
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pipelines.manifest import MANIFEST, Reason, declared_sizes, parse_json
from pipelines.text import safe, safe_name

MANIFEST_LIMIT = 1 << 20
FILE_LIMIT = 16 << 30
DIRECTORY_LIMIT = 8 << 20  # a zip's list of contents is read whole: some 100 000 entries at most
RATIO_LIMIT = 250  # unpacked over packed bytes; orders come to some ten, endless zeros to a thousand
SMALL = 1 << 20  # below this no ratio is looked at
SHOWN = 5  # reasons of one kind; the rest is counted


class _Bounded:
    """A file that zipfile may read in sane pieces only."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self.seek, self.tell, self.close = handle.seek, handle.tell, handle.close

    def read(self, size: int = -1) -> bytes:
        data = self._handle.read(size if 0 <= size <= DIRECTORY_LIMIT else DIRECTORY_LIMIT + 1)
        if len(data) > DIRECTORY_LIMIT:
            raise zipfile.BadZipFile(f"its list of contents is over {DIRECTORY_LIMIT} bytes")
        return data

    def seekable(self) -> bool:
        return True


@contextmanager
def damaged(reasons: list[Reason], file: str) -> Iterator[None]:
    """What reading a broken zip or stream may raise is the sender's fault; a failing disk is ours."""
    try:
        yield
    except Exception as error:  # zlib.error, struct.error, BadZipFile and others share no base
        if isinstance(error, OSError) and error.errno not in (
            None,
            22,
        ):  # 22: a place before the file's start
            raise
        if isinstance(error, (MemoryError, AttributeError, TypeError, NameError)):
            raise
        text = "encrypted" if "password" in str(error) else str(error) or type(error).__name__
        reasons.append(
            Reason(
                "S01",
                "压缩包无法读取",
                f"the zip cannot be read: {safe(text, 200)}",
                file,
                None,
                None,
                "a sound zip",
            )
        )


def unpack(source: Path, stem: str, folder: Path, reasons: list[Reason]) -> None:
    """Unpack the manifest and the files it declares into an existing folder; every fault becomes a reason.

    `stem` is the package's name: files lie at the top or in one folder called so.
    """
    file = safe_name(source.name)
    with damaged(reasons, file), source.open("rb") as handle, zipfile.ZipFile(_Bounded(handle)) as archive:
        members = _members(archive, stem, file, reasons)
        if MANIFEST not in members:
            if not reasons:
                reasons.append(Reason("S01", "压缩包中没有清单", f"the zip holds no {MANIFEST}", file, None, None, f"{MANIFEST} at the top or in a folder named like the package"))  # fmt: skip
            return
        info = members[MANIFEST]
        if info.file_size > MANIFEST_LIMIT:
            reasons.append(Reason("S01", "清单过大", "the manifest is too large", MANIFEST, None, str(info.file_size), f"at most {MANIFEST_LIMIT} bytes"))  # fmt: skip
            return
        _write(archive, info, folder / MANIFEST, MANIFEST_LIMIT, reasons)
        for name, size in _declared(folder / MANIFEST).items():
            if name in members:
                _member(archive, members[name], folder / name, size, reasons)


def _members(
    archive: zipfile.ZipFile, stem: str, file: str, reasons: list[Reason]
) -> dict[str, zipfile.ZipInfo]:
    """Name → entry of the package's own files; anything odd is a reason, and odd entries are left alone."""
    members: dict[str, zipfile.ZipInfo] = {}
    odd: list[tuple[str, str, str]] = []
    for info in archive.infolist():
        if info.is_dir():
            continue
        name = info.filename.removeprefix(f"{stem}/")
        if "/" in name or "\\" in name or name in ("", ".", "..") or "\0" in info.orig_filename:
            odd.append(("压缩包内路径越界", "a path in the zip leaves the package", info.filename))
        elif stat.S_ISLNK(info.external_attr >> 16):
            odd.append(("压缩包内含链接", "the zip holds a link", info.filename))
        elif name in members:
            odd.append(("压缩包内文件重名", "the zip holds a file twice", info.filename))
        elif info.flag_bits & 1:
            odd.append(("压缩包已加密", "the zip is encrypted", info.filename))
        else:
            members[name] = info
    counts: Counter[str] = Counter()
    for zh, en, value in odd:
        counts[en] += 1
        if counts[en] <= SHOWN:
            reasons.append(Reason("S01", zh, en, file, None, safe(value, 200), "bare file names"))
    for en, count in counts.items():
        if count > SHOWN:
            reasons.append(
                Reason("S01", f"另有{count - SHOWN}处同类问题", f"{en}: {count - SHOWN} more", file)
            )
    return members


def _declared(manifest: Path) -> dict[str, int]:
    """Nothing where the manifest cannot be read: its faults are found and told by the receiver."""
    if not manifest.exists():
        return {}
    try:
        return declared_sizes(parse_json(manifest.read_bytes()))
    except ValueError:
        return {}


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, declared: int, reasons: list[Reason]
) -> None:
    name = safe(target.name)
    if info.file_size != declared:
        reasons.append(Reason("S02", "文件大小与清单不符", "the file's size differs from the manifest", name, None, str(info.file_size), str(declared)))  # fmt: skip
    elif info.file_size > FILE_LIMIT:
        reasons.append(
            Reason(
                "S02",
                "文件过大",
                "the file is too large",
                name,
                None,
                str(info.file_size),
                f"at most {FILE_LIMIT} bytes",
            )
        )
    elif info.file_size > SMALL and info.file_size > RATIO_LIMIT * max(info.compress_size, 1):
        reasons.append(Reason("S02", "压缩比异常", "packed beyond what data can be: a zip bomb", name, None, f"{info.file_size} bytes in {info.compress_size}", f"at most {RATIO_LIMIT} to 1"))  # fmt: skip
    else:
        _write(archive, info, target, declared, reasons)


def _write(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, limit: int, reasons: list[Reason]
) -> None:
    """One entry, stopped once it unpacks to more than `limit` bytes, whatever its header says."""
    with damaged(reasons, safe(target.name)):
        left = limit
        with archive.open(info) as reader, target.open("wb") as writer:
            while chunk := reader.read(min(1 << 20, left + 1)):
                left -= len(chunk)
                if left < 0:
                    reasons.append(Reason("S02", "解压后超过申报大小", "unpacks to more than declared", safe(target.name), None, f"over {limit} bytes", f"{limit} bytes"))  # fmt: skip
                    break
                writer.write(chunk)
            else:
                return
    target.unlink(missing_ok=True)
