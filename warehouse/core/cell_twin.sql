-- grain: platform × province × business_date: completed orders that are like another of the day to the metre, the cent and the second
-- kept: unit
-- Alike: same city, distance, fee and seconds from acceptance to finish. twins_other: alike under another worker's number;
-- twins_same: under the same number, another id. Large platforms: a part of the contents is looked at (every step-th sum of
-- distance and seconds), so that whoever is alike is looked at together.
with step as (
    select v.platform_code, v.business_date, cast(ceil(v.orders_per_cell / cast(v.sample_orders as double)) as bigint) as step,
    from core.cell_volume v
),
content as (
    select
        o.platform_code, o.province_code, o.business_date, o.city_code, o.distance_m, o.customer_paid_yuan,
        date_diff('second', o.accepted_at, o.finished_at) as duration_s,
        count(*) as orders,
        count(distinct o.worker_id) as workers,
    from core.orders o
    join step s on s.platform_code = o.platform_code and s.business_date = o.business_date
    where o.work_type = 'order' and o.status = 'completed' and o.finished_at > o.accepted_at and o.distance_m > 0
        and (o.distance_m + date_diff('second', o.accepted_at, o.finished_at)) % s.step = 0
    group by
        o.platform_code, o.province_code, o.business_date, o.city_code, o.distance_m, o.customer_paid_yuan,
        date_diff('second', o.accepted_at, o.finished_at)
)
select
    platform_code, province_code, business_date,
    cast(sum(orders) as bigint) as orders,
    cast(sum(workers - 1) as bigint) as twins_other,
    cast(sum(orders - workers) as bigint) as twins_same,
from content
group by platform_code, province_code, business_date
