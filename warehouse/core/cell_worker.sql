-- grain: platform × province × business_date: the workers who took orders, and how their cover stands
-- kept: unit
-- workers_lapsed: with orders out of cover, though first covered over seven days before.
-- new_workers: their first cover by the platform is at most seven days old. employees: with orders under employee_insurance.
with day as (
    select
        w.platform_code, w.province_code, w.business_date, w.worker_id,
        sum(w.orders) as orders, sum(w.orders_valid) as orders_valid, sum(w.orders_covered) as orders_covered,
        sum(w.orders_in_scope) as orders_in_scope, sum(w.orders_employee) as orders_employee,
    from core.worker_day w
    join build.frame f on f.platform_code = w.platform_code and f.business_date = w.business_date
    where w.worker_id is not null
    group by w.platform_code, w.province_code, w.business_date, w.worker_id
),
first_cover as (
    select c.platform_code, c.worker_id, min(c.covered_from) as covered_from, max(case when c.contracting_party is not null then 1 else 0 end) as is_contracted,
    from core.cover c
    where exists (select 1 from build.frame f where f.platform_code = c.platform_code)
    group by c.platform_code, c.worker_id
)
select
    d.platform_code, d.province_code, d.business_date,
    count(*) as workers,
    cast(sum(d.orders) as bigint) as orders,
    count(case when d.orders_covered < d.orders_valid then 1 end) as workers_uncovered,
    cast(sum(d.orders_valid - d.orders_covered) as bigint) as orders_uncovered,
    count(case when c.covered_from >= cast(d.business_date as timestamp) - interval 7 day then 1 end) as new_workers,
    cast(coalesce(sum(case when c.covered_from >= cast(d.business_date as timestamp) - interval 7 day then d.orders end), 0) as bigint) as new_worker_orders,
    count(case when c.is_contracted = 1 then 1 end) as contracted_workers,
    cast(sum(d.orders_employee) as bigint) as orders_employee,
    count(case when d.orders_employee > 0 then 1 end) as employees,
    count(case when d.orders_covered < d.orders_valid and c.covered_from < cast(d.business_date as timestamp) - interval 7 day then 1 end)
        as workers_lapsed,
from day d
left join first_cover c on c.platform_code = d.platform_code and c.worker_id = d.worker_id
group by d.platform_code, d.province_code, d.business_date
