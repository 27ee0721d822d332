"""Delay correction and intervals against published formulas, by hand."""

from __future__ import annotations

import pytest

from warehouse.indicators.incidence import completeness, wilson


def test_全部观察满期时_修正即经验分布() -> None:
    lags = [(0, 100), (0, 100), (1, 100), (3, 100)]
    assert completeness(lags, 5) == pytest.approx([0.5, 0.75, 0.75, 1, 1, 1])


def test_截尾者不拉低时滞_逆时风险率() -> None:
    """Two injuries of 2 days' watch at most tell nothing of lag 2; of those within 2 days and watched so long, half came at 2."""
    lags = [(0, 2), (2, 2), (0, 0), (0, 1), (1, 1)]
    share = completeness(lags, 2)
    assert share[2] == 1
    assert share[1] == pytest.approx(1 - 1 / 2)
    assert share[0] == pytest.approx((1 - 1 / 2) * (1 - 1 / 3))


def test_没有伤害_或报告早于受伤_不修正() -> None:
    assert completeness([], 3) == [1, 1, 1, 1]
    assert completeness([(-1, 5), (9, 5)], 3) == [1, 1, 1, 1]


def test_wilson_区间与教科书一致() -> None:
    """Newcombe 1998, table I: 81/263 → 0.2553…0.3662; 15/148 → 0.0624…0.1605; 0/20 → 0…0.1611; 1/29 → 0.0061…0.1718."""
    for found, drawn, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert wilson(found, drawn) == pytest.approx((low, high), abs=5e-5)
    assert wilson(0, 0) == (0, 1)
