-- grain: platform × order_id: current orders that a claim, an agency case or a worker check names
-- kept: unit
-- Named by the order's number, or by the worker and the minute of acceptance.
-- Orders of older days are looked up in the lake when a reference is new (pipelines/load.py), with these same columns.
select
    o.platform_code, o.province_code, o.business_date, o.submission, o.version_id, o.row_no, o.order_id, o.serial, o.work_type,
    o.worker_id, o.industry, o.city_code, o.accepted_at, o.picked_up_at, o.finished_at, o.status, o.distance_m,
    o.customer_paid_yuan, o.worker_income_yuan, o.premium_yuan, o.is_in_scope, o.work_class, o.needs_cover,
from core.orders o
where exists (
    select 1 from core.known_reference r where r.platform_code = o.platform_code and r.order_id = o.order_id
) or exists (
    select 1 from core.known_moment m
    where m.platform_code = o.platform_code and m.worker_id = o.worker_id and m.minute = date_trunc('minute', o.accepted_at)
)
