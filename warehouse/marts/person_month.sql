-- grain: platform × province × month (its first day) × city_code × industry × worker_id with a valid order
-- kept: view
-- Days of the month as bits (bit 0 = the 1st): active = a valid order; gap = a valid order without cover. So a month of
-- person-days is one row a worker, and distinct persons, person-days and whole-period cover stay exact under any union.
-- The person behind worker_id is looked up in marts.person when read: identities become known later than orders do.
select
    platform_code,
    province_code,
    cast(date_trunc('month', business_date) as date) as month,
    city_code,
    industry,
    worker_id,
    bit_or(cast(1 as integer) << (extract(day from business_date) - 1)) as active_days,
    bit_or(
        case when orders_covered < orders_valid then cast(1 as integer) << (extract(day from business_date) - 1) else 0 end
    ) as gap_days,
    cast(sum(orders_valid) as bigint) as orders_valid,
    cast(sum(orders_covered) as bigint) as orders_covered,
from core.worker_day
where orders_valid > 0 and worker_id is not null
group by platform_code, province_code, cast(date_trunc('month', business_date) as date), city_code, industry, worker_id
