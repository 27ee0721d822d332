/* ---
id: V06
version: 1
title_zh: 时长异常
title_en: completed order shorter than 60 s or longer than 24 h
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "校验惯例（项目约定，参数 order_duration）", grade: A}
effective: [null, null]
needs: [orders]
parameters: [order_duration]
evidence: [submission, order_id, worker_id, accepted_at, finished_at, duration_s]
message_zh: 请核实所列已完成订单的时长；确属异常的说明原因，有误的更正后重报。
message_en: Verify the duration of the listed completed orders; explain the unusual, correct and resubmit the wrong.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, status: completed, accepted_at: 2025-10-01 10:00:00}
cases:
  - when: 59秒完成；24小时又1秒完成
    staging.orders: [{order_id: o1, finished_at: 2025-10-01 10:00:59}, {order_id: o2, finished_at: 2025-10-02 10:00:01}]
    expect: [{order_id: o1, duration_s: 59}, {order_id: o2, duration_s: 86401}]
  - when: 半小时完成；取消的订单不看
    staging.orders:
      - {order_id: o1, finished_at: 2025-10-01 10:30:00}
      - {order_id: o2, finished_at: 2025-10-01 10:00:05, status: cancelled}
    expect: []
  - when: 完成早于接单（另见V05）
    staging.orders: [{order_id: o1, finished_at: 2025-10-01 09:59:59}]
    expect: [{order_id: o1, duration_s: -1}]
  - when: 恰60秒、恰24小时（边界）
    staging.orders: [{order_id: o1, finished_at: 2025-10-01 10:01:00}, {order_id: o2, finished_at: 2025-10-02 10:00:00}]
    expect: []
--- */
-- grain: completed order of implausible length
with strictest as (
    select
        max(case when key = 'min' then cast(number as bigint) end) as shortest_s,
        min(case when key = 'max' then cast(number as bigint) end) as longest_s,
    from ref.parameter
    where parameter = 'order_duration'
),

-- one cheap look at all orders against the strictest bounds there ever were; the few that fail meet their own date's
lasted as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.order_id,
        orders.worker_id,
        orders.accepted_at,
        orders.finished_at,
        date_diff('second', orders.accepted_at, orders.finished_at) as duration_s,
    from staging.orders as orders
    cross join strictest
    where orders.status = 'completed'
        and (
            date_diff('second', orders.accepted_at, orders.finished_at) < strictest.shortest_s
            or date_diff('second', orders.accepted_at, orders.finished_at) > strictest.longest_s
        )
)

select
    lasted.platform_code,
    lasted.province_code,
    lasted.business_date,
    lasted.submission,
    lasted.order_id,
    lasted.worker_id,
    lasted.accepted_at,
    lasted.finished_at,
    lasted.duration_s,
from lasted
join ref.parameter as shortest
    on shortest.parameter = 'order_duration'
    and shortest.key = 'min'
    and shortest.valid_from <= lasted.business_date
    and (shortest.valid_to is null or shortest.valid_to > lasted.business_date)
join ref.parameter as longest
    on longest.parameter = 'order_duration'
    and longest.key = 'max'
    and longest.valid_from <= lasted.business_date
    and (longest.valid_to is null or longest.valid_to > lasted.business_date)
where lasted.duration_s < shortest.number
    or lasted.duration_s > longest.number
