-- grain: platform × claim_id: latest state, with the place of its order and of its injury, its stages in working days numbered
-- kept: whole
-- city_code is where the injury happened; industry is the order's, else that of the spell that covered (else the last one).
-- started_at: application, else first report. closed_at: confirmation, or for a denied or withdrawn claim the decision, else
-- the business date that told it. has_agency: the agency has cases of this platform, so its money is the agency's figure.
with watched as (
    select distinct platform_code,
    from staging.agency_case
    where platform_code is not null
),
roll as (
    select
        c.platform_code, c.claim_id, v.industry,
        row_number() over (
            partition by c.platform_code, c.claim_id
            order by
                case when v.covered_from <= c.injured_at and (v.covered_to is null or v.covered_to > c.injured_at) then 0 else 1 end,
                v.covered_from desc, v.coverage_id desc
        ) as nearest_no,
    from core.claims c
    join core.cover v on v.platform_code = c.platform_code and v.worker_id = c.worker_id and v.programme = c.programme
)
select
    c.platform_code,
    c.province_code,
    c.claim_id,
    c.programme,
    c.injury_city_code as city_code,
    coalesce(o.industry, r.industry) as industry,
    c.worker_id,
    coalesce(c.person, w.person, concat(c.platform_code, ':', c.worker_id)) as person,
    c.coverage_id,
    c.order_id,
    o.order_id is not null as is_order_known,
    coalesce(o.is_in_scope, false) as is_order_in_scope,
    o.province_code as order_province_code,
    o.city_code as order_city_code,
    o.industry as order_industry,
    i.province_code as injury_province_code,
    c.injured_at,
    c.reported_at,
    c.reported_by,
    c.applied_at,
    c.confirmed_at,
    c.appraised_at,
    c.decided_at,
    c.paid_at,
    coalesce(c.applied_at, c.reported_at) as started_at,
    case
        when c.outcome in ('denied', 'withdrawn') then coalesce(c.confirmed_at, c.decided_at, cast(c.business_date as timestamp))
        else c.confirmed_at
    end as closed_at,
    c.outcome,
    coalesce(c.suspended_days, 0) as suspended_days,
    c.injury_class,
    c.disability_grade,
    c.medical_yuan,
    c.benefit_yuan,
    a.platform_code is not null as has_agency,
    c.first_business_date,
    c.business_date,
    c.submission,
from core.claims c
left join core.known_order o on o.platform_code = c.platform_code and o.order_id = c.order_id
left join roll r on r.platform_code = c.platform_code and r.claim_id = c.claim_id and r.nearest_no = 1
left join core.worker w on w.platform_code = c.platform_code and w.worker_id = c.worker_id
left join ref.city i on i.city_code = c.injury_city_code
left join watched a on a.platform_code = c.platform_code
