"""How much a test may try: a little on every change, ten times as much with ZHIBAO_THOROUGH=1."""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("ZHIBAO_THOROUGH"))


def examples(few: int) -> int:
    return few * 10 if THOROUGH else few
