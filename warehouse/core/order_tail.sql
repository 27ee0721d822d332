-- grain: platform × order_id: orders of the frame, and those of the day before it that ran past midnight
-- kept: view
select
    o.platform_code, o.province_code, o.business_date, o.submission, o.version_id, o.row_no, o.order_id, o.serial, o.work_type,
    o.worker_id, o.industry, o.city_code, o.accepted_at, o.picked_up_at, o.finished_at, o.status, o.distance_m,
    o.customer_paid_yuan, o.worker_income_yuan, o.premium_yuan, o.is_in_scope, o.work_class, o.needs_cover, true as is_in_frame,
from core.orders o
union all
select
    h.platform_code, h.province_code, h.business_date, h.submission, h.version_id, h.row_no, h.order_id, h.serial, h.work_type,
    h.worker_id, h.industry, h.city_code, h.accepted_at, h.picked_up_at, h.finished_at, h.status, h.distance_m,
    h.customer_paid_yuan, h.worker_income_yuan, h.premium_yuan, h.is_in_scope, h.work_class, h.needs_cover, false as is_in_frame,
from core.order_past h
join build.frame f on f.platform_code = h.platform_code and f.business_date = date_add(h.business_date, interval 1 day)
where coalesce(h.finished_at, cast(f.business_date as timestamp)) >= cast(f.business_date as timestamp)
