-- grain: platform × coverage_id: the latest state of each spell
-- kept: keys build.touched_spell (platform_code, coverage_id)
-- registered_at is when the cover as it now stands was first recorded: a later change of something else does not make it
-- younger, a change of covered_from does; where only its end is known, nobody knows when (null). A spell whose end cannot be read covers nothing: it is not "open".
-- Most spells have one state; only those with several pay for the ordering.
with state as (
    select e.*
    from staging.enrollment e
    where
        e.coverage_id is not null
        and exists (select 1 from build.touched_spell t where t.platform_code = e.platform_code and t.coverage_id = e.coverage_id)
        and not exists (
            select 1 from staging.quarantine q
            where q.version_id = e.version_id and q.extract = 'enrollment' and q.column_name = 'covered_to' and q.row_no = e.row_no
        )
),
several as (
    select platform_code, coverage_id from state group by platform_code, coverage_id having count(*) > 1
),
ordered as (
    select
        s.version_id, s.row_no, s.platform_code, s.coverage_id, s.registered_at, s.covered_from, s.worker_id, s.action,
        row_number() over (partition by s.platform_code, s.coverage_id order by s.business_date desc, s.province_code, s.row_no) as newest_no,
        min(s.business_date) over (partition by s.platform_code, s.coverage_id) as first_business_date,
    from state s
    where exists (select 1 from several m where m.platform_code = s.platform_code and m.coverage_id = s.coverage_id)
),
newest as (
    select n.version_id, n.row_no, n.first_business_date, min(case when coalesce(o.action, '') <> 'end' then o.registered_at end) as registered_at,
    from ordered n
    join ordered o
        on o.platform_code = n.platform_code
        and o.coverage_id = n.coverage_id
        and o.worker_id = n.worker_id
        and o.covered_from = n.covered_from
    where n.newest_no = 1
    group by n.version_id, n.row_no, n.first_business_date
),
single as (
    select s.*
    from state s
    where not exists (select 1 from several m where m.platform_code = s.platform_code and m.coverage_id = s.coverage_id)
)
select
    e.platform_code, e.province_code, e.coverage_id, e.worker_id, e.person, e.programme,
    case when coalesce(e.action, '') <> 'end' then e.registered_at end as registered_at, e.covered_from,
    e.covered_to, e.labor_relation, e.engagement, e.contracting_party, e.industry, e.city_code, e.trade, e.agreement,
    e.premium_yuan, e.worker_paid_yuan, e.subsidy_yuan, e.subsidy_payer, e.contribution_base_yuan, e.birth_date, e.sex,
    e.id_area, e.business_date, e.business_date as first_business_date, e.submission, e.version_id, e.row_no, e.action,
from single e
union all
select
    e.platform_code, e.province_code, e.coverage_id, e.worker_id, e.person, e.programme,
    n.registered_at, e.covered_from,
    e.covered_to, e.labor_relation, e.engagement, e.contracting_party, e.industry, e.city_code, e.trade, e.agreement,
    e.premium_yuan, e.worker_paid_yuan, e.subsidy_yuan, e.subsidy_payer, e.contribution_base_yuan, e.birth_date, e.sex,
    e.id_area, e.business_date, o.first_business_date, e.submission, e.version_id, e.row_no, e.action,
from state e
join ordered o on o.version_id = e.version_id and o.row_no = e.row_no and o.newest_no = 1
left join newest n on n.version_id = e.version_id and n.row_no = e.row_no
