-- grain: platform × worker_id: the person behind a platform's number (latest identity enrolled, else the number itself)
-- kept: whole
with known as (
    select
        platform_code, worker_id, person,
        row_number() over (partition by platform_code, worker_id order by business_date desc, person) as newest_no,
    from core.cover
    where person is not null and worker_id is not null
)
select platform_code, worker_id, person,
from known
where newest_no = 1
