-- grain: platform × claim_id: the latest state of each claim
-- kept: whole
with state as (
    select
        c.*,
        row_number() over (
            partition by c.platform_code, c.claim_id order by c.business_date desc, c.province_code, c.row_no
        ) as newest_no,
        min(c.business_date) over (partition by c.platform_code, c.claim_id) as first_business_date,
    from staging.claims c
    where c.claim_id is not null
)
select
    platform_code, province_code, business_date, first_business_date, submission, version_id, row_no, claim_id, worker_id,
    person, birth_date, sex, id_area, programme, coverage_id, order_id, injured_at, injury_city_code, reported_at, reported_by,
    applied_at, confirmed_at, appraised_at, decided_at, paid_at, outcome, suspended_days, injury_class, disability_grade,
    medical_yuan, benefit_yuan,
from state
where newest_no = 1
