"""The seeds themselves: complete, consistent, and as the published texts say."""

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from warehouse.reference import FOLDER, MAP_FILE, REGISTERS, read

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

# State Council notices: days off (inclusive, day/month spans) and make-up working days, transcribed apart from the seed.
NOTICES = {
    2022: (
        "1.1-1.3 1.31-2.6 4.3-4.5 4.30-5.4 6.3-6.5 9.10-9.12 10.1-10.7 12.31-12.31",
        "1.29 1.30 4.2 4.24 5.7 10.8 10.9",
        249,
    ),
    2023: (
        "1.1-1.2 1.21-1.27 4.5-4.5 4.29-5.3 6.22-6.24 9.29-10.6",
        "1.28 1.29 4.23 5.6 6.25 10.7 10.8",
        249,
    ),
    2024: (
        "1.1-1.1 2.10-2.17 4.4-4.6 5.1-5.5 6.10-6.10 9.15-9.17 10.1-10.7",
        "2.4 2.18 4.7 4.28 5.11 9.14 9.29 10.12",
        251,
    ),
    2025: ("1.1-1.1 1.28-2.4 4.4-4.6 5.1-5.5 5.31-6.2 10.1-10.8", "1.26 2.8 4.27 9.28 10.11", 248),
    2026: (
        "1.1-1.3 2.15-2.23 4.4-4.6 5.1-5.5 6.19-6.21 9.25-9.27 10.1-10.7",
        "1.4 2.14 2.28 5.9 9.20 10.10",
        248,
    ),
}


def rows(name: str) -> list[dict[str, Any]]:
    return [dict(zip(REGISTERS[name].names, row, strict=True)) for row in read(FOLDER, name).rows]


def credit_code_check(code: str) -> bool:
    total = sum(ALPHABET.index(letter) * pow(3, i, 31) for i, letter in enumerate(code[:17]))
    return len(code) == 18 and ALPHABET[(31 - total % 31) % 31] == code[17]


def day(year: int, text: str) -> date:
    month, number = text.split(".")
    return date(year, int(month), int(number))


@pytest.mark.parametrize("year", NOTICES)
def test_calendar_says_what_the_notice_says(year: int) -> None:
    off_text, make_up_text, working = NOTICES[year]
    off = set()
    for span in off_text.split():
        begin, end = (day(year, part) for part in span.split("-"))
        off |= {begin + timedelta(n) for n in range((end - begin).days + 1)}
    make_up = {day(year, part) for part in make_up_text.split()}
    calendar = [row for row in rows("calendar") if row["date"].year == year]
    assert {row["date"] for row in calendar if row["holiday_zh"]} == off
    assert {row["date"] for row in calendar if row["is_workday"] and row["day_of_week"] > 5} == make_up
    assert sum(row["is_workday"] for row in calendar) == working
    for row in calendar:
        weekday = row["date"].isoweekday() < 6
        assert row["is_workday"] == ((weekday and row["date"] not in off) or row["date"] in make_up)


def test_calendar_is_complete_and_counts_working_days() -> None:
    calendar = rows("calendar")
    assert [row["date"] for row in calendar] == [date(2022, 1, 1) + timedelta(n) for n in range(1826)]
    assert calendar[-1]["date"] == date(2026, 12, 31)
    count = 0
    for row in calendar:
        count += row["is_workday"]
        assert row["workday_no"] == count
        assert row["day_of_week"] == row["date"].isoweekday()
        assert bool(row["holiday_zh"]) == bool(row["holiday_en"])
    assert count == sum(notice[2] for notice in NOTICES.values())


def test_seven_working_days_over_a_long_holiday() -> None:
    number = {row["date"]: row["workday_no"] for row in rows("calendar")}
    assert number[date(2025, 10, 9)] - number[date(2025, 9, 30)] == 1  # 国庆、中秋连休8天
    assert number[date(2025, 10, 11)] - number[date(2025, 10, 10)] == 1  # 调休上班的周六


def test_cities_are_all_there() -> None:
    cities = rows("city")
    per_province = Counter(row["province_code"] for row in cities)
    assert len(cities) == 370
    kinds = Counter(
        "corps" if code.startswith("6590") else "county" if code[2] == "9" else "prefecture"
        for code in (row["city_code"] for row in cities)
    )
    assert kinds == {"prefecture": 338, "county": 20, "corps": 12}  # 333 + 5 units of the municipalities
    expected = {
        "440000": 21,
        "510000": 21,
        "410000": 18,
        "420000": 17,
        "460000": 19,
        "650000": 14,
        "660000": 12,
    }
    assert {code: per_province[code] for code in expected} == expected
    assert {row["city_code"] for row in cities if row["province_code"][:2] in ("11", "12", "31", "50")} == {
        "110100",
        "120100",
        "310100",
        "500100",
        "500200",
    }
    provinces = {row["province_code"] for row in rows("province")}
    for row in cities:
        assert row["province_code"] in provinces
        corps = row["city_code"].startswith("6590")
        assert row["province_code"] == ("660000" if corps else row["city_code"][:2] + "0000")
    assert provinces - set(per_province) == {"710000", "810000", "820000"}


def test_scheme_starts_as_the_domain_page_says() -> None:
    starts = {row["province_code"]: row["scheme_from"] for row in rows("province")}
    first = {"110000", "310000", "320000", "440000", "460000", "500000", "510000"}
    second = {
        "120000",
        "130000",
        "210000",
        "330000",
        "340000",
        "350000",
        "370000",
        "420000",
        "450000",
        "640000",
    }
    outside = {"710000", "810000", "820000"}
    assert len(starts) == 35
    for code, start in starts.items():
        if code in outside:
            assert start is None
        else:
            wave = (
                date(2022, 7, 1)
                if code in first
                else date(2025, 7, 1)
                if code in second
                else date(2026, 7, 1)
            )
            assert start == wave
    assert Counter(start for start in starts.values() if start) == {
        date(2022, 7, 1): 7,
        date(2025, 7, 1): 10,
        date(2026, 7, 1): 15,
    }


def test_regions_are_those_of_the_statistics_bureau() -> None:
    regions: dict[str | None, str] = {}
    for row in rows("province"):
        if row["province_code"] != "660000":
            regions[row["region"]] = regions.get(row["region"], "") + row["short_zh"][0]
    assert set(regions["东部"]) == set("北天河上江浙福山广海")
    assert set(regions["中部"]) == set("山安江河湖") and len(regions["中部"]) == 6
    assert set(regions["东北"]) == set("辽吉黑")
    assert len(regions["西部"]) == 12


def test_credit_codes_are_valid_and_in_the_test_region() -> None:
    codes = {row["platform_code"]: row["credit_code"] for row in rows("platform")}
    codes |= {row["submitter_code"]: row["credit_code"] for row in rows("submitters")}
    assert len(set(codes.values())) == len(codes) == 30
    for code in codes.values():
        assert credit_code_check(code) and code[2:4] == "99"


def test_platforms_join_in_three_batches_and_keep_their_codes_through_renaming() -> None:
    platforms = rows("platform")
    joined = {row["platform_code"]: row["joined_on"] for row in platforms}
    assert Counter(joined.values()) == {date(2022, 7, 1): 7, date(2025, 7, 1): 4, date(2026, 7, 1): 14}
    for code in joined:
        own = sorted(
            (row for row in platforms if row["platform_code"] == code), key=lambda row: row["valid_from"]
        )
        assert len({(row["credit_code"], row["joined_on"]) for row in own}) == 1
        assert [row["valid_to"] for row in own[:-1]] == [
            row["valid_from"] for row in own[1:]
        ]  # no gap in its names
        assert own[-1]["valid_to"] is None
    assert [row["name_zh"] for row in platforms if row["platform_code"] == "P03"] == [
        "饿了么",
        "饿了么",
        "淘宝闪购",
    ]


def test_food_delivery_ends_where_the_industries_merge() -> None:
    periods = {
        row["industry"]: (row["in_scheme"], row["valid_from"], row["valid_to"]) for row in rows("industry")
    }
    assert periods["food_delivery"] == (True, date(2022, 7, 1), date(2025, 7, 1))
    assert periods["other"] == (False, None, None)
    for row in rows("platform"):
        if row["industry"] == "food_delivery":
            assert row["valid_to"] == date(2025, 7, 1)


def test_published_figures_are_kept_to_the_letter() -> None:
    figures = {(row["scope"], str(row["as_of"])): row for row in rows("coverage_published")}
    assert len(figures) == 17
    start, end = figures["全国", "2025-06-30"], figures["全国", "2025-09-30"]
    growth = (end["cumulative_insured_10k"] - start["cumulative_insured_10k"]) / start[
        "cumulative_insured_10k"
    ]
    assert round(float(growth), 3) == 0.782 and end["is_lower_bound"]
    assert (start["scope_version"], end["scope_version"]) == ("7省", "17省")
    hainan = figures["海南", "2025-12-31"]
    per_order = float(hainan["benefits_100m_yuan"]) / float(hainan["orders_100m"])
    assert round(per_order, 4) == 0.0234 and hainan["as_of_precision"] == "month"


def test_population_has_every_province_and_year() -> None:
    population = rows("population")
    assert len(population) == 31 * 6
    assert Counter(row["year"] for row in population) == dict.fromkeys(range(2019, 2025), 31)


def test_map_has_34_provinces_and_the_dash_line() -> None:
    features = json.loads(MAP_FILE.read_text(encoding="utf-8"))["features"]
    codes = {feature["properties"]["adcode"] for feature in features}
    assert "100000_JD" in codes
    assert codes - {"100000_JD"} == {row["province_code"] for row in rows("province")} - {"660000"}


def test_seeds_are_plain_files_with_a_source() -> None:
    sources = (FOLDER / "SOURCES.md").read_text(encoding="utf-8")
    for name in REGISTERS:
        content = (FOLDER / f"{name}.csv").read_bytes()
        assert b"\r" not in content and not content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\n")
        assert f"{name}.csv" in sources
