"""How models are kept: what is stored by unit must be built from the frame, or a night would store all days again."""

from __future__ import annotations

import pytest

from warehouse.build import Model, framed, models


@pytest.mark.parametrize("model", [m for m in models() if m.kept == "unit"], ids=lambda m: m.name)
def test_unit_models_are_built_from_the_frame(model: Model) -> None:
    assert model.reads & (framed() | {"build.frame"}), (
        f"{model.name} reads no framed table and does not join build.frame"
    )
