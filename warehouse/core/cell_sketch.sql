-- grain: platform × province × business_date × kind × hash: the smallest 64 hashes of a day's rows, stripped of ids
-- kept: unit
-- kind row: time of day, city, fee, distance, duration of a completed sampled order; kind load: a worker and how many orders.
-- Days that share many of these were copied from one another (bottom-k sketch: their share estimates that of all rows).
with row_hash as (
    select distinct
        platform_code, province_code, business_date, 'row' as kind,
        md5(concat_ws('|', cast(date_diff('second', cast(business_date as timestamp), accepted_at) as varchar), city_code,
            cast(customer_paid_yuan as varchar), cast(distance_m as varchar),
            cast(date_diff('second', accepted_at, finished_at) as varchar))) as hash,
    from core.sampled_order
    where status = 'completed' and finished_at > accepted_at and distance_m is not null
),
load_hash as (
    select
        platform_code, province_code, business_date, 'load' as kind,
        md5(concat_ws('|', worker_id, cast(count(*) as varchar))) as hash,
    from core.sampled_order
    group by platform_code, province_code, business_date, worker_id
    having count(*) >= 3
),
ranked as (
    select
        *,
        row_number() over (partition by platform_code, province_code, business_date, kind order by hash) as hash_no,
    from (select * from row_hash union all select * from load_hash) hashed
)
select platform_code, province_code, business_date, kind, hash,
from ranked
where hash_no <= 64
