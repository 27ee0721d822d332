/* ---
id: V07
version: 1
title_zh: 不可能移动
title_en: distance over duration above the bound for the industry
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "校验惯例（项目约定，参数 speed_bound）：自取货（否则自接单）至结束的平均速度", grade: A}
effective: [null, null]
needs: [orders]
parameters: [speed_bound, order_duration]
evidence: [submission, order_id, worker_id, industry, distance_m, moving_s, bound_kmh]
message_zh: 请核实所列订单的里程与取货、结束时间；有误的更正后重报。
message_en: Verify distance, pick-up and finish of the listed orders; correct and resubmit what is wrong.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, industry: instant_delivery, status: completed, accepted_at: 2025-10-01 10:00:00}
cases:
  - when: 6分钟9公里（90公里/小时）的外卖；自取货起算超速
    staging.orders:
      - {order_id: o1, finished_at: 2025-10-01 10:06:00, distance_m: 9000}
      - {order_id: o2, picked_up_at: 2025-10-01 10:24:00, finished_at: 2025-10-01 10:30:00, distance_m: 9000}
    expect: [{order_id: o1, moving_s: 360, bound_kmh: 80}, {order_id: o2, moving_s: 360}]
  - when: 出行可到150公里/小时；取消的、没有里程的、时序颠倒的不看
    staging.orders:
      - {order_id: o1, finished_at: 2025-10-01 10:06:00, distance_m: 9000, industry: ride_hailing}
      - {order_id: o2, finished_at: 2025-10-01 10:06:00, distance_m: 9000, status: cancelled}
      - {order_id: o3, finished_at: 2025-10-01 10:06:00}
      - {order_id: o4, picked_up_at: 2025-10-01 10:40:00, finished_at: 2025-10-01 10:30:00, distance_m: 9000}
    expect: []
  - when: 恰80公里/小时；多一米；恰60秒、或取货后恰60秒的不看（边界）
    staging.orders:
      - {order_id: o1, finished_at: 2025-10-01 10:06:00, distance_m: 8000}
      - {order_id: o2, finished_at: 2025-10-01 10:06:00, distance_m: 8001}
      - {order_id: o3, finished_at: 2025-10-01 10:01:00, distance_m: 9000}
      - {order_id: o4, finished_at: 2025-10-01 10:01:01, distance_m: 9000}
      - {order_id: o5, picked_up_at: 2025-10-01 10:29:00, finished_at: 2025-10-01 10:30:00, distance_m: 9000}
    expect: [{order_id: o2}, {order_id: o4}]
--- */
-- grain: completed order, on the way for longer than the shortest plausible, that moved faster than its industry can
-- (m > km/h × s / 3.6, in whole numbers: m × 18 > km/h × s × 5)
with lowest as (
    select min(cast(number as double)) as kmh,
    from ref.parameter
    where parameter = 'speed_bound'
),

-- one cheap look at all orders against the lowest bound; only the few that pass it are held against their own
moved as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.order_id,
        orders.worker_id,
        orders.industry,
        orders.distance_m,
        date_diff('second', coalesce(orders.picked_up_at, orders.accepted_at), orders.finished_at) as moving_s,
    from staging.orders as orders
    cross join lowest
    where orders.status = 'completed'
        and orders.distance_m * 18
            > lowest.kmh * 5 * date_diff('second', coalesce(orders.picked_up_at, orders.accepted_at), orders.finished_at)
)

select
    moved.platform_code,
    moved.province_code,
    moved.business_date,
    moved.submission,
    moved.order_id,
    moved.worker_id,
    moved.industry,
    moved.distance_m,
    moved.moving_s,
    bound.number as bound_kmh,
from moved
join ref.parameter as bound
    on bound.parameter = 'speed_bound'
    and bound.key = moved.industry
    and bound.valid_from <= moved.business_date
    and (bound.valid_to is null or bound.valid_to > moved.business_date)
join ref.parameter as shortest
    on shortest.parameter = 'order_duration'
    and shortest.key = 'min'
    and shortest.valid_from <= moved.business_date
    and (shortest.valid_to is null or shortest.valid_to > moved.business_date)
where moved.moving_s > shortest.number
    and moved.distance_m * 18 > cast(bound.number as double) * 5 * moved.moving_s
