-- grain: platform × order_id of a day-labour attendance (work_type shift), every status
-- kept: unit
select
    platform_code, province_code, business_date, order_id, worker_id, industry, city_code, accepted_at, finished_at, status,
    worker_income_yuan,
from core.orders
where work_class = 'shift'
