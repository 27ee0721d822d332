"""Is an installation whole? One line a question, each answered from the files themselves."""

from __future__ import annotations

import shutil
import stat
import sys
from collections.abc import Callable
from importlib.metadata import version

import duckdb

from checks import catalogue
from pipelines import vault
from warehouse import parameters, reference
from warehouse.home import FOLDERS, Home
from warehouse.snapshot import NothingPublished, open_snapshot

LEAST_FREE = 5 << 30


def examine(home: Home) -> list[dict[str, str]]:
    """Records {question, state: good | warning | broken, answer}; never raises for what it finds broken."""
    questions: list[tuple[str, Callable[[Home], tuple[str, str]]]] = [
        ("python and packages", _versions),
        ("folders", _folders),
        ("keys", _keys),
        ("registers", _registers),
        ("parameters", lambda _: ("good", f"{len(parameters.load())} parameters")),
        ("rules", lambda _: ("good", f"{len(catalogue.load())} rules")),
        ("snapshot", _snapshot),
        ("archive", _archive),
        ("disk", _disk),
    ]
    rows = []
    for question, ask in questions:
        try:
            state, answer = ask(home)
        except (OSError, ValueError, duckdb.Error, vault.ArchiveDamaged, NothingPublished) as error:
            state, answer = "broken", str(error).splitlines()[0]
        rows.append({"question": question, "state": state, "answer": answer})
    return rows


def _versions(_: Home) -> tuple[str, str]:
    names = ("zhibao", "duckdb", "polars", "pyarrow", "dash", "plotly", "great-expectations")
    return "good", f"Python {sys.version.split()[0]}; " + ", ".join(
        f"{name} {version(name)}" for name in names
    )


def _folders(home: Home) -> tuple[str, str]:
    missing = [name for name in FOLDERS if not (home.root / name).is_dir()]
    return (
        ("broken", f"missing: {', '.join(missing)}; run `zhibao init`")
        if missing
        else ("good", str(home.root))
    )


def _keys(home: Home) -> tuple[str, str]:
    held = {purpose: vault.key(home, purpose).version for purpose in ("token", "archive")}
    open_to_others = [p.name for p in home.keys.glob("*.key") if stat.S_IMODE(p.stat().st_mode) & 0o077]
    if open_to_others:
        return "broken", f"readable by others: {', '.join(open_to_others)}; chmod 600"
    return "good", ", ".join(f"{purpose} version {number}" for purpose, number in held.items())


def _registers(home: Home) -> tuple[str, str]:
    return "good", f"{len(reference.read_all(home.registers))} registers read"


def _snapshot(home: Home) -> tuple[str, str]:
    with open_snapshot(home) as connection:
        row = connection.execute("select snapshot, published_at, last_night from marts.snapshot").fetchone()
    return (
        ("good", f"{row[0]}, published {row[1]}, last night {row[2]}")
        if row
        else ("broken", "the snapshot says nothing of itself")
    )


def _archive(home: Home) -> tuple[str, str]:
    """The newest original is read back whole; `zhibao verify HOME` reads them all."""
    files = sorted(home.archive.glob("*/*.zst.enc"), key=lambda path: path.stat().st_mtime)
    if not files:
        return "warning", "nothing archived yet"
    size = sum(len(chunk) for chunk in vault.original(home, files[-1].name.split(".")[0]))
    return "good", f"{len(files)} originals; the newest reads back whole ({size} bytes)"


def _disk(home: Home) -> tuple[str, str]:
    free = shutil.disk_usage(home.root).free
    return ("warning" if free < LEAST_FREE else "good", f"{free / (1 << 30):.1f} GiB free")
