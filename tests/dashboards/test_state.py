"""The address: any state comes back from it, and nothing written into it can break a page."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.state import GRAINS, LANGUAGES, MAPS, SPLITS, State, decode, encode, shared

DAYS = st.dates(date(2019, 1, 1), date(2035, 12, 31))
WORDS = st.from_regex(r"[a-z][a-z_]{1,30}", fullmatch=True)


def several(one: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(one, max_size=5).map(lambda found: tuple(sorted(found)))


@st.composite
def states(draw: st.DrawFn) -> State:
    first, last = sorted((draw(DAYS), draw(DAYS)))
    return State(
        lang=draw(st.sampled_from(LANGUAGES)),
        date_from=draw(st.sampled_from([None, first])),
        date_to=draw(st.sampled_from([None, last])),
        grain=draw(st.sampled_from([None, *GRAINS])),
        provinces=draw(several(st.from_regex(r"[0-9]{6}", fullmatch=True))),
        platforms=draw(several(st.from_regex(r"[A-Z][0-9]{2,3}", fullmatch=True))),
        measure=draw(
            st.none() | st.from_regex(r"[a-z][a-z0-9_]{1,60}(:[a-z0-9_]{1,30}){0,2}", fullmatch=True)
        ),
        split=draw(st.sampled_from(SPLITS)),
        map=draw(st.sampled_from(MAPS)),
        rules=draw(several(st.from_regex(r"[A-Z][0-9]{2}", fullmatch=True))),
        statuses=draw(several(WORDS)),
        consequences=draw(several(WORDS)),
        finding=draw(st.none() | st.from_regex(r"[0-9a-f]{8,64}", fullmatch=True)),
        day=draw(st.none() | DAYS),
        tables=draw(several(WORDS)),
    )


@given(states())
def test_any_state_comes_back_from_its_address(state: State) -> None:
    assert decode(encode(state)) == (state, ())


@given(states())
def test_what_is_shared_between_pages_comes_back_too(state: State) -> None:
    kept, notices = decode(encode(shared(state)))
    assert notices == ()
    assert (kept.lang, kept.date_from, kept.provinces) == (state.lang, state.date_from, state.provinces)
    assert kept.tables == () and kept.finding is None


@given(st.text(max_size=200))
def test_no_text_breaks_the_address(text: str) -> None:
    state, _ = decode("?" + text)
    assert decode(encode(state))[0] == state


@pytest.mark.parametrize(
    ("search", "reason"),
    [
        ("?colour=red", "unknown_parameter"),
        ("?lang=fr", "wrong_value"),
        ("?from=2025-13-01", "wrong_value"),
        ("?from=2025-W01-1", "wrong_value"),
        ("?by=week", "wrong_value"),
        ("?province=31", "wrong_value"),
        ("?platform=P02,'; drop table x", "wrong_value"),
        ("?lang=en&lang=zh", "repeated_parameter"),
        ("?from=2025-02-01&to=2025-01-01", "dates_reversed"),
        ("?finding=", "wrong_value"),
    ],
)
def test_what_is_not_understood_is_told_and_left_out(search: str, reason: str) -> None:
    state, notices = decode(search)
    assert [notice.reason for notice in notices] == [reason]
    assert state.date_from is None and state.provinces == () and state.platforms == ()


def test_the_default_has_no_address() -> None:
    assert encode(State()) == ""
    assert decode("") == decode(None) == (State(), ())


def test_a_card_is_turned_to_its_table_and_back() -> None:
    turned = State().toggled("map").toggled("growth")
    assert turned.tables == ("growth", "map")
    assert turned.toggled("map").tables == ("growth",)
