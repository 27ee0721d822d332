-- grain: platform × province × business_date of the frame × content of completed orders: how many are alike, and of whom
-- kept: frame
-- Alike: same city, distance, fee and seconds from acceptance to finish. Large platforms: a part of the contents is looked at
-- (every step-th sum of distance and seconds), so that whoever is alike is looked at together. Of more than two workers who
-- share a content, the first and the last by number are told.
with step as (
    select v.platform_code, v.business_date, cast(ceil(v.orders_per_cell / cast(v.sample_orders as double)) as bigint) as step,
    from core.cell_volume v
)
select
    o.platform_code, o.province_code, o.business_date, o.city_code, o.distance_m, o.customer_paid_yuan,
    date_diff('second', o.accepted_at, o.finished_at) as duration_s,
    count(*) as orders,
    count(distinct o.worker_id) as workers,
    min(o.worker_id) as first_worker_id,
    max(o.worker_id) as last_worker_id,
from core.orders o
join step s on s.platform_code = o.platform_code and s.business_date = o.business_date
where o.work_type = 'order' and o.status = 'completed' and o.finished_at > o.accepted_at and o.distance_m > 0
    and (o.distance_m + date_diff('second', o.accepted_at, o.finished_at)) % s.step = 0
group by
    o.platform_code, o.province_code, o.business_date, o.city_code, o.distance_m, o.customer_paid_yuan,
    date_diff('second', o.accepted_at, o.finished_at)
