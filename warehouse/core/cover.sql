-- grain: platform × coverage_id: the latest state of each spell
-- kept: whole
with state as (
    select
        e.*,
        row_number() over (
            partition by e.platform_code, e.coverage_id order by e.business_date desc, e.province_code, e.row_no
        ) as newest_no,
        min(e.business_date) over (partition by e.platform_code, e.coverage_id) as first_business_date,
    from staging.enrollment e
    where e.coverage_id is not null
)
select
    platform_code, province_code, coverage_id, worker_id, person, programme, registered_at, covered_from, covered_to,
    labor_relation, engagement, contracting_party, industry, city_code, trade, agreement, premium_yuan, worker_paid_yuan,
    subsidy_yuan, subsidy_payer, contribution_base_yuan, birth_date, sex, id_area, business_date, first_business_date,
    submission, version_id, row_no, action,
from state
where newest_no = 1
