"""Every page in Debian's chromium, both languages, wide and narrow: no error, no word that is not there, nothing that leaves
the machine. ZHIBAO_SCREENSHOTS=DIR keeps a picture of each."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Download, Page, sync_playwright
from werkzeug.serving import make_server

from dashboards.app import all_pages, create_app
from dashboards.texts import load
from tests.browser.waiting import WHOLE
from tests.dashboards import fake

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WAIT = 60_000  # ms; two busy cores are slow
KEY = re.compile(r"\b[a-z_]+\.[a-z_]+\.(title|help|empty)\b|\{[a-z_]+\}|undefined|NaN|\bNone\b")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium on the PATH: the pages are not tested in a browser"
)


class Site:
    """A served home, a browser, and everything that went wrong in it."""

    def __init__(self, address: str, root: Path, browser: Browser) -> None:
        self.address, self.root = address, root
        self.context = browser.new_context(accept_downloads=True)  # one, so that scripts are fetched once
        self.faults: list[str] = []

    def open(self, path: str, width: int = 1440) -> Page:
        page = self.context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.on(
            "console",
            lambda said: self.faults.append(f"console: {said.text[:300]}") if said.type == "error" else None,
        )
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", lambda request: self._leaves(request.url))
        page.on(
            "response",
            lambda answer: (
                self.faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
            ),
        )
        page.goto(self.address + path)
        return page

    def _leaves(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"request away: {url}")


def ready(page: Page, address: str = "true") -> None:
    """Wait until the address is as told (an expression of JavaScript) and its page stands whole."""
    page.wait_for_function(f"() => ({address}) && ({WHOLE})()", timeout=WAIT)


def serious(page: Page) -> list[str]:
    """What axe-core calls serious or critical on the page as it stands: rule, first place, why."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['nodes'][0]['html'][:160]} {fault['nodes'][0]['failureSummary'][:300]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("ZHIBAO_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    import warehouse.indicators

    real = warehouse.indicators.compute
    warehouse.indicators.compute = fake.compute  # type: ignore[assignment]
    root = fake.publish(tmp_path_factory.mktemp("home"))
    app = create_app(root)
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Site(f"http://127.0.0.1:{server.server_port}", root, browser)
        browser.close()
    server.shutdown()
    warehouse.indicators.compute = real


@pytest.fixture(autouse=True)
def faultless(site: Site) -> Iterator[None]:
    """Whatever a test does: no console error, no failed request, nothing that leaves the machine."""
    site.faults.clear()
    yield
    assert site.faults == []


@pytest.fixture(scope="module")
def walker(site: Site) -> Iterator[Page]:
    """One window that is led from page to page, as a reader would; it loads the scripts once."""
    page = site.open("/")
    ready(page)
    yield page
    page.close()


@pytest.mark.parametrize("page_name", [page.name for page in all_pages()])
def test_every_page_in_both_languages_wide_and_narrow(site: Site, walker: Page, page_name: str) -> None:
    path = next(page.path for page in all_pages() if page.name == page_name)
    walker.set_viewport_size({"width": 1440, "height": 900})
    walker.locator(f'#navigation a[href^="{path}"]', has_text=load("zh")(f"{page_name}.title")).first.click()
    ready(walker, f"location.pathname === '{path}'")
    for lang, width in (("zh", 1440), ("en", 1440), ("en", 390), ("zh", 390)):
        walker.set_viewport_size({"width": width, "height": 900})
        walker.locator("#header label", has_text={"zh": "中文", "en": "English"}[lang]).click()
        ready(walker, f"document.documentElement.lang.startsWith('{lang}')")
        text = walker.inner_text("body")
        assert KEY.search(text) is None, KEY.search(text)
        assert walker.locator(".panel-error").count() == 0
        assert walker.evaluate("document.documentElement.scrollWidth") <= width + 1, (
            "the page is wider than the screen"
        )
        assert walker.inner_text(".page-title") == load(lang)(f"{page_name}.title")
        keep(walker, f"{page_name}-{lang}-{width}")
        if (lang, width) in (("zh", 1440), ("en", 390)):
            assert serious(walker) == []


def test_a_filter_goes_into_the_address_and_back_brings_it_back(site: Site) -> None:
    page = site.open("/?by=quarter")
    ready(page)
    page.get_by_role("textbox", name="指标").click()
    page.get_by_role("option", name="活跃人数").click()
    ready(page, "location.search.includes('measure=persons_active')")
    assert "by=quarter" in urlsplit(page.url).query
    assert "活跃人数,按省份" in page.inner_text("#body") and "每人必保率,按省份" not in page.inner_text(
        "#body"
    )
    page.go_back()
    ready(page, "!location.search.includes('measure')")
    assert "每人必保率,按省份" in page.inner_text("#body") and "活跃人数,按省份" not in page.inner_text(
        "#body"
    )
    assert page.get_by_role("textbox", name="指标").input_value() == "每人必保率"
    page.close()


def figures(page: Page) -> Any:
    """The data of every figure as drawn, but for what the browser works out."""
    return page.evaluate(
        "[...document.querySelectorAll('.js-plotly-plot')].map(g => g.data.map(t => [t.type, t.name, t.x, t.y, t.z, t.hovertext]))"
    )


def test_a_link_shows_what_the_clicks_showed(site: Site) -> None:
    page = site.open("/")
    ready(page)
    page.get_by_role("textbox", name="分列").click()
    page.get_by_role("option", name="平台").click()
    ready(page, "location.search.includes('split=platform')")
    assert "按平台排名" in page.inner_text("#body")
    clicked, address = figures(page), page.url
    page.close()
    cold = site.open(address.removeprefix(site.address))
    ready(cold)
    assert figures(cold) == clicked
    cold.close()


def test_table_and_csv_of_a_card(site: Site, tmp_path: Path) -> None:
    page = site.open("/")
    ready(page)
    page.get_by_label("看数字表:每人必保率与每单必保率").click()
    ready(page, "location.search.includes('table=rates')")
    card = page.locator(".card", has_text="每人必保率与每单必保率")
    card.locator("table").wait_for(timeout=WAIT)
    assert card.locator("tbody tr").count() > 20
    card.locator("summary").click()
    with page.expect_download(timeout=WAIT) as started:
        card.get_by_role("link", name="CSV").click()
    download: Download = started.value
    assert download.suggested_filename == "zhibao-overview-rates-20251117T010000-abc123.csv"
    content = Path(download.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(content) == card.locator("tbody tr").count() + 1
    page.close()


def test_a_picture_is_made_in_the_browser(site: Site) -> None:
    page = site.open("/")
    ready(page)
    card = page.locator(".card", has_text="按省份排名")
    card.locator("summary").click()
    with page.expect_download(timeout=WAIT) as started:
        card.get_by_role("button", name="SVG").click()
    drawn = Path(started.value.path()).read_text(encoding="utf-8")
    assert drawn.startswith("<svg") and "按省份排名" in drawn and "20251117T010000-abc123" in drawn
    page.close()


def click_tile(page: Page, column: int, row: int) -> None:
    """A click on one tile of the map, which is eight tiles wide and high."""
    box = page.locator(".card", has_text="按省份(").first.locator(".js-plotly-plot .nsewdrag").bounding_box()
    assert box is not None
    side = min(box["width"], box["height"]) / 8
    left, top = box["x"] + (box["width"] - 8 * side) / 2, box["y"] + (box["height"] - 8 * side) / 2
    middle = left + (column + 0.5) * side, top + (row + 0.5) * side
    page.mouse.move(*middle)  # Plotly clicks what it hovers
    page.wait_for_function(
        "[...document.querySelectorAll('.js-plotly-plot')].some(graph => (graph._hoverdata || []).length > 0)",
        timeout=WAIT,
    )
    page.mouse.click(*middle)


def test_a_click_on_the_map_leads_to_the_province(site: Site) -> None:
    page = site.open("/")
    ready(page)
    click_tile(page, 6, 4)  # 上海
    ready(page, "location.pathname === '/province'")
    assert "province=310000" in page.url
    assert "上海:关键数字" in page.inner_text("#body")
    page.close()


def test_from_the_map_to_the_source_lines_in_four_clicks(site: Site) -> None:
    page = site.open("/")
    ready(page)
    click_tile(page, 6, 4)  # one: 上海
    ready(page, "location.pathname === '/province'")
    assert "上海:关键数字" in page.inner_text("#body")
    page.locator('#navigation a[href^="/findings"]').click()  # two
    ready(page, "location.pathname === '/findings'")
    assert "province=310000" in page.url
    page.locator(".ag-center-cols-container .ag-row").first.wait_for(timeout=WAIT)
    page.locator(
        ".ag-center-cols-container .ag-row"
    ).first.click()  # three: the finding, its evidence, its submissions
    page.locator(".finding .link").wait_for(timeout=WAIT)
    assert "/submissions?" in (page.locator(".finding .link").get_attribute("href") or "")
    page.get_by_role("button", name="看原始行").click()  # four
    page.locator(".source-lines > *").first.wait_for(timeout=WAIT)
    page.close()


def test_from_the_queue_to_the_evidence(site: Site) -> None:
    page = site.open("/findings?rule=X01")
    ready(page)
    page.locator(".ag-center-cols-container .ag-row").first.wait_for(timeout=WAIT)
    page.locator(".ag-center-cols-container .ag-row").nth(2).click()
    ready(page, "location.search.includes('finding=')")
    page.locator(".finding").wait_for(timeout=WAIT)
    page.locator(".card", has_text="证据").locator("tbody tr").first.wait_for(timeout=WAIT)
    keep(page, "findings-chosen")
    page.close()


def test_a_wrong_address_gives_a_notice_and_the_page(site: Site) -> None:
    page = site.open("/?by=fortnight&province=999999&colour=red&from=2025-02-30")
    ready(page)
    told = page.inner_text("#notices")
    for word in ("by", "fortnight", "999999", "colour", "2025-02-30"):
        assert word in told
    page.close()
    page = site.open("/no/such/page")
    page.wait_for_function("document.body.innerText.includes('没有这个页面')", timeout=WAIT)
    page.close()


def test_a_new_snapshot_appears_without_a_restart(site: Site) -> None:
    page = site.open("/definitions")
    ready(page)
    before = page.inner_text("#stamp")
    fake.publish(site.root, "20251118T010000-def456")
    page.evaluate("window.dash_clientside.set_props('tick', {n_intervals: 7})")
    page.wait_for_function(
        "document.querySelector('#stamp').innerText.includes('20251118T010000-def456')", timeout=WAIT
    )
    assert before != page.inner_text("#stamp")
    page.wait_for_function(
        "[...document.querySelectorAll('.card-stamp')].every(s => s.innerText.includes('20251118T010000-def456'))",
        timeout=WAIT,
    )
    assert "20251118T010000-def456" in page.inner_text("#notices")
    page.close()
