/* ---
id: X15
version: 1
title_zh: 状态改标
title_en: cancelled orders that look completed far above peers, or an order unresolved after 48 h
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "人社部发〔2025〕24号：每单必保；报送规范1.0 第3节（进行中的订单48小时内了结）；高出同行的份额为项目约定（未核实）", grade: A}
effective: [null, null]
needs: [orders]
parameters: [status_relabel, running_order_hours]
evidence: [submission, problem, order_id, accepted_at, orders, orders_relabelled, peer_orders, peer_orders_relabelled]
message_zh: 请说明有收入、时长正常而记为取消且未缴费的订单；进行中的订单应在48小时内以重报了结。
message_en: Explain the orders marked cancelled that have income and a normal length and no premium; resolve running orders by a resubmission within 48 hours.
defaults:
  checks.clock: {now: 2025-10-03 08:00:00}
  core.status_day: {province_code: 310000, business_date: 2025-10-01, industry: instant_delivery}
  core.running_order: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, order_id: o1}
cases:
  - when: 取消而有收入的份额30%，同行1%
    checks.clock: [{}]
    core.status_day: [{platform_code: P02, orders: 100, orders_relabelled: 30}, {platform_code: P03, orders: 1000, orders_relabelled: 10}]
    expect: [{platform_code: P02, problem: relabelled, peer_orders: 1000, peer_orders_relabelled: 10, violations: 30}]
  - when: 与同行相近；单数太少；超出而可属偶然；没有同行；另一行业不是同行
    checks.clock: [{}]
    core.status_day:
      - {platform_code: P02, orders: 100, orders_relabelled: 2}
      - {platform_code: P03, orders: 1000, orders_relabelled: 10}
      - {platform_code: P06, orders: 50, orders_relabelled: 4}
      - {platform_code: P04, orders: 49, orders_relabelled: 49}
      - {platform_code: P01, orders: 100, orders_relabelled: 50, industry: ride_hailing}
    expect: []
  - when: 接单后48小时又1秒仍在进行；恰48小时（边界）
    checks.clock: [{}]
    core.running_order: [{accepted_at: 2025-10-01 07:59:59}, {order_id: o2, accepted_at: 2025-10-01 08:00:00}]
    expect: [{problem: unresolved, order_id: o1, violations: 1}]
  - when: 恰高出五个百分点不算，多一单算（边界）
    checks.clock: [{}]
    core.status_day:
      - {platform_code: P02, orders: 1000, orders_relabelled: 50}
      - {platform_code: P03, orders: 1000, orders_relabelled: 0}
      - {platform_code: P02, orders: 1000, orders_relabelled: 51, business_date: 2025-10-02}
      - {platform_code: P05, orders: 1000, orders_relabelled: 0, business_date: 2025-10-02}
    expect: [{platform_code: P02, business_date: 2025-10-02}]
--- */
-- grain: platform × province × business_date × industry whose share of cancelled orders that look completed lies too far above
-- that of all other platforms of the industry on that date, by more than chance; or order still running after its time
with peer as (
    select business_date, industry, platform_code, sum(orders) as orders, sum(orders_relabelled) as orders_relabelled,
    from core.status_day
    group by business_date, industry, platform_code
),

total as (
    select business_date, industry, sum(orders) as orders, sum(orders_relabelled) as orders_relabelled,
    from peer
    group by business_date, industry
),

compared as (
    select
        day.platform_code,
        day.province_code,
        day.business_date,
        day.industry,
        day.orders,
        day.orders_relabelled,
        total.orders - peer.orders as peer_orders,
        total.orders_relabelled - peer.orders_relabelled as peer_orders_relabelled,
    from core.status_day as day
    join peer
        on peer.business_date = day.business_date
        and peer.industry = day.industry
        and peer.platform_code = day.platform_code
    join total
        on total.business_date = day.business_date
        and total.industry = day.industry
)

select
    compared.platform_code,
    compared.province_code,
    compared.business_date,
    unit.submission,
    'relabelled' as problem,
    cast(null as varchar) as order_id,
    cast(null as timestamp) as accepted_at,
    compared.orders,
    compared.orders_relabelled,
    cast(compared.peer_orders as bigint) as peer_orders,
    cast(compared.peer_orders_relabelled as bigint) as peer_orders_relabelled,
    compared.orders_relabelled as violations,
from compared
join ref.parameter as minimum
    on minimum.parameter = 'status_relabel'
    and minimum.key = 'minimum_orders'
    and minimum.valid_from <= compared.business_date
    and (minimum.valid_to is null or minimum.valid_to > compared.business_date)
join ref.parameter as excess
    on excess.parameter = 'status_relabel'
    and excess.key = 'excess'
    and excess.valid_from <= compared.business_date
    and (excess.valid_to is null or excess.valid_to > compared.business_date)
join ref.parameter as errors
    on errors.parameter = 'status_relabel'
    and errors.key = 'standard_errors'
    and errors.valid_from <= compared.business_date
    and (errors.valid_to is null or errors.valid_to > compared.business_date)
left join core.unit as unit
    on unit.platform_code = compared.platform_code
    and unit.province_code = compared.province_code
    and unit.business_date = compared.business_date
where compared.orders >= minimum.number
    and compared.peer_orders >= minimum.number
    -- shares compared as whole numbers, so that exactly the excess is exactly the excess
    and compared.orders_relabelled * compared.peer_orders - compared.peer_orders_relabelled * compared.orders
        > excess.number * compared.orders * compared.peer_orders
    -- the excess squared, against the variance of a difference of two shares
    and (
        cast(compared.orders_relabelled as double) / compared.orders
        - cast(compared.peer_orders_relabelled as double) / compared.peer_orders
    ) * (
        cast(compared.orders_relabelled as double) / compared.orders
        - cast(compared.peer_orders_relabelled as double) / compared.peer_orders
    ) > cast(errors.number * errors.number as double)
        * (
            cast(compared.orders_relabelled + compared.peer_orders_relabelled as double)
            / (compared.orders + compared.peer_orders)
        )
        * (
            1 - cast(compared.orders_relabelled + compared.peer_orders_relabelled as double)
            / (compared.orders + compared.peer_orders)
        )
        * (1 / cast(compared.orders as double) + 1 / cast(compared.peer_orders as double))
union all
select
    running.platform_code,
    running.province_code,
    running.business_date,
    running.submission,
    'unresolved' as problem,
    running.order_id,
    running.accepted_at,
    cast(null as bigint) as orders,
    cast(null as bigint) as orders_relabelled,
    cast(null as bigint) as peer_orders,
    cast(null as bigint) as peer_orders_relabelled,
    1 as violations,
from core.running_order as running
cross join checks.clock as clock
join ref.parameter as bound
    on bound.parameter = 'running_order_hours'
    and bound.valid_from <= running.business_date
    and (bound.valid_to is null or bound.valid_to > running.business_date)
where date_diff('second', running.accepted_at, clock.now) > bound.number * 3600
