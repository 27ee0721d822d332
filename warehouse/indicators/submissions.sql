-- grain: window × labels × province_code: what was due, what came, and what it is worth
-- Never narrowed to certified units: it is what tells how many there are.
with revision as (
    select
        platform_code, province_code, business_date,
        sum(case when is_first then orders end) as first_orders,
        sum(case when is_settled then orders end) as settled_orders,
        max(case when is_open then 1 else 0 end) as is_open,
    from marts.version_day
    group by platform_code, province_code, business_date
),
inexact as (
    select distinct platform_code, province_code, period_from as business_date,
    from checks.finding
    where rule_id = 'S09' and status in ('open', 'explained', 'confirmed')
)
select
    u.window_no,
    u.region,
    u.province,
    u.platform,
    u.province_code,
    count(*) as units,
    count(case when u.is_due then 1 end) as units_due,
    count(case when u.is_due and u.is_on_time then 1 end) as units_on_time,
    count(case when u.is_due and u.is_accepted then 1 end) as units_due_accepted,
    count(case when u.is_accepted then 1 end) as units_accepted,
    count(case when u.is_certified then 1 end) as units_certified,
    count(case when u.is_resubmitted then 1 end) as units_resubmitted,
    count(case when u.is_accepted and i.platform_code is null then 1 end) as units_totals_exact,
    sum(u.rows_declared) as rows_declared,
    sum(u.rows_declared) - sum(u.rows_untyped) as rows_typed,
    coalesce(sum(r.first_orders), 0) as orders_first,
    coalesce(sum(abs(r.settled_orders - r.first_orders)), 0) as orders_revised,
    coalesce(sum(r.settled_orders - r.first_orders), 0) as orders_revised_signed,
    coalesce(max(r.is_open), 0) as revisions_open,
from asked_unit u
left join revision r
    on r.platform_code = u.platform_code and r.province_code = u.province_code and r.business_date = u.business_date
left join inexact i
    on i.platform_code = u.platform_code and i.province_code = u.province_code and i.business_date = u.business_date
group by u.window_no, u.region, u.province, u.platform, u.province_code
