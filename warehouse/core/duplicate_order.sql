-- grain: order row beyond the first of its key (platform × order_id, for ever), by business date, province, row
-- kept: unit
-- build.repeated_key: keys that stand more than once; every day that holds one is in the frame (pipelines/load.py).
with row_of_key as (
    select
        o.platform_code, o.province_code, o.business_date, o.submission, o.version_id, o.row_no, o.order_id, o.serial,
        o.work_type, o.worker_id, o.industry, o.city_code, o.accepted_at, o.picked_up_at, o.finished_at, o.status,
        o.distance_m, o.customer_paid_yuan, o.worker_income_yuan, o.premium_yuan,
    from staging.orders o
    where exists (select 1 from build.repeated_key r where r.platform_code = o.platform_code and r.order_id = o.order_id)
),
content as (
    select
        *,
        concat_ws(
            '|', coalesce(cast(serial as varchar), ''), coalesce(work_type, ''), coalesce(worker_id, ''), coalesce(industry, ''),
            coalesce(city_code, ''), coalesce(cast(accepted_at as varchar), ''), coalesce(cast(picked_up_at as varchar), ''),
            coalesce(cast(finished_at as varchar), ''), coalesce(status, ''), coalesce(cast(distance_m as varchar), ''),
            coalesce(cast(customer_paid_yuan as varchar), ''), coalesce(cast(worker_income_yuan as varchar), ''),
            coalesce(cast(premium_yuan as varchar), '')
        ) as row_text,
    from row_of_key
),
numbered as (
    select
        *,
        row_number() over (partition by platform_code, order_id order by business_date, province_code, row_no) as occurrence,
        first_value(row_text) over (partition by platform_code, order_id order by business_date, province_code, row_no) as first_text,
    from content
)
select
    platform_code, province_code, business_date, submission, version_id, row_no, order_id, serial, worker_id, accepted_at,
    occurrence, row_text <> first_text as differs,
from numbered
where occurrence > 1
