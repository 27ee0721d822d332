-- grain: platform × province × business_date: the sampled workers' days, at the province of most of their orders
-- kept: unit
-- long_days: over 20 hours of orders that follow one another. loads: orders a worker, with their squares.
with ordered as (
    select
        platform_code, province_code, business_date, worker_id, accepted_at, coalesce(finished_at, accepted_at) as finished_at,
        lag(coalesce(finished_at, accepted_at)) over (
            partition by platform_code, business_date, worker_id order by accepted_at, order_id
        ) as earlier_finished_at,
    from core.sampled_order
    where status = 'completed'
),
worker as (
    select
        platform_code, business_date, worker_id, min(province_code) as province_code,
        count(distinct province_code) as provinces,
        count(*) as orders,
        count(distinct extract(hour from accepted_at)) as hours_active,
        sum(greatest(date_diff('second', greatest(accepted_at, coalesce(earlier_finished_at, accepted_at)), finished_at), 0)) as busy_s,
        count(case when date_diff('second', accepted_at, earlier_finished_at) > 300 then 1 end) as overlaps,
    from ordered
    group by platform_code, business_date, worker_id
)
select
    platform_code, province_code, business_date,
    count(*) as workers,
    count(case when provinces > 1 then 1 end) as workers_in_provinces,
    cast(sum(orders) as bigint) as orders,
    cast(sum(orders * orders) as double) as orders2,
    coalesce(sum(ln(cast(orders as double))), 0) as orders_ln,
    coalesce(sum(ln(cast(orders as double)) * ln(cast(orders as double))), 0) as orders_ln2,
    count(case when hours_active >= 20 or busy_s > 72000 then 1 end) as long_days,
    count(case when hours_active >= 16 then 1 end) as very_full_days,
    count(case when orders = 1 then 1 end) as single_order_days,
    coalesce(sum(cast(busy_s as double)), 0) as busy_s,
from worker
group by platform_code, province_code, business_date
