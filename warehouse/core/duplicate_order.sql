-- grain: order row beyond the first of its key (platform × order_id, for ever), by business date, province, row
-- kept: unit
-- build.history_key: the keys of the frame that older or newer current versions hold too (pipelines/load.py finds them).
with key_in_frame as (
    select platform_code, order_id
    from staging.orders
    where order_id is not null
    group by platform_code, order_id
    having count(*) > 1
),
repeated as (
    select platform_code, order_id from key_in_frame
    union
    select platform_code, order_id from build.history_key
),
row_of_key as (
    select
        o.platform_code, o.province_code, o.business_date, o.submission, o.version_id, o.row_no, o.order_id, o.serial,
        o.work_type, o.worker_id, o.industry, o.city_code, o.accepted_at, o.picked_up_at, o.finished_at, o.status,
        o.distance_m, o.customer_paid_yuan, o.worker_income_yuan, o.premium_yuan, true as in_frame,
    from staging.orders o
    where exists (select 1 from repeated r where r.platform_code = o.platform_code and r.order_id = o.order_id)
    union all
    select
        h.platform_code, h.province_code, h.business_date, h.submission, h.version_id, h.row_no, h.order_id, h.serial,
        h.work_type, h.worker_id, h.industry, h.city_code, h.accepted_at, h.picked_up_at, h.finished_at, h.status,
        h.distance_m, h.customer_paid_yuan, h.worker_income_yuan, h.premium_yuan, false as in_frame,
    from staging.order_history h
    where exists (select 1 from build.history_key r where r.platform_code = h.platform_code and r.order_id = h.order_id)
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
where occurrence > 1 and in_frame
