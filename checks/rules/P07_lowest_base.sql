/* ---
id: P07
version: 1
title_zh: 最低档缴费
title_en: contribution base at the floor while income from orders lies above it
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "社会保险法第12条、第60条：按本人工资申报缴费基数；企业按下限缴费的来源资料", grade: S}
effective: [null, null]
needs: [enrollment, orders, contribution_floors]
parameters: [submission_deadline]
checked: enrollment
evidence: [detected_on, worker_id, coverage_id, contribution_base_yuan, floor_yuan, income_yuan]
message_zh: 缴费基数应按劳动者实际收入申报；请核实并补缴差额。
message_en: The contribution base follows the worker's real income; verify and pay the difference.
defaults:
  checks.clock: {now: 2025-11-02 08:00:00}
  ref.contribution_floors: {province_code: 440000, floor_yuan: 4492, valid_from: 2025-01-01}
  core.cover: {platform_code: P04, province_code: 440000, programme: employee_insurance, covered_from: 2025-06-01 00:00:00, contribution_base_yuan: 4492}
  core.worker_day: {platform_code: P04, province_code: 440000, business_date: 2025-10-10}
cases:
  - when: 按下限4492元缴，10月接单收入7000元
    checks.clock: [{}]
    ref.contribution_floors: [{}]
    core.cover: [{coverage_id: e1, worker_id: w1}]
    core.worker_day: [{worker_id: w1, worker_income_yuan: 3000}, {worker_id: w1, worker_income_yuan: 4000, business_date: 2025-10-31}]
    expect: [{worker_id: w1, business_date: 2025-10-31, income_yuan: 7000}]
  - when: 基数高于下限；收入不高于下限；月中才参保；没有下限登记；当月未截止
    checks.clock: [{}]
    ref.contribution_floors: [{}]
    core.cover:
      - {coverage_id: e1, worker_id: w1, contribution_base_yuan: 6000}
      - {coverage_id: e2, worker_id: w2}
      - {coverage_id: e3, worker_id: w3, covered_from: 2025-10-15 00:00:00}
      - {coverage_id: e4, worker_id: w4, province_code: 310000}
      - {coverage_id: e5, worker_id: w5}
    core.worker_day:
      - {worker_id: w1, worker_income_yuan: 7000}
      - {worker_id: w2, worker_income_yuan: 4000}
      - {worker_id: w3, worker_income_yuan: 7000}
      - {worker_id: w4, worker_income_yuan: 7000, province_code: 310000}
      - {worker_id: w5, worker_income_yuan: 7000, business_date: 2025-11-01}
    expect: []
  - when: 收入恰等于下限；多一分（边界）
    checks.clock: [{}]
    ref.contribution_floors: [{}]
    core.cover: [{coverage_id: e1, worker_id: w1}, {coverage_id: e2, worker_id: w2}]
    core.worker_day: [{worker_id: w1, worker_income_yuan: 4492}, {worker_id: w2, worker_income_yuan: 4492.01}]
    expect: [{worker_id: w2}]
--- */
-- grain: employee × month (at its last day) insured the whole month on a base not above the province's floor, who earned more
with month_end as (
    select
        calendar.date as month_end,
        extract(year from calendar.date) * 12 + extract(month from calendar.date) as month_no,
    from ref.calendar as calendar
    cross join checks.clock as clock
    join ref.parameter as deadline
        on deadline.parameter = 'submission_deadline'
        and deadline.valid_from <= calendar.date
        and (deadline.valid_to is null or deadline.valid_to > calendar.date)
    where extract(day from calendar.date + interval 1 day) = 1
        and date_diff('second', cast(calendar.date as timestamp), clock.now) >= (24 + deadline.number) * 3600
),

at_floor as (
    select
        cover.platform_code,
        cover.province_code,
        month_end.month_end,
        month_end.month_no,
        cover.worker_id,
        cover.coverage_id,
        cover.contribution_base_yuan,
        floor.floor_yuan,
    from core.cover as cover
    join month_end
        on extract(year from cover.covered_from) * 12 + extract(month from cover.covered_from)
            + case when extract(day from cover.covered_from) > 1 then 1 else 0 end <= month_end.month_no
        and (cover.covered_to is null or cast(cover.covered_to as date) > month_end.month_end)
    join ref.contribution_floors as floor
        on floor.province_code = cover.province_code
        and (floor.valid_from is null or floor.valid_from <= month_end.month_end)
        and (floor.valid_to is null or floor.valid_to > month_end.month_end)
    where cover.programme = 'employee_insurance'
        and cover.contribution_base_yuan <= floor.floor_yuan
),

employee as (
    select distinct platform_code, worker_id,
    from at_floor
),

income as (
    select
        day.platform_code,
        day.worker_id,
        extract(year from day.business_date) * 12 + extract(month from day.business_date) as month_no,
        sum(day.worker_income_yuan) as income_yuan,
    from core.worker_day as day
    join employee
        on employee.platform_code = day.platform_code
        and employee.worker_id = day.worker_id
    group by
        day.platform_code, day.worker_id,
        extract(year from day.business_date) * 12 + extract(month from day.business_date)
)

select
    at_floor.platform_code,
    at_floor.province_code,
    at_floor.month_end as business_date,
    at_floor.month_end as detected_on,
    at_floor.worker_id,
    at_floor.coverage_id,
    at_floor.contribution_base_yuan,
    at_floor.floor_yuan,
    income.income_yuan,
from at_floor
join income
    on income.platform_code = at_floor.platform_code
    and income.worker_id = at_floor.worker_id
    and income.month_no = at_floor.month_no
where income.income_yuan > at_floor.floor_yuan
