-- grain: platform × province × business_date × two workers with orders alike to the metre, the cent and the second
-- kept: unit
select
    platform_code, province_code, business_date, first_worker_id, last_worker_id,
    count(*) as contents,
from core.twin_content
where workers > 1
group by platform_code, province_code, business_date, first_worker_id, last_worker_id
