"""Keys of one home, the encrypted archive of originals, and the tokens that stand for identity numbers.

Keys lie in keys/, outside the database, one file a version (`token-1.key`, `archive-1.key`), mode 0600.
An original is kept byte for byte under its content hash: zstd, then AES-256-GCM in frames, so that a
single flipped bit is found on reading and a file of any size passes in bounded memory.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import os
import secrets
import stat
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import pyarrow as pa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from warehouse.home import Home, sync_folder

FRAME = 1 << 20
MAGIC = b"ZBA1"


class ArchiveDamaged(RuntimeError):
    """An original in the archive is missing or does not decrypt to what its name says."""


class Stamp(NamedTuple):
    """What changes when a file does, whoever sets its times: a rename or a write moves ctime."""

    inode: int
    size: int
    ctime_ns: int


class Kept(NamedTuple):
    """An original in the archive: SHA-256 in hex, size, and the stamp of the file that it was read from."""

    digest: str
    size: int
    stamp: Stamp


@dataclass(frozen=True)
class Key:
    """A secret of this home and its version, as named by its file."""

    version: int
    secret: bytes


def ensure_keys(home: Home) -> None:
    """Create the first version of each key where there is none; idempotent."""
    for purpose in ("token", "archive"):
        if not list(home.keys.glob(f"{purpose}-*.key")):
            path = home.keys / f"{purpose}-1.key"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as handle:
                handle.write(secrets.token_hex(32))
                handle.flush()
                os.fsync(handle.fileno())
            sync_folder(home.keys)


def key(home: Home, purpose: str, version: int | None = None) -> Key:
    """The named version of a key, or the newest; FileNotFoundError names what is missing."""
    found = {int(path.stem.rsplit("-", 1)[1]): path for path in home.keys.glob(f"{purpose}-*.key")}
    wanted = version if version is not None else max(found, default=0)
    if wanted not in found:
        raise FileNotFoundError(
            f"{home.keys}: no {purpose} key of version {wanted}; `zhibao init` creates keys"
        )
    return Key(wanted, bytes.fromhex(found[wanted].read_text(encoding="ascii").strip()))


def tokens(token_key: Key, identity_numbers: Iterable[str]) -> list[str]:
    """HMAC-SM3 tokens of identity numbers, as `version-hex` (128 bits kept: enough to join 10^9 persons)."""
    prefix, secret, digest = f"{token_key.version}-", token_key.secret, hmac.digest
    return [prefix + digest(secret, number.encode(), "sm3").hex()[:32] for number in identity_numbers]


def archive_path(home: Home, digest: str) -> Path:
    return home.archive / digest[:2] / f"{digest}.zst.enc"


class _Frames:
    """A write-only file: cuts what it is given into encrypted frames."""

    closed = False

    def __init__(self, archive_key: Key, sink: Callable[[bytes], object]) -> None:
        self._cipher, self._sink, self._buffer, self._number = (
            AESGCM(archive_key.secret),
            sink,
            bytearray(),
            0,
        )
        self._prefix = secrets.token_bytes(8)
        sink(MAGIC + struct.pack(">I", archive_key.version) + self._prefix)

    def write(self, data: bytes) -> int:
        self._buffer += data
        while len(self._buffer) >= FRAME:
            self._emit(bytes(self._buffer[:FRAME]), last=False)
            del self._buffer[:FRAME]
        return len(data)

    def _emit(self, data: bytes, *, last: bool) -> None:
        nonce = self._prefix + struct.pack(">I", self._number)
        sealed = self._cipher.encrypt(nonce, data, b"last" if last else b"more")
        self._sink(struct.pack(">I", len(sealed)) + sealed)
        self._number += 1

    def finish(self) -> None:
        self._emit(bytes(self._buffer), last=True)

    def flush(self) -> None:
        return

    def close(self) -> None:
        return

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


def stamp(path: Path) -> Stamp | None:
    """The stamp of a regular file as it lies there now; None for anything else."""
    try:
        state = path.lstat()
    except OSError:
        return None
    return Stamp(state.st_ino, state.st_size, state.st_ctime_ns) if stat.S_ISREG(state.st_mode) else None


def _open_regular(source: Path) -> BinaryIO:
    """Open a file that must be one: never follows a link, never waits for a pipe. OSError names the source."""
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", str(source))
    return os.fdopen(descriptor, "rb")


def _pieces(reader: BinaryIO, source: Path) -> Iterator[bytes]:
    """The bytes of a file; OSError names the source, so that it is not mistaken for the archive's trouble."""
    try:
        while chunk := reader.read(FRAME):
            yield chunk
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(source)) from error


def archive(home: Home, source: Path, *, watch: Callable[[bytes], object] | None = None) -> Kept:
    """Keep a file's bytes. `watch` sees every chunk on its way, so that what is judged is what is kept.

    The file is written under a temporary name and renamed once its digest is known; the same content twice is
    one file. Durable only after `settle`: the night calls it before it commits. OSError with the source as its
    filename: the source cannot be read; any other is the home's.
    """
    temporary = home.work / f"archive-{os.getpid()}-{secrets.token_hex(6)}.part"
    digest, size = hashlib.sha256(), 0
    with _open_regular(source) as reader, temporary.open("wb") as writer:
        state = os.fstat(reader.fileno())
        frames = _Frames(key(home, "archive"), writer.write)
        with pa.CompressedOutputStream(pa.PythonFile(frames, mode="w"), pa.Codec("zstd", 1).name) as packed:
            for chunk in _pieces(reader, source):
                digest.update(chunk)
                size += len(chunk)
                if watch is not None:
                    watch(chunk)
                packed.write(chunk)
        frames.finish()
    name = digest.hexdigest()
    target = archive_path(home, name)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(target)  # even where it exists: a power cut may have left an empty one
    return Kept(name, size, Stamp(state.st_ino, state.st_size, state.st_ctime_ns))


def settle() -> None:
    """Make everything archived so far durable: once a night for thousands of small files, before they are counted on."""
    os.sync()


class _Plain:
    """A read-only file over the decrypted frames of an archived original."""

    closed = False

    def __init__(self, home: Home, path: Path) -> None:
        self._handle, self._path, self._number, self._done, self._rest = path.open("rb"), path, 0, False, b""
        head = self._handle.read(16)
        if len(head) != 16 or head[:4] != MAGIC:
            raise ArchiveDamaged(f"{path}: not an archived original")
        self._cipher = AESGCM(key(home, "archive", struct.unpack(">I", head[4:8])[0]).secret)
        self._prefix = head[8:16]

    def read(self, size: int = -1) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while not self._done and (size < 0 or have < size):
            piece = self._frame()
            parts.append(piece)
            have += len(piece)
        data = b"".join(parts)
        if size < 0:
            self._rest = b""
            return data
        self._rest = data[size:]
        return data[:size]

    def _frame(self) -> bytes:
        head = self._handle.read(4)
        if len(head) != 4:
            raise ArchiveDamaged(f"{self._path}: cut off")
        sealed = self._handle.read(struct.unpack(">I", head)[0])
        nonce = self._prefix + struct.pack(">I", self._number)
        self._number += 1
        for marker in (b"more", b"last"):
            try:
                data = self._cipher.decrypt(nonce, sealed, marker)
            except InvalidTag:
                continue
            self._done = marker == b"last"
            return data
        raise ArchiveDamaged(f"{self._path}: frame {self._number - 1} was altered")

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self._handle.close()


def original(home: Home, digest: str) -> Iterator[bytes]:
    """The archived bytes of an original, in chunks; ArchiveDamaged if they are not what was kept."""
    path = archive_path(home, digest)
    if not path.exists():
        raise ArchiveDamaged(f"{path}: missing")
    check = hashlib.sha256()
    plain = _Plain(home, path)
    try:
        with pa.CompressedInputStream(pa.PythonFile(plain, mode="r"), "zstd") as unpacked:
            while chunk := unpacked.read(FRAME):
                check.update(chunk)
                yield chunk
    except OSError as error:
        raise ArchiveDamaged(f"{path}: {error}") from error
    finally:
        plain.close()
    if check.hexdigest() != digest:
        raise ArchiveDamaged(f"{path}: content does not have the digest in its name")
