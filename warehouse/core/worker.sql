-- grain: platform × worker_id: the person behind a platform's number (latest identity enrolled; of several on one date that of the first coverage_id)
-- kept: keys build.touched_worker (platform_code, worker_id)
with latest as (
    select c.platform_code, c.worker_id, max(c.business_date) as business_date
    from core.cover c
    where
        c.person is not null
        and exists (select 1 from build.touched_worker t where t.platform_code = c.platform_code and t.worker_id = c.worker_id)
    group by c.platform_code, c.worker_id
)
select c.platform_code, c.worker_id, arg_min(c.person, c.coverage_id) as person
from core.cover c
join latest l on l.platform_code = c.platform_code and l.worker_id = c.worker_id and l.business_date = c.business_date
where c.person is not null
group by c.platform_code, c.worker_id
