-- grain: platform × province × business_date: rows of orders as sent, their ids, and ids that stand for several orders
-- kept: unit
-- reused: rows that carry the id of another row of the day with another worker, acceptance, distance or fee. A row that was only
-- sent twice over is not counted. Large platforms: a part of the ids, by their hash, nested as in core.sampled_order.
with chosen as (
    select
        v.platform_code, v.business_date,
        case
            when v.orders_per_cell <= v.sample_orders then 'g'
            when v.orders_per_cell <= v.sample_orders * 4 then '4'
            when v.orders_per_cell <= v.sample_orders * 16 then '1'
            else '04'
        end as below,
    from core.cell_volume v
),
content as (
    select
        o.platform_code, o.province_code, o.business_date, o.order_id, o.worker_id, o.accepted_at, o.distance_m, o.customer_paid_yuan,
        count(*) as rows_sent,
    from staging.orders o
    join chosen c on c.platform_code = o.platform_code and c.business_date = o.business_date
    where o.order_id is not null and o.work_type = 'order' and (c.below = 'g' or md5(o.order_id) < c.below)
    group by
        o.platform_code, o.province_code, o.business_date, o.order_id, o.worker_id, o.accepted_at, o.distance_m, o.customer_paid_yuan
),
one_id as (
    select platform_code, province_code, business_date, order_id, count(*) as contents, cast(sum(rows_sent) as bigint) as rows_sent,
    from content
    group by platform_code, province_code, business_date, order_id
)
select
    platform_code, province_code, business_date,
    cast(sum(rows_sent) as bigint) as rows_sent,
    count(*) as ids,
    cast(sum(contents - 1) as bigint) as reused,
from one_id
group by platform_code, province_code, business_date
