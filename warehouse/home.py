"""One installation: the folders of a home and the few files whose place everybody must agree on."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDERS = (
    "archive", "lake", "snapshots", "evidence", "quarantine", "cases", "registers", "keys",
    "receipts", "reports", "exports", "logs", "work",
)  # fmt: skip


class HomeBusy(RuntimeError):
    """Another run holds this home."""


@dataclass(frozen=True)
class Home:
    """The paths of one installation. Nothing is created until `create` is called."""

    root: Path

    def __getattr__(self, name: str) -> Path:
        if name in FOLDERS:
            return self.root / name
        raise AttributeError(name)

    @property
    def warehouse(self) -> Path:
        """The writer's database; readers use the snapshot, never this file."""
        return self.root / "warehouse.duckdb"

    @property
    def current(self) -> Path:
        """Pointer file: the id of the published snapshot, one line."""
        return self.root / "CURRENT"

    def exists(self) -> bool:
        return self.warehouse.exists() or (self.root / "registers").is_dir()

    def create(self) -> None:
        """Make the folders that are missing; idempotent."""
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True, exist_ok=True)
        (self.root / "keys").chmod(0o700)

    def snapshot_id(self) -> str | None:
        """Id of the published snapshot, or None before the first night."""
        try:
            return self.current.read_text(encoding="utf-8").strip() or None
        except FileNotFoundError:
            return None

    def snapshot(self) -> Path | None:
        name = self.snapshot_id()
        return self.root / "snapshots" / f"{name}.duckdb" if name else None

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home for one writer; raises HomeBusy at once if another process has it."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w", encoding="utf-8") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise HomeBusy(f"another run holds {self.root}") from error
            handle.write(str(os.getpid()))
            handle.flush()
            yield


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: temporary name, fsync, rename, fsync of the folder."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with temporary.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Make a file written by another library durable, and its name too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
