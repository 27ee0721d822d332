-- grain: platform × order_id of current orders that are said to be running
-- kept: unit
select platform_code, province_code, business_date, submission, order_id, worker_id, industry, accepted_at,
from core.orders
where status = 'running'
