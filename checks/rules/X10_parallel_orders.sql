/* ---
id: X10
version: 1
title_zh: 同时单超限
title_en: parallel orders of one worker above the bound for the industry
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "项目约定（参数 parallel_bound：出行3、即时配送15、同城货运3），未核实", grade: A}
effective: [null, null]
needs: [orders]
parameters: [parallel_bound]
evidence: [submission, order_id, worker_id, industry, accepted_at, running_orders]
message_zh: 请核实同一从业人员同时进行的订单；多人共用编号、虚增订单的应更正。
message_en: Verify the orders that one worker had running at once; correct shared ids and made-up orders.
defaults:
  core.worker_day: {platform_code: P01, province_code: 310000, business_date: 2025-10-01, worker_id: w1, orders: 5}
  staging.orders: {platform_code: P01, province_code: 310000, business_date: 2025-10-01, worker_id: w1, industry: ride_hailing, finished_at: 2025-10-01 11:00:00}
cases:
  - when: 已有3单在途又接第4、第5单（跨省也算）
    core.worker_day: [{}]
    staging.orders:
      - {order_id: o1, accepted_at: 2025-10-01 10:00:00}
      - {order_id: o2, accepted_at: 2025-10-01 10:01:00}
      - {order_id: o3, accepted_at: 2025-10-01 10:02:00}
      - {order_id: o4, accepted_at: 2025-10-01 10:03:00}
      - {order_id: o5, accepted_at: 2025-10-01 10:04:00, province_code: 320000}
    expect: [{order_id: o4, running_orders: 3}, {order_id: o5, running_orders: 4, province_code: 320000}]
  - when: 即时配送可到15单；不同人；跑完再接
    core.worker_day: [{}, {worker_id: w2}, {worker_id: w3}]
    staging.orders:
      - {order_id: o1, accepted_at: 2025-10-01 10:00:00, industry: instant_delivery}
      - {order_id: o2, accepted_at: 2025-10-01 10:01:00, industry: instant_delivery}
      - {order_id: o3, accepted_at: 2025-10-01 10:02:00, industry: instant_delivery}
      - {order_id: o4, accepted_at: 2025-10-01 10:03:00, industry: instant_delivery}
      - {order_id: o5, accepted_at: 2025-10-01 10:03:00, worker_id: w2}
      - {order_id: o6, accepted_at: 2025-10-01 10:03:00, worker_id: w3}
    expect: []
  - when: 第1单恰在接第4单时结束 → 只有2单在途；同一秒接4单 → 第4单超限（边界）
    core.worker_day: [{}, {worker_id: w2}]
    staging.orders:
      - {order_id: o1, accepted_at: 2025-10-01 10:00:00, finished_at: 2025-10-01 10:03:00}
      - {order_id: o2, accepted_at: 2025-10-01 10:01:00}
      - {order_id: o3, accepted_at: 2025-10-01 10:02:00}
      - {order_id: o4, accepted_at: 2025-10-01 10:03:00}
      - {order_id: q1, accepted_at: 2025-10-01 10:00:00, worker_id: w2}
      - {order_id: q2, accepted_at: 2025-10-01 10:00:00, worker_id: w2}
      - {order_id: q3, accepted_at: 2025-10-01 10:00:00, worker_id: w2}
      - {order_id: q4, accepted_at: 2025-10-01 10:00:00, worker_id: w2}
    expect: [{order_id: q4, running_orders: 3}]
  - when: 重复的行不是另一单；已完成而结束时间读不出的不知道是否在途；进行中的在途
    core.worker_day: [{}, {worker_id: w2}]
    staging.orders:
      - {order_id: o1, accepted_at: 2025-10-01 10:00:00}
      - {order_id: o2, accepted_at: 2025-10-01 10:01:00}
      - {order_id: o3, accepted_at: 2025-10-01 10:02:00, status: completed, finished_at: null}
      - {order_id: o2, accepted_at: 2025-10-01 10:01:00, version_id: a, row_no: 9}
      - {order_id: o4, accepted_at: 2025-10-01 10:03:00}
      - {order_id: q1, accepted_at: 2025-10-01 10:00:00, worker_id: w2, status: running, finished_at: null}
      - {order_id: q2, accepted_at: 2025-10-01 10:01:00, worker_id: w2, status: running, finished_at: null}
      - {order_id: q3, accepted_at: 2025-10-01 10:02:00, worker_id: w2, status: running, finished_at: null}
      - {order_id: q4, accepted_at: 2025-10-01 23:00:00, worker_id: w2}
    core.duplicate_order: [{version_id: a, row_no: 9}]
    expect: [{order_id: q4, running_orders: 3}]
--- */
-- grain: order accepted while its worker already had as many running as the industry's bound (all of the worker's orders of
-- the platform and date count once, whatever their industry and province; a running one runs to the end of the date).
-- Ten million orders are swept once: workers are numbered first, because sorting by numbers is cheaper than by texts.
with lowest as (
    select min(number) as bound,
    from ref.parameter
    where parameter = 'parallel_bound'
),

busy as (
    select
        day.platform_code,
        day.business_date,
        day.worker_id,
        row_number() over (order by day.platform_code, day.business_date, day.worker_id) as worker_no,
    from core.worker_day as day
    join (select distinct platform_code, business_date from staging.orders) as frame
        on frame.platform_code = day.platform_code
        and frame.business_date = day.business_date
    cross join lowest
    where day.worker_id is not null
    group by day.platform_code, day.business_date, day.worker_id
    having sum(day.orders) > min(lowest.bound)
),

swept as (
    select
        busy.worker_no,
        orders.accepted_at,
        greatest(
            coalesce(
                orders.finished_at,
                case when orders.status = 'running' then cast(orders.business_date + interval 1 day as timestamp) end,
                orders.accepted_at
            ),
            orders.accepted_at + interval 1 second
        ) as ended_at,
        cast(bound.number as integer) as bound,
    from staging.orders as orders
    join busy
        on busy.platform_code = orders.platform_code
        and busy.business_date = orders.business_date
        and busy.worker_id = orders.worker_id
    left join ref.parameter as bound
        on bound.parameter = 'parallel_bound'
        and bound.key = orders.industry
        and bound.valid_from <= orders.business_date
        and (bound.valid_to is null or bound.valid_to > orders.business_date)
    where orders.accepted_at is not null
        and orders.order_id is not null
        and not exists (
            select 1
            from core.duplicate_order as twin
            where twin.version_id = orders.version_id
                and twin.row_no = orders.row_no
        )
),

-- Where b orders run at once beside a new one, one of them was accepted b or more places before it and still runs.
-- Frames take no parameter: 3 and 15 only thin out the workers; lower bounds would be swept whole.
spaced as (
    select
        worker_no,
        bound,
        accepted_at,
        max(ended_at) over (
            partition by worker_no
            order by accepted_at
            rows between unbounded preceding and 3 preceding
        ) as latest_end_3,
        max(ended_at) over (
            partition by worker_no
            order by accepted_at
            rows between unbounded preceding and 15 preceding
        ) as latest_end_15,
    from swept
),

candidate as (
    select distinct worker_no,
    from spaced
    where bound < 3
        or (bound < 15 and latest_end_3 > accepted_at)
        or (bound >= 15 and latest_end_15 > accepted_at)
),

event as (
    select swept.worker_no, swept.accepted_at as happened_at, 1 as change, swept.bound,
    from swept
    join candidate on candidate.worker_no = swept.worker_no
    union all
    select swept.worker_no, swept.ended_at as happened_at, -1 as change, cast(null as integer) as bound,
    from swept
    join candidate on candidate.worker_no = swept.worker_no
),

running as (
    select
        worker_no,
        happened_at,
        change,
        bound,
        sum(change) over (
            partition by worker_no
            order by happened_at, change
            rows between unbounded preceding and current row
        ) as running_orders,
    from event
),

beyond as (
    select
        busy.platform_code,
        busy.business_date,
        busy.worker_id,
        running.happened_at,
        count(*) as orders_beyond,
        cast(max(running.running_orders) - 1 as integer) as running_orders,
    from running
    join busy on busy.worker_no = running.worker_no
    where running.change = 1
        and running.running_orders > running.bound
    group by busy.platform_code, busy.business_date, busy.worker_id, running.happened_at
),

-- of orders accepted in one second, as many as came when the bound was reached: the last ones
named as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.order_id,
        orders.worker_id,
        orders.industry,
        orders.accepted_at,
        beyond.running_orders,
        beyond.orders_beyond,
        row_number() over (
            partition by orders.platform_code, orders.business_date, orders.worker_id, orders.accepted_at
            order by orders.serial desc, orders.order_id desc, orders.province_code
        ) as from_last,
    from beyond
    join staging.orders as orders
        on orders.platform_code = beyond.platform_code
        and orders.business_date = beyond.business_date
        and orders.worker_id = beyond.worker_id
        and orders.accepted_at = beyond.happened_at
    where orders.order_id is not null
        and not exists (
            select 1
            from core.duplicate_order as twin
            where twin.version_id = orders.version_id
                and twin.row_no = orders.row_no
        )
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    order_id,
    worker_id,
    industry,
    accepted_at,
    running_orders,
from named
where from_last <= orders_beyond
