"""The indicators as data: indicators.yaml, read strictly. Whoever prints a figure takes its words from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from warehouse.strict_yaml import StrictError, expect_keys, read

FILE = Path(__file__).parent / "indicators.yaml"
PERIODS = ("day", "month", "quarter", "year")  # finest first
PAIRS = ("region", "province", "platform")
PLACES = ("region", "province", "city", "platform", "industry", "programme")
PARTS = (
    "orders", "persons", "cover", "claims", "durations", "witness", "submissions", "growth",
    "labour", "flows", "mobility", "programmes", "fund", "contracts", "disputes", "stages", "incidence", "checks",
)  # fmt: skip
PLACE_SETS = {
    "all": PLACES,
    "pairs": PAIRS,
    "industries": (*PAIRS, "industry"),
    "programmes": (*PAIRS, "programme"),
    "platforms": ("platform",),
}
_REQUIRED = (
    "title_zh", "title_en", "unit", "part", "numerator", "numerator_zh", "numerator_en", "definition_zh", "definition_en",
    "places", "nature", "scheme", "programmes",
)  # fmt: skip
_OPTIONAL = ("denominator", "denominator_zh", "denominator_en", "value", "scale", "provisional", "periods")


@dataclass(frozen=True)
class Indicator:
    """One indicator. `numerator`, `denominator` and `value` name measures; `places` are the dimensions it may vary by.

    With `value` the value is that measure; else numerator × scale / denominator; else the numerator itself.
    `is_monthly`: told of whole months only (or of what is known of the first and the last one).
    """

    id: str
    title_zh: str
    title_en: str
    unit: str
    unit_zh: str
    unit_en: str
    part: str
    numerator: str
    denominator: str | None
    value: str | None
    scale: int
    numerator_zh: str
    numerator_en: str
    denominator_zh: str | None
    denominator_en: str | None
    definition_zh: str
    definition_en: str
    places: tuple[str, ...]
    is_stock: bool
    is_of_scheme: bool
    is_oip_only: bool
    provisional: str | None
    is_monthly: bool

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Everything it may be broken down by."""
        return (*self.periods, *self.places)

    @property
    def periods(self) -> tuple[str, ...]:
        return PERIODS[1:] if self.is_monthly else PERIODS

    def allows(self, dimension: str) -> bool:
        return dimension in self.dimensions


@cache
def load(path: Path = FILE) -> Mapping[str, Indicator]:
    """Every indicator by id, in the order of the file; StrictError names what is wrong and where."""
    raw = expect_keys(read(path), path.name, ("unit_titles", "indicators"))
    units = {
        unit: expect_keys(titles, f"{path.name} unit_titles.{unit}", ("zh", "en"))
        for unit, titles in raw["unit_titles"].items()
    }
    return MappingProxyType(
        {
            name: _indicator(name, entry, f"{path.name} {name}", units)
            for name, entry in raw["indicators"].items()
        }
    )


def _indicator(name: str, value: Any, where: str, units: Mapping[str, Mapping[str, str]]) -> Indicator:
    raw = expect_keys(value, where, _REQUIRED, _OPTIONAL)
    for key, allowed in (
        ("unit", tuple(units)),
        ("part", PARTS),
        ("places", tuple(PLACE_SETS)),
        ("nature", ("flow", "stock")),
        ("programmes", ("all", "oip")),
    ):
        if raw[key] not in allowed:
            raise StrictError(f"{where}: {key} is {raw[key]!r}, expected one of {', '.join(allowed)}")
    if raw.get("periods", "all") not in ("all", "months"):
        raise StrictError(f"{where}: periods is {raw['periods']!r}, expected all or months")
    if not isinstance(raw["scheme"], bool):
        raise StrictError(f"{where}: scheme must be true or false")
    if ("denominator" in raw) != ("denominator_zh" in raw and "denominator_en" in raw):
        raise StrictError(f"{where}: denominator, denominator_zh and denominator_en belong together")
    return Indicator(
        id=name,
        unit_zh=units[raw["unit"]]["zh"],
        unit_en=units[raw["unit"]]["en"],
        places=PLACE_SETS[raw["places"]],
        is_stock=raw["nature"] == "stock",
        is_of_scheme=raw["scheme"],
        is_oip_only=raw["programmes"] == "oip",
        scale=raw.get("scale", 1),
        **{key: raw[key] for key in _REQUIRED if key not in ("places", "nature", "scheme", "programmes")},
        denominator=raw.get("denominator"),
        denominator_zh=raw.get("denominator_zh"),
        denominator_en=raw.get("denominator_en"),
        value=raw.get("value"),
        provisional=raw.get("provisional"),
        is_monthly=raw.get("periods") == "months",
    )
