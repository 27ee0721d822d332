-- grain: platform × worker_id × stint_no: unbroken time under one contracting party ('' = the platform itself), by what was enrolled
-- kept: keys build.touched_worker (platform_code, worker_id)
-- States of programmes that cover work, in the order told; a stint ends where the next begins, or where its last cover ends
-- (ended_on null = goes on). Its place is that of its first state.
with covering as (
    select distinct split_part(key, '/', 2) as programme,
    from ref.parameter
    where parameter = 'cover_programmes' and number = 1
),
state as (
    select
        e.platform_code, e.province_code, e.worker_id, e.business_date, e.registered_at, e.row_no, e.coverage_id,
        coalesce(e.contracting_party, '') as party, e.covered_from, e.covered_to, e.agreement, e.labor_relation,
        lag(coalesce(e.contracting_party, '')) over (
            partition by e.platform_code, e.worker_id order by e.business_date, e.registered_at, e.row_no, e.coverage_id
        ) as previous_party,
    from staging.enrollment e
    join covering c on c.programme = e.programme
    where
        e.worker_id is not null
        and exists (select 1 from build.touched_worker t where t.platform_code = e.platform_code and t.worker_id = e.worker_id)
),
numbered as (
    select
        *,
        sum(case when previous_party = party then 0 else 1 end) over (
            partition by platform_code, worker_id order by business_date, registered_at, row_no, coverage_id
            rows between unbounded preceding and current row
        ) as stint_no,
    from state
),
newest as (
    select
        *,
        row_number() over (
            partition by platform_code, worker_id, stint_no order by business_date desc, registered_at desc, row_no desc, coverage_id desc
        ) as newest_no,
        row_number() over (
            partition by platform_code, worker_id, stint_no order by business_date, registered_at, row_no, coverage_id
        ) as oldest_no,
    from numbered
),
stint as (
    select
        platform_code, worker_id, stint_no,
        max(party) as party,
        max(case when oldest_no = 1 then province_code end) as province_code,
        max(case when oldest_no = 1 and stint_no = 1 then least(cast(covered_from as date), business_date) else null end) as first_from,
        min(business_date) as first_date,
        max(case when newest_no = 1 then cast(covered_to as date) end) as covered_to,
        max(case when newest_no = 1 then agreement end) as agreement,
        max(case when newest_no = 1 then labor_relation end) as labor_relation,
        count(*) as states,
    from newest
    group by platform_code, worker_id, stint_no
)
select
    platform_code, province_code, worker_id, cast(stint_no as integer) as stint_no, party, agreement, labor_relation,
    coalesce(first_from, first_date) as began_on,
    coalesce(lead(first_date) over (partition by platform_code, worker_id order by stint_no), covered_to) as ended_on,
    lead(party) over (partition by platform_code, worker_id order by stint_no) as next_party,
from stint
