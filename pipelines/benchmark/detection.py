"""`zhibao benchmark detection`: plans the worlds, runs those that are not there yet, and writes the table.

A run may be broken off and called again with the same arguments: finished worlds are kept. One world is one process, so that
memory is given back and a crash costs one world.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from data_samples import worlds
from pipelines.benchmark import pages, run


def detection(
    *, size: str, seed: int, schemes: Sequence[str], out: Path, rules: bool, only: Sequence[str] = (),
    jobs: int = 1, tell: Callable[[str], None] = lambda line: None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Runs a size of the world file into `out` and returns the table's lines; files in `out` say the rest.

    `only`: worlds by name (or kind), for a part of the run; `jobs`: worlds at once. Raises ValueError for a size or scheme that is
    not in the file, RuntimeError for a world that ended badly.
    """

    def run_one(world: worlds.World) -> None:
        tell(f"{world.name}: {', '.join(trial.scheme for trial in world.trials) or 'nobody falsifies'}")
        _apart(world.name, size, seed, schemes, out, rules, jobs)

    asked = [
        world
        for world in planned(size, seed, schemes)
        if (not only or world.name in only or world.kind in only)
        and not (out / "worlds" / world.name / "world.json").exists()
    ]
    with ThreadPoolExecutor(max(jobs, 1)) as pool:
        for ended in [pool.submit(run_one, world) for world in asked]:
            ended.result()
    return pages.write(out, size, seed)


def planned(size: str, seed: int, schemes: Sequence[str]) -> tuple[worlds.World, ...]:
    file = worlds.load()
    if size not in file.sizes:
        raise ValueError(f"unknown size {size} (known: {', '.join(file.sizes)})")
    return worlds.plan(file, file.sizes[size], seed, tuple(schemes))


def one(name: str, size: str, seed: int, schemes: Sequence[str], out: Path, rules: bool) -> None:
    """Runs one world of a plan in this process."""
    world = next(each for each in planned(size, seed, schemes) if each.name == name)
    run.world(world, out / "worlds", rules=rules, tell=lambda line: print(line, file=sys.stderr))


def _apart(
    name: str, size: str, seed: int, schemes: Sequence[str], out: Path, rules: bool, jobs: int
) -> None:
    command = [
        sys.executable, "-m", "pipelines.benchmark", name, size, str(seed), ",".join(schemes), str(out), "rules" if rules else "",
    ]  # fmt: skip
    # worlds beside each other: one thread each for what is not DuckDB's
    alone = {} if jobs < 2 else {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, check=False, env={**os.environ, **alone})
    if ended.returncode:
        raise RuntimeError(f"world {name} ended with {ended.returncode}")
