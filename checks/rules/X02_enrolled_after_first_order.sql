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
  core.cover: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, worker_id: w1, programme: oip, coverage_id: c1}
cases:
  - when: 08:00首单，09:00才登记，且倒填为零点起保
    staging.orders: [{}]
    core.worker_day: [{}]
    core.cover: [{registered_at: 2025-10-01 09:00:00, covered_from: 2025-10-01 00:00:00}]
    expect: [{worker_id: w1, first_accepted_at: 2025-10-01 08:00:00, registered_at: 2025-10-01 09:00:00}]
  - when: 之前已有保障，当天只是续保；何时登记不详；商业意外险不算；当天保障尚未开始
    staging.orders: [{}]
    core.worker_day: [{}, {worker_id: w2}, {worker_id: w3}, {worker_id: w4}]
    core.cover:
      - {registered_at: 2025-09-01 09:00:00, covered_from: 2025-09-01 00:00:00, business_date: 2025-09-01}
      - {registered_at: 2025-10-01 20:00:00, covered_from: 2025-10-01 20:00:00, coverage_id: c2}
      - {worker_id: w2, covered_from: 2025-09-01 00:00:00}
      - {worker_id: w3, registered_at: 2025-10-01 20:00:00, covered_from: 2025-10-01 00:00:00, programme: commercial_accident}
      - {worker_id: w4, registered_at: 2025-10-01 20:00:00, covered_from: 2025-10-02 00:00:00}
    expect: []
  - when: 跨城市两行取最早一单；登记地在另一省；次日才登记而倒填
    staging.orders: [{}]
    core.worker_day: [{city_code: 310100}, {city_code: 320500, province_code: 320000, first_accepted_at: 2025-10-01 12:00:00}, {worker_id: w2}]
    core.cover:
      - {registered_at: 2025-10-01 10:00:00, covered_from: 2025-10-01 10:00:00, province_code: 330000}
      - {worker_id: w2, registered_at: 2025-10-02 10:00:00, covered_from: 2025-10-01 00:00:00, business_date: 2025-10-02}
    expect: [{worker_id: w1, province_code: 310000}, {worker_id: w2, registered_at: 2025-10-02 10:00:00}]
  - when: 登记与首单同一秒，自该秒起保（边界）；晚一秒登记；零点终止的期间不及当日
    staging.orders: [{}]
    core.worker_day: [{}, {worker_id: w2}, {worker_id: w3}]
    core.cover:
      - {registered_at: 2025-10-01 08:00:00, covered_from: 2025-10-01 08:00:00}
      - {worker_id: w2, registered_at: 2025-10-01 08:00:01, covered_from: 2025-10-01 08:00:00}
      - {worker_id: w3, registered_at: 2025-09-01 08:00:00, covered_from: 2025-09-01 08:00:00, covered_to: 2025-10-01 00:00:00}
      - {worker_id: w3, registered_at: 2025-10-01 09:00:00, covered_from: 2025-10-01 09:00:00, coverage_id: c2}
    expect: [{worker_id: w2}, {worker_id: w3}]
--- */
-- grain: worker × business_date: in-scope work began before any cover that touches that day was registered.
-- Registered is when the cover as it now stands was first recorded (core.cover), so cover dated back is late too.
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

known_programme as (
    select distinct programme,
    from ref.programme
),

work as (
    select
        day.platform_code,
        day.business_date,
        day.worker_id,
        day.province_code,
        day.first_accepted_at,
        row_number() over (
            partition by day.platform_code, day.business_date, day.worker_id
            order by day.first_accepted_at, day.province_code
        ) as place,
    from core.worker_day as day
    join frame
        on frame.platform_code = day.platform_code
        and frame.business_date = day.business_date
    where day.orders_in_scope > 0
        and day.worker_id is not null
        and day.first_accepted_at is not null
),

-- a cover whose programme cannot be read may be any
touching as (
    select
        work.platform_code,
        work.province_code,
        work.business_date,
        work.worker_id,
        work.first_accepted_at,
        cover.registered_at,
        cover.coverage_id,
        cover.covered_from,
    from work
    join core.cover as cover
        on cover.platform_code = work.platform_code
        and cover.worker_id = work.worker_id
        and cover.covered_from < cast(date_add(work.business_date, interval 1 day) as timestamp)
        and (
            cover.covered_to is null
            or (cover.covered_to > cast(work.business_date as timestamp) and cover.covered_to > cover.covered_from)
        )
    left join covering
        on covering.programme = cover.programme
        and covering.valid_from <= work.business_date
        and (covering.valid_to is null or covering.valid_to > work.business_date)
    left join known_programme on known_programme.programme = cover.programme
    where work.place = 1
        and (covering.programme is not null or known_programme.programme is null)
)

select
    late.platform_code,
    late.province_code,
    late.business_date,
    max(unit.submission) as submission,
    late.worker_id,
    late.first_accepted_at,
    min(late.registered_at) as registered_at,
    min(late.coverage_id) as coverage_id,
    min(late.covered_from) as covered_from,
from touching as late
left join core.unit as unit
    on unit.platform_code = late.platform_code
    and unit.province_code = late.province_code
    and unit.business_date = late.business_date
where late.registered_at > late.first_accepted_at
    and not exists (
        select 1
        from touching as early
        where early.platform_code = late.platform_code
            and early.business_date = late.business_date
            and early.worker_id = late.worker_id
            and (early.registered_at is null or early.registered_at <= early.first_accepted_at)
    )
group by late.platform_code, late.province_code, late.business_date, late.worker_id, late.first_accepted_at
