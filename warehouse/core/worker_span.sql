-- grain: platform × province × business_date × city × industry × work_class × worker_id of the frame
-- kept: frame
-- The one aggregation over all orders that worker_day and order_cover both stand on.
select
    platform_code, province_code, business_date, city_code, industry, work_class, needs_cover, worker_id,
    count(*) as orders,
    count(case when is_in_scope then 1 end) as orders_in_scope,
    count(case when is_in_scope and status = 'completed' then 1 end) as orders_completed,
    count(case when is_in_scope and status = 'completed' and premium_yuan > 0 then 1 end) as orders_paid,
    sum(premium_yuan) as premium_yuan,
    sum(worker_income_yuan) as worker_income_yuan,
    min(accepted_at) as first_accepted_at,
    max(accepted_at) as last_accepted_at,
from core.orders
group by platform_code, province_code, business_date, city_code, industry, work_class, needs_cover, worker_id
