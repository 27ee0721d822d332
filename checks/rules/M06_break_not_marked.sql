/* ---
id: M06
version: 1
title_zh: 口径断点未标
title_en: published series that crosses a change of scope without its mark
consequence: defect
dimension: consistency
responsible: agency
basis: {text: "统计法实施条例（国务院令第681号）第27条：公布统计资料应当说明口径与调整", grade: V}
effective: [null, null]
needs: [published_figures]
checked: package
evidence: [scope, scope_version, earlier_on, earlier_10k, figure_10k, provinces_before, provinces_now, platforms_before, platforms_now]
message_zh: 两期之间试点地区或平台有变，而口径标记相同：请标明断点，并同时公布可比口径的增长。
message_en: Provinces or platforms joined between the two figures, yet both carry the same scope mark; mark the break and publish the like-for-like growth beside it.
defaults:
  ref.coverage_published: {scope: 全国, scope_version: 7省, cumulative_insured_10k: 1000, is_lower_bound: false, as_of_precision: day, grade: V, source: x, qualifier: cumulative}
  ref.province: {grade: V}
  ref.platform: {grade: V}
cases:
  - when: 七省与十七省的数据同标“7省”
    ref.coverage_published: [{as_of: 2025-06-30}, {as_of: 2025-09-30, cumulative_insured_10k: 2200}]
    expect: [{business_date: 2025-09-30, earlier_on: 2025-06-30, provinces_before: 7, provinces_now: 17}]
  - when: 口径已另标；同一口径内增长；不带口径标记的不判
    ref.coverage_published:
      - {as_of: 2024-12-31}
      - {as_of: 2025-06-30}
      - {as_of: 2025-09-30, scope_version: 17省}
      - {as_of: 2023-07-18, scope: 上海, province_code: "310000", scope_version: null}
      - {as_of: 2025-10-31, scope: 上海, province_code: "310000", scope_version: null}
    expect: []
  - when: 扩围当日的数据已是新口径，前一日仍是旧口径（边界）
    ref.coverage_published: [{as_of: 2025-06-29}, {as_of: 2025-06-30}, {as_of: 2025-07-01}]
    expect: [{business_date: 2025-07-01, earlier_on: 2025-06-30}]
--- */
-- grain: published figure that follows another of the same scope and scope mark, though provinces or platforms joined between
with series as (
    select
        scope,
        province_code,
        scope_version,
        as_of,
        cumulative_insured_10k,
        lag(as_of) over (partition by scope, scope_version order by as_of) as earlier_on,
        lag(cumulative_insured_10k) over (partition by scope, scope_version order by as_of) as earlier_10k,
    from ref.coverage_published
    where scope_version is not null
),

joined as (
    select platform_code, min(joined_on) as joined_on,
    from ref.platform
    where joined_on is not null
    group by platform_code
),

province_count as (
    select
        series.scope,
        series.scope_version,
        series.as_of,
        count(case when province.scheme_from <= series.earlier_on then 1 end) as provinces_before,
        count(case when province.scheme_from <= series.as_of then 1 end) as provinces_now,
    from series
    cross join ref.province as province
    where series.province_code is null or province.province_code = series.province_code
    group by series.scope, series.scope_version, series.as_of
),

platform_count as (
    select
        series.scope,
        series.scope_version,
        series.as_of,
        count(case when joined.joined_on <= series.earlier_on then 1 end) as platforms_before,
        count(case when joined.joined_on <= series.as_of then 1 end) as platforms_now,
    from series
    cross join joined
    group by series.scope, series.scope_version, series.as_of
)

select
    cast(null as varchar) as platform_code,
    series.province_code,
    series.as_of as business_date,
    series.scope,
    series.scope_version,
    series.earlier_on,
    series.earlier_10k,
    series.cumulative_insured_10k as figure_10k,
    province_count.provinces_before,
    province_count.provinces_now,
    platform_count.platforms_before,
    platform_count.platforms_now,
from series
join province_count
    on province_count.scope = series.scope
    and province_count.scope_version = series.scope_version
    and province_count.as_of = series.as_of
join platform_count
    on platform_count.scope = series.scope
    and platform_count.scope_version = series.scope_version
    and platform_count.as_of = series.as_of
where series.earlier_on is not null
    and (
        province_count.provinces_before <> province_count.provinces_now
        or platform_count.platforms_before <> platform_count.platforms_now
    )
