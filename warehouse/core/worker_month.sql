-- grain: platform × province × month (its first day) × industry × worker_id
-- kept: keys build.touched_month (platform_code, month)
-- What everything by month and worker stands on: pay and hours, flows, tenure, subsidies. Sums of core.worker_labour;
-- valid and covered as core.worker_day says.
with valid as (
    select
        d.platform_code, d.province_code, m.month, d.industry, d.worker_id,
        sum(d.orders_valid) as orders_valid, sum(d.orders_covered) as orders_covered,
    from core.worker_day d
    join build.touched_month m
        on m.platform_code = d.platform_code and m.month = cast(date_trunc('month', d.business_date) as date)
    where d.worker_id is not null
    group by d.platform_code, d.province_code, m.month, d.industry, d.worker_id
),
labour as (
    select
        l.platform_code, l.province_code, m.month, l.industry, l.worker_id,
        count(*) as days, max(l.business_date) as last_date, count(case when l.orders_timed > 0 then 1 end) as days_timed,
        sum(l.orders) as orders, sum(l.orders_completed) as orders_completed, sum(l.busy_s) as busy_s,
        sum(l.worker_income_yuan) as worker_income_yuan, sum(l.timed_income_yuan) as timed_income_yuan,
        sum(l.orders_priced) as orders_priced, sum(l.priced_customer_yuan) as priced_customer_yuan,
        sum(l.priced_worker_yuan) as priced_worker_yuan, sum(l.orders_ridden) as orders_ridden, sum(l.ride_s) as ride_s,
        sum(l.ride_m) as ride_m, sum(l.orders_bounded) as orders_bounded, sum(l.orders_fast) as orders_fast,
    from core.worker_labour l
    join build.touched_month m
        on m.platform_code = l.platform_code and m.month = cast(date_trunc('month', l.business_date) as date)
    group by l.platform_code, l.province_code, m.month, l.industry, l.worker_id
)
select
    l.platform_code, l.province_code, l.month, l.industry, l.worker_id, l.days, l.last_date, l.days_timed,
    cast(l.orders as bigint) as orders,
    cast(l.orders_completed as bigint) as orders_completed,
    cast(coalesce(v.orders_valid, 0) as bigint) as orders_valid,
    cast(coalesce(v.orders_covered, 0) as bigint) as orders_covered,
    cast(l.busy_s as bigint) as busy_s,
    cast(l.worker_income_yuan as decimal(18, 2)) as worker_income_yuan,
    cast(l.timed_income_yuan as decimal(18, 2)) as timed_income_yuan,
    cast(l.orders_priced as bigint) as orders_priced,
    cast(l.priced_customer_yuan as decimal(18, 2)) as priced_customer_yuan,
    cast(l.priced_worker_yuan as decimal(18, 2)) as priced_worker_yuan,
    cast(l.orders_ridden as bigint) as orders_ridden,
    cast(l.ride_s as bigint) as ride_s,
    cast(l.ride_m as bigint) as ride_m,
    cast(l.orders_bounded as bigint) as orders_bounded,
    cast(l.orders_fast as bigint) as orders_fast,
from labour l
left join valid v
    on v.platform_code = l.platform_code
    and v.province_code = l.province_code
    and v.month = l.month
    and coalesce(v.industry, '') = coalesce(l.industry, '')
    and v.worker_id = l.worker_id
