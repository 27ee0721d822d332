"""One world in a process of its own: NAME SIZE SEED SCHEMES OUT RULES, as `detection` calls it."""

import sys
from pathlib import Path

from pipelines.benchmark.detection import one

name, size, seed, schemes, out, rules = sys.argv[1:]
one(name, size, int(seed), [each for each in schemes.split(",") if each], Path(out), rules == "rules")
