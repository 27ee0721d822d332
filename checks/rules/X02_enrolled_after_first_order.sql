/* ---
id: X02
version: 1
title_zh: 先接单后参保
title_en: worker enrolled only after the first order of the day
consequence: breach
dimension: timeliness
responsible: platform
basis: {text: "人社部发〔2025〕24号：每人必保，参保在先", grade: V}
effective: [2022-07-01, null]
needs: [orders, enrollment]
parameters: [cover_programmes]
evidence: [submission, worker_id, first_accepted_at, registered_at, coverage_id, covered_from]
message_zh: 参保登记应先于当日首单；请改进流程，保障起始时间不得倒填。
message_en: Enrolment comes before the first order of the day; mend the process, and do not date cover back.
defaults:
  staging.orders: {platform_code: P02, business_date: 2025-10-01}
  core.worker_day: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, worker_id: w1, orders_in_scope: 3, first_accepted_at: 2025-10-01 08:00:00}
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, worker_id: w1, programme: oip, action: start, coverage_id: c1}
cases:
  - when: 08:00首单，09:00才登记，且倒填为零点起保
    staging.orders: [{}]
    core.worker_day: [{}]
    staging.enrollment: [{registered_at: 2025-10-01 09:00:00, covered_from: 2025-10-01 00:00:00}]
    expect: [{worker_id: w1, first_accepted_at: 2025-10-01 08:00:00, registered_at: 2025-10-01 09:00:00}]
  - when: 之前已有保障，当天只是续保；终止登记不是参保；商业意外险不算
    staging.orders: [{}]
    core.worker_day: [{}, {worker_id: w2}, {worker_id: w3}]
    staging.enrollment:
      - {registered_at: 2025-09-01 09:00:00, covered_from: 2025-09-01 00:00:00, business_date: 2025-09-01}
      - {registered_at: 2025-10-01 20:00:00, covered_from: 2025-10-02 00:00:00, coverage_id: c2}
      - {worker_id: w2, registered_at: 2025-10-01 20:00:00, covered_from: 2025-09-01 00:00:00, action: end}
      - {worker_id: w3, registered_at: 2025-10-01 20:00:00, covered_from: 2025-10-01 00:00:00, programme: commercial_accident}
    expect: []
  - when: 跨城市两行取最早一单；登记地在另一省；次日才登记归X01
    staging.orders: [{}]
    core.worker_day: [{city_code: 310100}, {city_code: 320500, province_code: 320000, first_accepted_at: 2025-10-01 12:00:00}, {worker_id: w2}]
    staging.enrollment:
      - {registered_at: 2025-10-01 10:00:00, covered_from: 2025-10-01 10:00:00, province_code: 330000}
      - {worker_id: w2, registered_at: 2025-10-02 10:00:00, covered_from: 2025-10-01 00:00:00, business_date: 2025-10-02}
    expect: [{worker_id: w1, province_code: 310000}]
  - when: 登记与首单同一秒，自该秒起保（边界）；晚一秒登记
    staging.orders: [{}]
    core.worker_day: [{}, {worker_id: w2}]
    staging.enrollment:
      - {registered_at: 2025-10-01 08:00:00, covered_from: 2025-10-01 08:00:00}
      - {worker_id: w2, registered_at: 2025-10-01 08:00:01, covered_from: 2025-10-01 08:00:00}
    expect: [{worker_id: w2}]
--- */
-- grain: worker × business_date: in-scope work began before the worker was enrolled that same day.
-- What was known then counts: a spell registered by the first order that covers it excuses, whatever its later states.
with frame as (
    select distinct platform_code, business_date,
    from staging.orders
),

covering as (
    select split_part(key, '/', 2) as programme, valid_from, valid_to,
    from ref.parameter
    where parameter = 'cover_programmes'
        and number = 1
        and split_part(key, '/', 1) = 'order'
),

spell as (
    select
        enrollment.platform_code,
        enrollment.worker_id,
        enrollment.coverage_id,
        enrollment.action,
        enrollment.registered_at,
        enrollment.covered_from,
        enrollment.covered_to,
    from staging.enrollment as enrollment
    join covering
        on covering.programme = enrollment.programme
        and covering.valid_from <= enrollment.business_date
        and (covering.valid_to is null or covering.valid_to > enrollment.business_date)
    where enrollment.worker_id is not null
        and enrollment.registered_at is not null
),

work as (
    select
        day.platform_code,
        day.business_date,
        day.worker_id,
        min(day.first_accepted_at) as first_accepted_at,
        arg_min(day.province_code, day.first_accepted_at) as province_code,
    from core.worker_day as day
    join frame
        on frame.platform_code = day.platform_code
        and frame.business_date = day.business_date
    where day.orders_in_scope > 0
        and day.worker_id is not null
    group by day.platform_code, day.business_date, day.worker_id
),

enrolled_later as (
    select
        work.platform_code,
        work.province_code,
        work.business_date,
        work.worker_id,
        work.first_accepted_at,
        min(spell.registered_at) as registered_at,
        arg_min(spell.coverage_id, spell.registered_at) as coverage_id,
        arg_min(spell.covered_from, spell.registered_at) as covered_from,
    from work
    join spell
        on spell.platform_code = work.platform_code
        and spell.worker_id = work.worker_id
        and cast(spell.registered_at as date) = work.business_date
        and spell.registered_at > work.first_accepted_at
        and spell.action <> 'end'
    group by work.platform_code, work.province_code, work.business_date, work.worker_id, work.first_accepted_at
)

select
    late.platform_code,
    late.province_code,
    late.business_date,
    unit.submission,
    late.worker_id,
    late.first_accepted_at,
    late.registered_at,
    late.coverage_id,
    late.covered_from,
from enrolled_later as late
left join core.unit as unit
    on unit.platform_code = late.platform_code
    and unit.province_code = late.province_code
    and unit.business_date = late.business_date
where not exists (
    select 1
    from spell
    where spell.platform_code = late.platform_code
        and spell.worker_id = late.worker_id
        and spell.registered_at <= late.first_accepted_at
        and spell.covered_from <= late.first_accepted_at
        and (spell.covered_to is null or spell.covered_to > late.first_accepted_at)
)
