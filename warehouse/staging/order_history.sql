-- grain: platform × province × business_date × row_no; current versions of these platforms outside the frame
-- kept: view
select
    o.platform_code,
    o.province_code,
    o.business_date,
    o.submission,
    o.version_id,
    o.row_no,
    o.order_id,
    o.serial,
    o.work_type,
    o.worker_id,
    o.industry,
    o.city_code,
    o.accepted_at,
    o.picked_up_at,
    o.finished_at,
    o.status,
    o.distance_m,
    o.customer_paid_yuan,
    o.worker_income_yuan,
    o.premium_yuan,
from lake.order_history o
