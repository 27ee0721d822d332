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
parameters: [cover_programmes]
evidence: [submission, order_id, worker_id, accepted_at, cover_province_code]
message_zh: 参保登记应在接单省份办理；长期异地接单的，请变更登记。
message_en: Enrol workers in the province in which they accept orders; change the registration of those who work elsewhere for long.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, version_id: a, worker_id: w1, work_type: order, industry: instant_delivery, accepted_at: 2025-10-01 10:00:00}
  core.worker_day: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, worker_id: w1, first_accepted_at: 2025-10-01 10:00:00, last_accepted_at: 2025-10-01 10:00:00}
  core.cover: {platform_code: P02, worker_id: w1, programme: oip, covered_from: 2025-09-01 00:00:00}
cases:
  - when: 在上海接单，只在江苏参保；取消的订单也算
    core.worker_day: [{}]
    staging.orders: [{order_id: o1}, {order_id: o2, status: cancelled}, {order_id: o2, row_no: 9}]
    core.duplicate_order: [{version_id: a, row_no: 9}]
    core.cover: [{province_code: 320000}]
    expect:
      - {order_id: o1, province_code: 310000, cover_province_code: 320000}
      - {order_id: o2}
  - when: 本省有参保（外省也有）；没有保障归X01；商业险在外省；职工豁免；范围外
    core.worker_day: [{}, {worker_id: w2}, {worker_id: w3}, {worker_id: w4}, {worker_id: w5}]
    staging.orders:
      - {order_id: o1}
      - {order_id: o2, worker_id: w2}
      - {order_id: o3, worker_id: w3}
      - {order_id: o4, worker_id: w4}
      - {order_id: o5, worker_id: w5, industry: food_delivery}
    core.order_cover: [{platform_code: P02, order_id: o4, is_employee: true}]
    core.cover:
      - {province_code: 320000}
      - {province_code: 310000}
      - {worker_id: w3, province_code: 320000, programme: commercial_accident}
      - {worker_id: w4, province_code: 320000}
      - {worker_id: w5, province_code: 320000}
    expect: []
  - when: 本省期间恰在接单时刻终止；恰在接单时刻开始（边界）
    core.worker_day: [{}, {worker_id: w2}]
    staging.orders: [{order_id: o1}, {order_id: o2, worker_id: w2}]
    core.cover:
      - {province_code: 310000, covered_to: 2025-10-01 10:00:00}
      - {province_code: 320000}
      - {worker_id: w2, province_code: 310000, covered_from: 2025-10-01 10:00:00}
      - {worker_id: w2, province_code: 320000}
    expect: [{order_id: o1}]
  - when: 同一人在江苏的订单、别的平台的同号人员不受牵连；当日先有外省后有本省保障，只算前一单
    core.worker_day: [{last_accepted_at: 2025-10-01 20:00:00}, {province_code: 320000}, {platform_code: P03}]
    staging.orders:
      - {order_id: o1}
      - {order_id: o2, accepted_at: 2025-10-01 20:00:00}
      - {order_id: o3, province_code: 320000}
      - {order_id: o4, platform_code: P03}
    core.cover:
      - {province_code: 320000}
      - {province_code: 310000, covered_from: 2025-10-01 12:00:00}
      - {province_code: 310000, platform_code: P03}
    expect: [{order_id: o1}]
--- */
-- grain: order accepted under cover of which no spell was registered in the order's province (work's own programmes; who is
-- an employee is none of this). Most workers have no spell elsewhere: only the days of those who have are looked at by order.
with covering as (
    select split_part(key, '/', 1) as work_class, split_part(key, '/', 2) as programme, valid_from, valid_to,
    from ref.parameter
    where parameter = 'cover_programmes'
        and number = 1
),

frame as (
    select distinct platform_code, business_date,
    from staging.orders
),

candidate as (
    select distinct day.platform_code, day.province_code, day.business_date, day.worker_id,
    from core.worker_day as day
    where exists (
        select 1
        from core.cover as cover
        where cover.platform_code = day.platform_code
            and cover.worker_id = day.worker_id
            and cover.province_code <> day.province_code
            and cover.programme <> 'employee_insurance'
            and cover.covered_from <= day.last_accepted_at
            and (cover.covered_to is null or cover.covered_to > day.first_accepted_at)
    )
        and exists (
            select 1
            from frame
            where frame.platform_code = day.platform_code
                and frame.business_date = day.business_date
        )
),

spell as (
    select
        candidate.platform_code,
        candidate.province_code,
        candidate.business_date,
        candidate.worker_id,
        covering.work_class,
        cover.province_code as cover_province_code,
        cover.covered_from,
        cover.covered_to,
    from candidate
    join core.cover as cover
        on cover.platform_code = candidate.platform_code
        and cover.worker_id = candidate.worker_id
    join covering
        on covering.programme = cover.programme
        and covering.valid_from <= candidate.business_date
        and (covering.valid_to is null or covering.valid_to > candidate.business_date)
    where cover.programme <> 'employee_insurance'
),

-- core.orders for these few worker-days alone: its view would join every order of the frame first
worked as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.version_id,
        orders.row_no,
        orders.order_id,
        orders.worker_id,
        orders.industry,
        orders.accepted_at,
        case
            when orders.work_type = 'shift' then 'shift' when orders.industry = 'other' then 'other' else 'order'
        end as work_class,
    from staging.orders as orders
    where exists (
        select 1
        from candidate
        where candidate.platform_code = orders.platform_code
            and candidate.province_code = orders.province_code
            and candidate.business_date = orders.business_date
            and candidate.worker_id = orders.worker_id
    )
),

covered as (
    select
        worked.platform_code,
        worked.province_code,
        worked.business_date,
        worked.submission,
        worked.version_id,
        worked.row_no,
        worked.order_id,
        worked.worker_id,
        worked.accepted_at,
        max(case when spell.cover_province_code = worked.province_code then 1 else 0 end) as is_local,
        min(spell.cover_province_code) as cover_province_code,
    from worked
    join spell
        on spell.platform_code = worked.platform_code
        and spell.province_code = worked.province_code
        and spell.business_date = worked.business_date
        and spell.worker_id = worked.worker_id
        and spell.work_class = worked.work_class
        and spell.covered_from <= worked.accepted_at
        and (spell.covered_to is null or spell.covered_to > worked.accepted_at)
    left join (select distinct industry from ref.industry) as known on known.industry = worked.industry
    left join ref.scope as scope
        on scope.platform_code = worked.platform_code
        and scope.province_code = worked.province_code
        and scope.industry = coalesce(known.industry, '')
        and scope.valid_from <= worked.business_date
        and (scope.valid_to is null or scope.valid_to > worked.business_date)
    where scope.platform_code is not null
        or worked.work_class <> 'order'
    group by
        worked.platform_code, worked.province_code, worked.business_date, worked.submission, worked.version_id,
        worked.row_no, worked.order_id, worked.worker_id, worked.accepted_at
)

select
    covered.platform_code,
    covered.province_code,
    covered.business_date,
    covered.submission,
    covered.order_id,
    covered.worker_id,
    covered.accepted_at,
    covered.cover_province_code,
from covered
where covered.is_local = 0
    and covered.order_id is not null
    and not exists (
        select 1
        from core.order_cover as exempt
        where exempt.platform_code = covered.platform_code
            and exempt.order_id = covered.order_id
            and exempt.is_employee
    )
    and not exists (
        select 1
        from core.duplicate_order as twin
        where twin.version_id = covered.version_id
            and twin.row_no = covered.row_no
    )
