-- grain: platform × order_id of the frame: rows with a readable key, the first of each
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
    s.platform_code is not null as is_in_scope,
    case when o.work_type = 'shift' then 'shift' when o.industry = 'other' then 'other' else 'order' end as work_class,
    s.platform_code is not null or o.work_type = 'shift' or coalesce(o.industry, '') = 'other' as needs_cover,
from staging.orders o
left join (select distinct industry from ref.industry) i on i.industry = o.industry
left join ref.scope s
    on s.platform_code = o.platform_code
    and s.province_code = o.province_code
    and s.industry = coalesce(i.industry, '')
    and s.valid_from <= o.business_date
    and (s.valid_to is null or s.valid_to > o.business_date)
where
    o.order_id is not null
    and not exists (
        select 1 from core.duplicate_order d where d.version_id = o.version_id and d.row_no = o.row_no
    )
