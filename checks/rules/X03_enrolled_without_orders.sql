/* ---
id: X03
version: 1
title_zh: 参保无单
title_en: oip spells opened lately without any order, against peers
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "按日参保的来源资料（S）；30日与高出同行的份额为项目约定（未核实，参数 idle_spell）", grade: A}
effective: [2022-07-01, null]
needs: [enrollment, orders]
parameters: [idle_spell, submission_deadline]
evidence: [detected_on, spells, idle_spells, peer_spells, peer_idle_spells]
message_zh: 请说明近30日新参保而没有订单的人员情况；虚增参保人数的应更正。
message_en: Explain the workers enrolled in the last 30 days without an order; correct enrolments made up.
defaults:
  core.cover: {platform_code: P02, programme: oip, covered_from: 2025-10-10 08:00:00}
  core.worker_day: {platform_code: P02, province_code: 310000, business_date: 2025-10-12, orders: 5}
  ref.parameter: {valid_from: 2019-01-01}
  checks.clock: {now: 2025-11-05 08:00:00}
cases:
  - when: 本平台4个新参保有3个没有订单，同行3个里有1个
    checks.clock: [{}]
    ref.parameter: [{parameter: idle_spell, key: days, number: 30}, {parameter: idle_spell, key: minimum_spells, number: 3}, {parameter: idle_spell, key: excess, number: 0.2}, {parameter: submission_deadline, key: "", number: 6}]
    core.cover:
      - {coverage_id: c1, worker_id: w1}
      - {coverage_id: c2, worker_id: w2}
      - {coverage_id: c3, worker_id: w3}
      - {coverage_id: c4, worker_id: w4}
      - {coverage_id: d1, worker_id: w1, platform_code: P03}
      - {coverage_id: d2, worker_id: w2, platform_code: P03}
      - {coverage_id: d3, worker_id: w3, platform_code: P03}
    core.worker_day: [{worker_id: w1}, {worker_id: w2, business_date: 2025-10-09}, {worker_id: w1, platform_code: P03}, {worker_id: w2, platform_code: P03}]
    expect: [{platform_code: P02, province_code: null, business_date: 2025-10-31, detected_on: 2025-10-31, spells: 4, idle_spells: 3, peer_spells: 3, peer_idle_spells: 1, violations: 3}]
  - when: 月末截止之前不判；期间不足30日之内的不计；没有同行不判
    checks.clock: [{now: 2025-11-01 05:59:59}]
    ref.parameter: [{parameter: idle_spell, key: days, number: 30}, {parameter: idle_spell, key: minimum_spells, number: 1}, {parameter: idle_spell, key: excess, number: 0.2}, {parameter: submission_deadline, key: "", number: 6}]
    core.cover: [{coverage_id: c1, worker_id: w1}, {coverage_id: d1, worker_id: w1, platform_code: P03}]
    core.worker_day: [{worker_id: w1, platform_code: P03}]
    expect: []
  - when: 恰高出两成不算，多一点才算；30日窗口自10月2日起（边界）
    checks.clock: [{}]
    ref.parameter: [{parameter: idle_spell, key: days, number: 30}, {parameter: idle_spell, key: minimum_spells, number: 1}, {parameter: idle_spell, key: excess, number: 0.5}, {parameter: submission_deadline, key: "", number: 6}]
    core.cover:
      - {coverage_id: c1, worker_id: w1, covered_from: 2025-10-02 00:00:00}
      - {coverage_id: c2, worker_id: w2, covered_from: 2025-10-02 00:00:00}
      - {coverage_id: c3, worker_id: w3, covered_from: 2025-10-01 23:59:59}
      - {coverage_id: d1, worker_id: w1, platform_code: P03}
      - {coverage_id: e1, worker_id: w1, platform_code: P04}
      - {coverage_id: e2, worker_id: w2, platform_code: P04}
      - {coverage_id: e3, worker_id: w3, platform_code: P04}
    core.worker_day: [{worker_id: w1}, {worker_id: w1, platform_code: P03}]
    expect: [{platform_code: P04, spells: 3, idle_spells: 3, peer_spells: 3, peer_idle_spells: 1}]
--- */
-- grain: platform × month (at its last day, for all provinces together): share of spells opened in the last days of the month
-- that saw no order by its end, too far above the share of all other platforms together
with month_end as (
    select
        calendar.date as business_date,
        days.number as days,
        minimum.number as minimum_spells,
        excess.number as excess,
    from ref.calendar as calendar
    cross join checks.clock as clock
    join ref.parameter as deadline
        on deadline.parameter = 'submission_deadline'
        and deadline.valid_from <= calendar.date
        and (deadline.valid_to is null or deadline.valid_to > calendar.date)
    join ref.parameter as days
        on days.parameter = 'idle_spell'
        and days.key = 'days'
        and days.valid_from <= calendar.date
        and (days.valid_to is null or days.valid_to > calendar.date)
    join ref.parameter as minimum
        on minimum.parameter = 'idle_spell'
        and minimum.key = 'minimum_spells'
        and minimum.valid_from <= calendar.date
        and (minimum.valid_to is null or minimum.valid_to > calendar.date)
    join ref.parameter as excess
        on excess.parameter = 'idle_spell'
        and excess.key = 'excess'
        and excess.valid_from <= calendar.date
        and (excess.valid_to is null or excess.valid_to > calendar.date)
    where extract(day from calendar.date + interval 1 day) = 1
        and date_diff('second', cast(calendar.date as timestamp), clock.now) >= (24 + deadline.number) * 3600
),

opened as (
    select
        month_end.business_date,
        cover.platform_code,
        cover.coverage_id,
        cover.worker_id,
        cast(cover.covered_from as date) as opened_on,
    from core.cover as cover
    join month_end
        on cast(cover.covered_from as date) <= month_end.business_date
        and date_diff('day', cast(cover.covered_from as date), month_end.business_date) < month_end.days
    where cover.programme = 'oip'
),

worked as (
    select distinct opened.business_date, opened.platform_code, opened.coverage_id,
    from opened
    join core.worker_day as day
        on day.platform_code = opened.platform_code
        and day.worker_id = opened.worker_id
        and day.business_date >= opened.opened_on
        and day.business_date <= opened.business_date
),

counted as (
    select
        opened.business_date,
        opened.platform_code,
        count(*) as spells,
        count(case when worked.coverage_id is null then 1 end) as idle_spells,
    from opened
    left join worked
        on worked.business_date = opened.business_date
        and worked.platform_code = opened.platform_code
        and worked.coverage_id = opened.coverage_id
    group by opened.business_date, opened.platform_code
),

compared as (
    select
        business_date,
        platform_code,
        spells,
        idle_spells,
        sum(spells) over (partition by business_date) - spells as peer_spells,
        sum(idle_spells) over (partition by business_date) - idle_spells as peer_idle_spells,
    from counted
)

select
    compared.platform_code,
    cast(null as varchar) as province_code,
    compared.business_date,
    compared.business_date as detected_on,
    compared.spells,
    compared.idle_spells,
    compared.peer_spells,
    compared.peer_idle_spells,
    compared.idle_spells as violations,
from compared
join month_end on month_end.business_date = compared.business_date
where compared.peer_spells > 0
    and compared.spells >= month_end.minimum_spells
    and cast(compared.idle_spells as double) / compared.spells
        - cast(compared.peer_idle_spells as double) / compared.peer_spells > month_end.excess
