/* ---
id: P04
version: 1
title_zh: 美团补贴资格
title_en: pension subsidy missing, undue, or of a wrong amount
consequence: suspect
dimension: validity
responsible: platform
basis: {text: "美团养老保险补贴（2025-10-27全国）：近6个月有3个月收入达到就业地缴费基数下限（当月亦须达到），补贴50%；下限多为一省一市的报道", grade: S}
effective: [2025-10-27, null]
needs: [enrollment, orders, contribution_floors]
parameters: [pension_subsidy, submission_deadline]
checked: enrollment
evidence: [detected_on, problem, worker_id, coverage_id, months_reached, floor_yuan, subsidy_yuan, due_yuan]
message_zh: 请核对所列骑手的补贴资格与金额：符合条件的补发，不符合的说明依据。
message_en: Check eligibility and amount of the listed riders' subsidies; pay those due and give the grounds of the others.
defaults:
  checks.clock: {now: 2026-05-02 08:00:00}
  core.unit: {platform_code: P02, province_code: 440000, business_date: 2025-11-01}
  ref.contribution_floors: {province_code: 440000, floor_yuan: 4000, valid_from: 2025-01-01}
  core.worker_day: {platform_code: P02, province_code: 440000}
  core.cover: {platform_code: P02, province_code: 440000, programme: pension_subsidy, covered_from: 2026-04-01 00:00:00, covered_to: 2026-05-01 00:00:00}
cases:
  - when: 三个月达标（含当月）而无补贴；只有两个月却有补贴；金额不对
    checks.clock: [{}]
    core.unit: [{}]
    ref.contribution_floors: [{}]
    core.worker_day:
      - {worker_id: w1, business_date: 2026-01-10, worker_income_yuan: 4000}
      - {worker_id: w1, business_date: 2026-02-10, worker_income_yuan: 5000}
      - {worker_id: w1, business_date: 2026-04-10, worker_income_yuan: 5000}
      - {worker_id: w2, business_date: 2026-03-10, worker_income_yuan: 5000}
      - {worker_id: w2, business_date: 2026-04-10, worker_income_yuan: 5000}
      - {worker_id: w3, business_date: 2025-12-10, worker_income_yuan: 5000}
      - {worker_id: w3, business_date: 2026-02-10, worker_income_yuan: 5000}
      - {worker_id: w3, business_date: 2026-04-10, worker_income_yuan: 5000}
    core.cover: [{worker_id: w2, coverage_id: c2, subsidy_yuan: 400}, {worker_id: w3, coverage_id: c3, subsidy_yuan: 300}]
    expect:
      - {worker_id: w1, problem: missing, business_date: 2026-04-30, months_reached: 3, due_yuan: 400}
      - {worker_id: w2, problem: undue, months_reached: 2}
      - {worker_id: w3, problem: amount, subsidy_yuan: 300, due_yuan: 400}
  - when: 达标且足额；当月未达标且无补贴；没有下限登记的省份；没有该补贴的平台
    checks.clock: [{}]
    core.unit: [{}]
    ref.contribution_floors: [{}]
    core.worker_day:
      - {worker_id: w1, business_date: 2026-02-10, worker_income_yuan: 5000}
      - {worker_id: w1, business_date: 2026-03-10, worker_income_yuan: 2500}
      - {worker_id: w1, business_date: 2026-03-20, worker_income_yuan: 2500}
      - {worker_id: w1, business_date: 2026-04-10, worker_income_yuan: 5000}
      - {worker_id: w2, business_date: 2026-01-10, worker_income_yuan: 5000}
      - {worker_id: w2, business_date: 2026-02-10, worker_income_yuan: 5000}
      - {worker_id: w2, business_date: 2026-03-10, worker_income_yuan: 5000}
      - {worker_id: w2, business_date: 2026-04-10, worker_income_yuan: 3000}
      - {worker_id: w3, business_date: 2026-04-10, worker_income_yuan: 9000, province_code: 310000}
      - {worker_id: w4, business_date: 2026-02-10, worker_income_yuan: 9000, platform_code: P03}
      - {worker_id: w4, business_date: 2026-03-10, worker_income_yuan: 9000, platform_code: P03}
      - {worker_id: w4, business_date: 2026-04-10, worker_income_yuan: 9000, platform_code: P03}
    core.cover:
      - {worker_id: w1, coverage_id: c1, subsidy_yuan: 400}
      - {worker_id: w2, coverage_id: c2, subsidy_yuan: 400, covered_from: 2026-03-01 00:00:00, covered_to: 2026-04-01 00:00:00}
    expect: []
  - when: 收入恰等于下限（边界）；不足六个月的历史不判不当享受；月末截止前不判
    checks.clock: [{}]
    core.unit: [{business_date: 2026-03-01}]
    ref.contribution_floors: [{}]
    core.worker_day:
      - {worker_id: w1, business_date: 2026-02-10, worker_income_yuan: 4000}
      - {worker_id: w1, business_date: 2026-03-10, worker_income_yuan: 4000}
      - {worker_id: w1, business_date: 2026-04-10, worker_income_yuan: 4000}
      - {worker_id: w2, business_date: 2026-02-10, worker_income_yuan: 4000}
      - {worker_id: w2, business_date: 2026-03-10, worker_income_yuan: 4000}
      - {worker_id: w2, business_date: 2026-04-10, worker_income_yuan: 3999.99}
    core.cover: [{worker_id: w3, coverage_id: c3, subsidy_yuan: 400}]
    expect: [{worker_id: w1, problem: missing}]
--- */
-- grain: worker × month (at its last day) of a platform that pays the subsidy: due and not there, there and not due, or not the
-- amount. Income counts where it was mostly earned; without a floor for that province nothing is judged. Undue only where the
-- platform's reports reach back over the whole window.
with promising as (
    select distinct platform_code,
    from core.cover
    where programme = 'pension_subsidy'
),

first_report as (
    select platform_code, min(business_date) as first_business_date,
    from core.unit
    group by platform_code
),

month_end as (
    select
        calendar.date as month_end,
        extract(year from calendar.date) * 12 + extract(month from calendar.date) as month_no,
        min_window.number as months_window,
        required.number as months_required,
        share.number * rate.number as share_of_floor,
        coalesce(this_month.number, 0) as needs_this_month,
    from ref.calendar as calendar
    cross join checks.clock as clock
    join ref.parameter as deadline
        on deadline.parameter = 'submission_deadline'
        and deadline.valid_from <= calendar.date
        and (deadline.valid_to is null or deadline.valid_to > calendar.date)
    join ref.parameter as min_window
        on min_window.parameter = 'pension_subsidy'
        and min_window.key = 'months_window'
        and min_window.valid_from <= calendar.date
        and (min_window.valid_to is null or min_window.valid_to > calendar.date)
    join ref.parameter as required
        on required.parameter = 'pension_subsidy'
        and required.key = 'months_required'
        and required.valid_from <= calendar.date
        and (required.valid_to is null or required.valid_to > calendar.date)
    join ref.parameter as share
        on share.parameter = 'pension_subsidy'
        and share.key = 'share'
        and share.valid_from <= calendar.date
        and (share.valid_to is null or share.valid_to > calendar.date)
    join ref.parameter as rate
        on rate.parameter = 'pension_subsidy'
        and rate.key = 'contribution_rate'
        and rate.valid_from <= calendar.date
        and (rate.valid_to is null or rate.valid_to > calendar.date)
    left join ref.parameter as this_month
        on this_month.parameter = 'pension_subsidy'
        and this_month.key = 'current_month'
        and this_month.valid_from <= calendar.date
        and (this_month.valid_to is null or this_month.valid_to > calendar.date)
    where extract(day from calendar.date + interval 1 day) = 1
        and date_diff('second', cast(calendar.date as timestamp), clock.now) >= (24 + deadline.number) * 3600
),

earned as (
    select
        day.platform_code,
        day.worker_id,
        day.province_code,
        extract(year from day.business_date) * 12 + extract(month from day.business_date) as month_no,
        max(day.business_date) as last_date,
        sum(day.worker_income_yuan) as income_yuan,
    from core.worker_day as day
    join promising on promising.platform_code = day.platform_code
    where day.worker_id is not null
    group by
        day.platform_code, day.worker_id, day.province_code,
        extract(year from day.business_date) * 12 + extract(month from day.business_date)
),

income as (
    select
        platform_code,
        worker_id,
        month_no,
        max(last_date) as last_date,
        sum(income_yuan) as income_yuan,
        arg_max(province_code, concat(lpad(cast(income_yuan as varchar), 20, '0'), province_code)) as province_code,
    from earned
    group by platform_code, worker_id, month_no
),

reached as (
    select
        income.platform_code,
        income.worker_id,
        income.month_no,
        income.province_code,
        floor.floor_yuan,
    from income
    join ref.contribution_floors as floor
        on floor.province_code = income.province_code
        and (floor.valid_from is null or floor.valid_from <= income.last_date)
        and (floor.valid_to is null or floor.valid_to > income.last_date)
    where income.income_yuan >= floor.floor_yuan
),

eligible as (
    select
        month_end.month_end,
        month_end.month_no,
        reached.platform_code,
        reached.worker_id,
        max(case when reached.month_no = month_end.month_no then reached.province_code end) as province_code,
        max(case when reached.month_no = month_end.month_no then reached.floor_yuan end) as floor_yuan,
        count(*) as months_reached,
        max(month_end.share_of_floor) as share_of_floor,
        max(month_end.months_required) as months_required,
        max(month_end.needs_this_month) as needs_this_month,
    from month_end
    join reached
        on reached.month_no <= month_end.month_no
        and reached.month_no > month_end.month_no - month_end.months_window
    group by month_end.month_end, month_end.month_no, reached.platform_code, reached.worker_id
),

paid as (
    select
        month_end.month_end,
        cover.platform_code,
        cover.worker_id,
        max(cover.province_code) as province_code,
        max(cover.coverage_id) as coverage_id,
        sum(cover.subsidy_yuan) as subsidy_yuan,
        max(
            case
                when cover.covered_to is not null
                    and date_diff('day', cast(cover.covered_from as date), cast(cover.covered_to as date)) <= 31 then 1
                else 0
            end
        ) as is_monthly,
        max(month_end.months_window) as months_window,
        max(month_end.month_no) as month_no,
    from month_end
    join core.cover as cover
        on cover.programme = 'pension_subsidy'
        and cast(cover.covered_from as date) <= month_end.month_end
        and (
            cover.covered_to is null
            or extract(year from cover.covered_to - interval 1 second) * 12
                + extract(month from cover.covered_to - interval 1 second) >= month_end.month_no
        )
    group by month_end.month_end, cover.platform_code, cover.worker_id
),

due as (
    select
        month_end,
        platform_code,
        worker_id,
        province_code,
        floor_yuan,
        months_reached,
        cast(floor_yuan * share_of_floor as decimal(12, 2)) as due_yuan,
        months_reached >= months_required and (needs_this_month = 0 or floor_yuan is not null) as is_due,
    from eligible
)

select
    due.platform_code,
    due.province_code,
    due.month_end as business_date,
    due.month_end as detected_on,
    case when paid.worker_id is null then 'missing' else 'amount' end as problem,
    due.worker_id,
    paid.coverage_id,
    due.months_reached,
    due.floor_yuan,
    paid.subsidy_yuan,
    due.due_yuan,
from due
left join paid
    on paid.month_end = due.month_end
    and paid.platform_code = due.platform_code
    and paid.worker_id = due.worker_id
where due.is_due
    and due.floor_yuan is not null
    and (
        paid.worker_id is null
        or (paid.is_monthly = 1 and abs(coalesce(paid.subsidy_yuan, 0) - due.due_yuan) > 0.01)
    )
union all
select
    paid.platform_code,
    paid.province_code,
    paid.month_end as business_date,
    paid.month_end as detected_on,
    'undue' as problem,
    paid.worker_id,
    paid.coverage_id,
    coalesce(due.months_reached, 0) as months_reached,
    due.floor_yuan,
    paid.subsidy_yuan,
    cast(0 as decimal(12, 2)) as due_yuan,
from paid
join first_report
    on first_report.platform_code = paid.platform_code
    and extract(year from first_report.first_business_date) * 12
        + extract(month from first_report.first_business_date) <= paid.month_no - paid.months_window + 1
join ref.contribution_floors as floor
    on floor.province_code = paid.province_code
    and (floor.valid_from is null or floor.valid_from <= paid.month_end)
    and (floor.valid_to is null or floor.valid_to > paid.month_end)
left join due
    on due.month_end = paid.month_end
    and due.platform_code = paid.platform_code
    and due.worker_id = paid.worker_id
where not coalesce(due.is_due, false)
