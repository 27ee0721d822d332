-- grain: version × row of frame units that have more than one accepted version (current and superseded alike)
-- kept: view
select
    o.platform_code,
    o.province_code,
    o.business_date,
    o.submission,
    o.version_id,
    s.sequence,
    s.status as version_status,
    s.known_at,
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
from lake.order_version o
join staging.submission s on s.version_id = o.version_id
