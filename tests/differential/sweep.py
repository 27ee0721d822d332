"""python -m tests.differential.sweep FROM TO [FOLDER] → the differences on drawn nights, by rule. Slow, for a look."""

from __future__ import annotations

import shutil
import sys
import tempfile
import traceback
from collections import defaultdict
from pathlib import Path
from random import Random

from pipelines.nightly import prepare
from tests.differential.engine import ask_engine, ask_oracle, differences
from tests.differential.nights import night
from tests.differential.rows import CENTRES
from tests.differential.writing import write
from warehouse.home import Home


def main(first: int, last: int, folder: Path) -> int:
    found: dict[str, list[str]] = defaultdict(list)
    for seed in range(first, last):
        root = folder / str(seed)
        shutil.rmtree(root, ignore_errors=True)
        made = night(Random(seed), pairs=14)
        write(made, root / "inbox")
        home = Home(root / "home")
        prepare(home)
        (home.registers / "city_centre.csv").write_text(CENTRES, encoding="utf-8")
        try:
            told = ask_engine(root / "inbox", home, made.now)
            lines = differences(told, ask_oracle(root / "inbox", made.now, home.registers)[0])
        except Exception:
            lines = ["CRASH " + traceback.format_exc()[-800:]]
        for line in lines:
            found[line.split()[0]].append(f"{seed}: {line}")
        if not lines:
            shutil.rmtree(root)
    for key, lines in sorted(found.items()):
        print(key, len(lines), *lines[:5], sep="\n    ")
    return 1 if found else 0


if __name__ == "__main__":
    where = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(tempfile.mkdtemp())
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), where))
