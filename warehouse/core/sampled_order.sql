-- grain: platform × order_id of the frame: the orders of a fixed part of each platform's workers (parameter detection_sample)
-- kept: frame
-- The part is a power of one half, by the worker's hash: the same workers every day, nested when the platform grows. Small
-- platforms are taken whole. A worker is taken with all orders, so that a day stays a day.
with chosen as (
    select
        v.platform_code, v.business_date,
        case
            when v.orders_per_cell <= v.sample_orders then 'g'
            when v.orders_per_cell <= v.sample_orders * 2 then '8'
            when v.orders_per_cell <= v.sample_orders * 4 then '4'
            when v.orders_per_cell <= v.sample_orders * 8 then '2'
            when v.orders_per_cell <= v.sample_orders * 16 then '1'
            when v.orders_per_cell <= v.sample_orders * 32 then '08'
            when v.orders_per_cell <= v.sample_orders * 64 then '04'
            else '02'
        end as below,
    from core.cell_volume v
),
worker as (
    select distinct w.platform_code, w.business_date, w.worker_id,
    from core.worker_day w
    join chosen c on c.platform_code = w.platform_code and c.business_date = w.business_date
    where w.worker_id is not null and (c.below = 'g' or md5(w.worker_id) < c.below)
)
select
    o.platform_code, o.province_code, o.business_date, o.worker_id, o.order_id, o.industry, o.city_code, o.accepted_at, o.picked_up_at,
    o.finished_at, o.status, o.distance_m, o.customer_paid_yuan, o.worker_income_yuan,
from core.orders o
join worker w on w.platform_code = o.platform_code and w.business_date = o.business_date and w.worker_id = o.worker_id
where o.work_type = 'order' and o.accepted_at is not null
