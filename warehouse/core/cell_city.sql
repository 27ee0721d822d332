-- grain: platform × province × business_date × city_code: orders, and the workers who took them
-- kept: unit
select
    w.platform_code, w.province_code, w.business_date, w.city_code,
    cast(sum(w.orders) as bigint) as orders,
    count(distinct w.worker_id) as workers,
from core.worker_day w
join build.frame f on f.platform_code = w.platform_code and f.business_date = w.business_date
where w.city_code is not null
group by w.platform_code, w.province_code, w.business_date, w.city_code
