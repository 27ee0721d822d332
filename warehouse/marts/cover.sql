-- grain: platform × coverage_id: spells of positive length, of every programme
-- kept: view
-- first_date and last_date: dates of the first and the last covered instant (last_date null = open). The person is the
-- spell's own identity, else the one known for the worker, else the platform's number.
select
    c.platform_code,
    c.province_code,
    c.coverage_id,
    c.city_code,
    c.industry,
    c.programme,
    c.worker_id,
    coalesce(c.person, w.person, concat(c.platform_code, ':', c.worker_id)) as person,
    cast(c.covered_from as date) as first_date,
    cast(c.covered_to - interval 1 second as date) as last_date,
    c.covered_from,
    c.covered_to,
    c.registered_at,
    c.labor_relation,
    c.engagement,
    c.contracting_party,
    c.trade,
    c.agreement,
    c.premium_yuan,
    c.worker_paid_yuan,
    c.subsidy_yuan,
    c.subsidy_payer,
    c.contribution_base_yuan,
    c.birth_date,
    c.sex,
    c.id_area,
    c.first_business_date,
    c.business_date,
    c.submission,
from core.cover c
left join core.worker w on w.platform_code = c.platform_code and w.worker_id = c.worker_id
where c.covered_from is not null and (c.covered_to is null or c.covered_to > c.covered_from) and c.worker_id is not null
