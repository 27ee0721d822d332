/* ---
id: X14
version: 1
title_zh: 异地参保
title_en: cover registered in another province than the order's
consequence: suspect
dimension: consistency
responsible: platform
basis: {text: "海南经办规定：在接单地参保", grade: V}
effective: [2022-07-01, null]
needs: [orders, enrollment]
evidence: [worker_id, cover_province_code, first_accepted_at, last_accepted_at]
message_zh: 参保登记应在接单省份办理；长期异地接单的，请变更登记。
message_en: Enrol workers in the province in which they accept orders; change the registration of those who work elsewhere for long.
defaults:
  staging.orders: {platform_code: P02, business_date: 2025-10-01}
  core.worker_day: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, worker_id: w1, orders_covered: 4, first_accepted_at: 2025-10-01 08:00:00, last_accepted_at: 2025-10-01 20:00:00}
  core.cover: {platform_code: P02, worker_id: w1, programme: oip, covered_from: 2025-09-01 00:00:00}
cases:
  - when: 在上海接单4单，只在江苏参保
    staging.orders: [{}]
    core.worker_day: [{}]
    core.cover: [{province_code: 320000}]
    expect: [{worker_id: w1, province_code: 310000, cover_province_code: 320000, violations: 4}]
  - when: 本省有参保（外省也有）；没有保障归X01；商业险在外省
    staging.orders: [{}]
    core.worker_day: [{}, {worker_id: w2, orders_covered: 0}, {worker_id: w3}]
    core.cover:
      - {province_code: 320000}
      - {province_code: 310000}
      - {worker_id: w2, province_code: 320000}
      - {worker_id: w3, province_code: 320000, programme: commercial_accident}
    expect: []
  - when: 本省期间恰在首单时刻终止；恰在末单时刻开始（边界）
    staging.orders: [{}]
    core.worker_day: [{}, {worker_id: w2}]
    core.cover:
      - {province_code: 310000, covered_to: 2025-10-01 08:00:00}
      - {province_code: 320000}
      - {worker_id: w2, province_code: 310000, covered_from: 2025-10-01 20:00:00}
      - {worker_id: w2, province_code: 320000}
    expect: [{worker_id: w1}]
--- */
-- grain: worker × province × business_date with covered orders, none of whose oip spells of that working day is of the province;
-- counts the orders
with frame as (
    select distinct platform_code, business_date,
    from staging.orders
),

work as (
    select
        day.platform_code,
        day.province_code,
        day.business_date,
        day.worker_id,
        sum(day.orders_covered) as orders_covered,
        min(day.first_accepted_at) as first_accepted_at,
        max(day.last_accepted_at) as last_accepted_at,
    from core.worker_day as day
    join frame
        on frame.platform_code = day.platform_code
        and frame.business_date = day.business_date
    where day.orders_covered > 0
    group by day.platform_code, day.province_code, day.business_date, day.worker_id
),

covered as (
    select
        work.platform_code,
        work.province_code,
        work.business_date,
        work.worker_id,
        work.orders_covered,
        work.first_accepted_at,
        work.last_accepted_at,
        max(case when cover.province_code = work.province_code then 1 else 0 end) as is_local,
        min(cover.province_code) as cover_province_code,
    from work
    join core.cover as cover
        on cover.platform_code = work.platform_code
        and cover.worker_id = work.worker_id
        and cover.programme = 'oip'
        and cover.covered_from <= work.last_accepted_at
        and (cover.covered_to is null or cover.covered_to > work.first_accepted_at)
    group by
        work.platform_code, work.province_code, work.business_date, work.worker_id, work.orders_covered,
        work.first_accepted_at, work.last_accepted_at
)

select
    platform_code,
    province_code,
    business_date,
    worker_id,
    cover_province_code,
    first_accepted_at,
    last_accepted_at,
    cast(orders_covered as bigint) as violations,
from covered
where is_local = 0
