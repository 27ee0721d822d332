"""Cards: picture, table and CSV say the same; every absence has its own face; what fails, fails alone."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import polars as pl
import pytest

from dashboards import table
from dashboards.access import SUPERVISOR, Viewer
from dashboards.app import all_pages
from dashboards.drawing import Filled, absence, file_of, fill
from dashboards.filters import control_values, with_control
from dashboards.pages import overview
from dashboards.snapshots import Snapshot, Snapshots
from dashboards.state import State, decode
from dashboards.view import Card, Drawing, Page, View, checked
from tests.dashboards import fake


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    with Snapshots(fake.publish(tmp_path_factory.mktemp("home"))).use() as found:
        yield found


@pytest.fixture(autouse=True)
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("warehouse.indicators.compute", fake.compute, raising=False)


def view(snapshot: Snapshot, search: str = "", viewer: Viewer = SUPERVISOR) -> View:
    return checked(View(viewer, decode(search)[0], snapshot))[0]


def face(filled: Filled) -> str:
    names = str(getattr(filled.body, "className", "")).split()
    return names[-1] if "panel" in names else "picture"


def card_of(name: str) -> Card:
    return overview.PAGE.card(name)


@pytest.mark.parametrize("search", ["", "?lang=en", "?split=platform&measure=persons_active", "?by=quarter", "?by=day&from=2025-11-01",
                                    "?platform=P02&province=310000,440000", "?measure=premium_yuan&by=year"])  # fmt: skip
def test_every_card_of_the_overview_is_drawn(snapshot: Snapshot, search: str) -> None:
    shown = view(snapshot, search)
    for card in overview.PAGE.cards:
        assert face(fill(overview.PAGE, card, shown)) == "picture", card.name


@pytest.mark.parametrize(
    "search", ["", "?lang=en&split=platform&platform=P02", "?by=day&from=2025-11-01&province=310000"]
)
@pytest.mark.parametrize(
    "page", [page for page in all_pages() if page.name != "overview"], ids=lambda page: page.name
)
def test_every_card_of_every_page_is_drawn_with_its_table_and_csv(
    snapshot: Snapshot, page: Page, search: str
) -> None:
    shown = replace(view(snapshot, search), until_night=page.until_night)
    for card in page.cards:
        assert face(fill(page, card, shown)) in ("picture", "panel-empty", "panel-not-reported"), card.name
        frame = card.read(shown)
        if frame.height:
            turned = replace(shown, state=replace(shown.state, tables=(card.name,)))
            assert face(fill(page, card, turned)) == "picture", card.name
            assert len(table.csv(card, shown, frame).splitlines()) == frame.height + 1


def test_the_period_of_the_default_is_the_last_36_months_at_most(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    assert (shown.date_from, shown.date_to, shown.grain) == (fake.FIRST, fake.LAST, "month")
    assert view(snapshot, "?from=2025-10-20").grain == "day"


def test_the_map_draws_the_numbers_of_its_csv(snapshot: Snapshot) -> None:
    shown, card = view(snapshot, "?measure=persons_active"), card_of("map")
    frame = card.read(shown)
    figure = card.draw(shown, frame).content
    drawn = {code: z for codes, zs in zip(figure.data[1].customdata, figure.data[1].z, strict=True)  # type: ignore[union-attr]
             for code, z in zip(codes, zs, strict=True) if z is not None}  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(table.csv(card, shown, frame).decode("utf-8-sig"))))
    told = {row["province"]: float(row["value"]) for row in rows if row["value"]}
    assert {code: round(z * 1e4, 3) for code, z in drawn.items()} == {
        code: round(v, 3) for code, v in told.items()
    }
    assert {row["snapshot"] for row in rows} == {snapshot.id}
    assert rows[0]["province_name"] and rows[0]["indicator_name"] == "活跃人数"


def test_the_table_shows_what_the_csv_holds(snapshot: Snapshot) -> None:
    shown, card = view(snapshot), card_of("rates")
    frame = card.read(shown)
    body = json.dumps(
        table.table(card, shown, frame).to_plotly_json(),
        default=lambda part: part.to_plotly_json(),
        ensure_ascii=False,
    )
    for value in frame["numerator"].to_list():
        assert f"{value:,.0f}" in body


def test_absences_are_told_apart(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    cells = card_of("map")
    frame = cells.read(shown)
    states = {code: (text, z) for code, text, z in _cells(cells, shown, frame)}
    assert states["710000"] == ("台湾<br>不适用", None)
    assert states[fake.SILENT] == ("海南<br>未报", None)
    assert states[fake.HIDDEN] == ("重庆<br>抑", None)
    assert states[fake.ZERO] == ("福建<br><b>0.0</b>", 0.0)
    assert states["140000"][0] == "山西<br>不适用"  # in the scheme only from 2026-07-01
    assert states["370000"][0] == "山东<br>未报"  # in the scheme, nothing there
    chosen = view(snapshot, "?province=310000")
    assert {code: text for code, text, _ in _cells(cells, chosen, cells.read(chosen))}[
        "110000"
    ] == "北京<br>未选"


def _cells(card: Card, shown: View, frame: pl.DataFrame) -> Iterator[tuple[str, str, float | None]]:
    figure = card.draw(shown, frame).content
    printed = {(note.x, note.y): note.text for note in figure.layout.annotations}  # type: ignore[union-attr]
    for trace in figure.data:  # type: ignore[union-attr]
        for y, codes in enumerate(trace.customdata):
            for x, code in enumerate(codes):
                if code and (trace.z[y][x] is not None):
                    yield code, printed[x, y], None if trace is figure.data[0] else trace.z[y][x]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("search", "expected"),
    [("?from=2031-01-01&to=2031-02-01", "panel-empty"), (f"?province={fake.SILENT}", "panel-not-reported"),
     (f"?province={fake.HIDDEN}", "panel-suppressed")],
)  # fmt: skip
def test_a_card_without_anything_to_draw_says_why(snapshot: Snapshot, search: str, expected: str) -> None:
    assert face(fill(overview.PAGE, card_of("map"), view(snapshot, search))) == expected


def test_what_fails_fails_alone_and_is_logged(snapshot: Snapshot, caplog: pytest.LogCaptureFixture) -> None:
    def broken(_: View, __: pl.DataFrame) -> Drawing:
        raise RuntimeError("out of paint")

    card = replace(card_of("map"), draw=broken)
    filled = fill(overview.PAGE, card, view(snapshot))
    assert face(filled) == "panel-error"
    assert "out of paint" in caplog.text and snapshot.id in caplog.text
    assert "out of paint" not in json.dumps(
        filled.body.to_plotly_json(), default=lambda part: part.to_plotly_json()
    )


def test_outside_ones_rights_there_is_a_word_and_no_number(snapshot: Snapshot) -> None:
    shanghai = Viewer("沪", "provincial", frozenset({"310000"}))
    assert (
        face(fill(overview.PAGE, card_of("map"), view(snapshot, "?province=440000", shanghai)))
        == "panel-not-allowed"
    )


def test_absence_of_mixed_cells_is_no_absence() -> None:
    assert absence(pl.DataFrame({"value": [None, 1.0], "flags": ["z", ""]})) is None
    assert (
        absence(pl.DataFrame({"value": [None], "flags": [""]}, schema_overrides={"value": pl.Float64}))
        == "empty"
    )


def test_a_control_that_shows_the_default_leaves_the_address_alone(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    for name, value in control_values(shown).items():
        assert with_control(shown, name, value) == State(), name


def test_a_half_chosen_period_changes_nothing(snapshot: Snapshot) -> None:
    shown = view(snapshot)
    assert with_control(shown, "period", ["2025-03-01", None]) == State()
    assert with_control(shown, "period", ["2025-03-01", "2025-04-01"]) == State(
        date_from=date(2025, 3, 1), date_to=date(2025, 4, 1)
    )


def test_codes_that_are_not_registered_are_told(snapshot: Snapshot) -> None:
    state, _ = decode("?province=999999,310000&platform=P99&measure=nonsense")
    shown, notices = checked(View(SUPERVISOR, state, snapshot))
    assert [(n.reason, n.parameter) for n in notices] == [
        ("unknown_code", "province"),
        ("unknown_code", "platform"),
        ("wrong_value", "measure"),
    ]
    assert (
        shown.state.provinces == ("310000",) and shown.state.platforms == () and shown.state.measure is None
    )


def _sheets(content: bytes, *, texts_marked: bool = False) -> list[list[list[str]]]:
    """The cells of every sheet of a workbook as text, shared strings resolved; `texts_marked`: texts begin with '."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        shared = [
            "".join(t.text or "" for t in item.iter(f"{space}t"))
            for item in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        mark = "'" if texts_marked else ""
        sheets = []
        for name in names:
            rows = []
            for row in ElementTree.fromstring(book.read(name)).iter(f"{space}row"):
                held: dict[int, str] = {}  # cells without anything are not in the file
                for cell in row:
                    value = cell.findtext(f"{space}v") or ""
                    letters = (cell.get("r") or "").rstrip("0123456789")
                    place = sum((ord(c) - 64) * 26**i for i, c in enumerate(reversed(letters))) - 1
                    held[place] = mark + shared[int(value or 0)] if cell.get("t") == "s" else value
                rows.append([held.get(place, "") for place in range(max(held, default=-1) + 1)])
            sheets.append(rows)
        return sheets


def test_the_workbook_holds_the_numbers_of_the_picture_and_says_what_it_is(snapshot: Snapshot) -> None:
    shown, card = view(snapshot, "?measure=persons_active"), card_of("map")
    frame = card.read(shown)
    data, about = _sheets(file_of(overview.PAGE, card, shown, "xlsx"))
    assert data[0][:3] == ["省份", "指标", "值"] and len(data) == frame.height + 1
    written = sorted(
        float(row[2]) for row in data[1:] if row[1] == "活跃人数" and len(row) > 2 and row[2][:1].isdigit()
    )
    assert written[-1] == max(value for value in frame["value"].to_list() if value is not None)
    told = dict(row for row in about)
    assert (
        snapshot.id in told["数据截至"]
        and "活跃人数" in told["标题"]
        and "measure=persons_active" in told["地址"]
    )


def test_numbers_of_a_workbook_are_numbers_and_every_column_holds_something(snapshot: Snapshot) -> None:
    for page in all_pages():
        if page.name == "definitions":  # a parameter may be a number or a word
            continue
        for card in page.cards:
            rows, _ = _sheets(file_of(page, card, view(snapshot), "xlsx"), texts_marked=True)
            for number, head in enumerate(rows[0] if len(rows) > 1 else []):
                cells = [row[number] for row in rows[1:] if number < len(row) and row[number]]
                assert not [cell for cell in cells if re.fullmatch(r"'[-−]?[\d.,]+%?", cell)], (
                    card.name,
                    head,
                )
                assert cells or head == "'标记", (page.name, card.name, head)


def test_a_whole_number_has_no_decimal_point(snapshot: Snapshot) -> None:
    with zipfile.ZipFile(io.BytesIO(file_of(overview.PAGE, card_of("map"), view(snapshot), "xlsx"))) as book:
        styles = book.read("xl/styles.xml").decode()
    assert 'formatCode="#,##0"' in styles and "0.#" not in styles


def test_every_card_has_a_workbook(snapshot: Snapshot) -> None:
    for page in all_pages():
        for card in page.cards:
            assert file_of(page, card, view(snapshot), "xlsx")[:2] == b"PK", card.name


def test_a_spreadsheet_runs_no_formula_from_the_csv(snapshot: Snapshot) -> None:
    card = Card("map", lambda _: pl.DataFrame(), lambda _, __: Drawing([]))
    content = table.csv(card, view(snapshot), pl.DataFrame({"a": ["=1+1", "@x", "-3", "−"]})).decode(
        "utf-8-sig"
    )
    assert "'=1+1" in content and "'@x" in content and "'-3" not in content


def test_pages_are_found_by_themselves_and_differ() -> None:
    pages = all_pages()
    assert overview.PAGE in pages
    assert len({page.path for page in pages}) == len({page.name for page in pages}) == len(pages)
    assert all(isinstance(page, Page) for page in pages)
