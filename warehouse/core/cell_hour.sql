-- grain: platform × province × business_date × hour: orders accepted in that hour
-- kept: unit
select
    platform_code, province_code, business_date,
    cast(extract(hour from accepted_at) as bigint) as hour_no,
    count(*) as orders,
    count(case when status = 'completed' then 1 end) as orders_completed,
from core.orders
where work_type = 'order' and accepted_at is not null
group by platform_code, province_code, business_date, cast(extract(hour from accepted_at) as bigint)
