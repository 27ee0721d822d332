-- grain: platform × province × business_date × city × industry × worker_id
-- kept: unit
-- valid = completed, in scope, worker not then under employee_insurance; covered = valid and accepted under cover.
with counted as (
    select
        platform_code, province_code, business_date, city_code, industry, worker_id,
        sum(orders) as orders,
        sum(orders_in_scope) as orders_in_scope,
        sum(orders_completed) as orders_completed,
        sum(orders_paid) as orders_paid,
        sum(premium_yuan) as premium_yuan,
        sum(worker_income_yuan) as worker_income_yuan,
        min(first_accepted_at) as first_accepted_at,
        max(last_accepted_at) as last_accepted_at,
    from core.worker_span
    group by platform_code, province_code, business_date, city_code, industry, worker_id
),
excepted as (
    select
        platform_code, province_code, business_date, city_code, industry, worker_id,
        count(case when is_employee then 1 end) as orders_employee,
        count(case when is_employee and premium_yuan > 0 then 1 end) as paid_employee,
        count(case when not is_employee and not is_covered then 1 end) as orders_uncovered,
    from core.order_cover
    where is_in_scope and status = 'completed'
    group by platform_code, province_code, business_date, city_code, industry, worker_id
)
select
    c.platform_code,
    c.province_code,
    c.business_date,
    c.city_code,
    c.industry,
    c.worker_id,
    cast(c.orders as bigint) as orders,
    cast(c.orders_in_scope as bigint) as orders_in_scope,
    cast(coalesce(e.orders_employee, 0) as bigint) as orders_employee,
    cast(c.orders_completed - coalesce(e.orders_employee, 0) as bigint) as orders_valid,
    cast(c.orders_paid - coalesce(e.paid_employee, 0) as bigint) as orders_insured,
    cast(c.orders_completed - coalesce(e.orders_employee, 0) - coalesce(e.orders_uncovered, 0) as bigint) as orders_covered,
    c.premium_yuan,
    c.worker_income_yuan,
    c.first_accepted_at,
    c.last_accepted_at,
from counted c
left join excepted e
    on e.platform_code = c.platform_code
    and e.province_code = c.province_code
    and e.business_date = c.business_date
    and coalesce(e.city_code, '') = coalesce(c.city_code, '')
    and coalesce(e.industry, '') = coalesce(c.industry, '')
    and coalesce(e.worker_id, '') = coalesce(c.worker_id, '')
