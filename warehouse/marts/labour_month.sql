-- grain: platform × province × month × industry: pay, hours and speed as the orders tell them
-- kept: whole
-- Every rate stands beside its parts. commission_rate = 1 − worker/customer over orders with both amounts. Hours are time on orders
-- (waiting is not seen), so hourly income is too high rather than too low. p95: the least tenth of an hour that 95% of the
-- worker-days do not exceed. A worker-month is below the minimum wage where its income over its hours is less than the hourly
-- minimum of the province at the month's first day; judged only where the register has one. No hours, no judgement.
with day as (
    select
        platform_code, province_code, month, industry,
        sum(orders) as orders, sum(orders_completed) as orders_completed, sum(busy_s) as busy_s,
        sum(worker_income_yuan) as worker_income_yuan, sum(timed_income_yuan) as timed_income_yuan,
        sum(orders_priced) as orders_priced, sum(priced_customer_yuan) as priced_customer_yuan,
        sum(priced_worker_yuan) as priced_worker_yuan, sum(orders_ridden) as orders_ridden, sum(ride_s) as ride_s,
        sum(ride_m) as ride_m, sum(orders_bounded) as orders_bounded, sum(orders_fast) as orders_fast,
    from core.worker_month
    group by platform_code, province_code, month, industry
),
ranked as (
    select
        platform_code, province_code, month, industry, tenth_hours, worker_days,
        sum(worker_days) over (
            partition by platform_code, province_code, month, industry order by tenth_hours
            rows between unbounded preceding and current row
        ) as up_to,
        sum(worker_days) over (partition by platform_code, province_code, month, industry) as all_days,
    from marts.labour_hours
),
spread as (
    select
        r.platform_code, r.province_code, r.month, r.industry,
        max(r.all_days) as worker_days,
        min(case when r.up_to * 2 >= r.all_days then r.tenth_hours end) as median_tenths,
        min(case when r.up_to * 100 >= r.all_days * 95 then r.tenth_hours end) as p95_tenths,
        sum(case when r.tenth_hours > p.number * 10 then r.worker_days else 0 end) as long_days,
    from ranked r
    left join ref.parameter p
        on p.parameter = 'long_day' and p.valid_from <= r.month and (p.valid_to is null or p.valid_to > r.month)
    group by r.platform_code, r.province_code, r.month, r.industry
),
earned as (
    select
        w.platform_code, w.province_code, w.month, w.industry,
        count(*) as workers,
        count(case when w.busy_s > 0 and g.hourly_yuan is not null then 1 end) as wage_judged,
        count(case when w.busy_s > 0 and w.timed_income_yuan * 3600 < g.hourly_yuan * w.busy_s then 1 end) as wage_below,
        max(g.hourly_yuan) as minimum_hourly_yuan,
    from core.worker_month w
    left join ref.minimum_wages g
        on g.province_code = w.province_code
        and (g.valid_from is null or g.valid_from <= w.month)
        and (g.valid_to is null or g.valid_to > w.month)
    group by w.platform_code, w.province_code, w.month, w.industry
)
select
    d.platform_code, d.province_code, d.month, d.industry,
    coalesce(e.workers, 0) as workers,
    cast(d.orders as bigint) as orders,
    cast(d.orders_completed as bigint) as orders_completed,
    cast(d.orders_priced as bigint) as orders_priced,
    cast(d.priced_customer_yuan as decimal(18, 2)) as priced_customer_yuan,
    cast(d.priced_worker_yuan as decimal(18, 2)) as priced_worker_yuan,
    case when d.priced_customer_yuan > 0 then 1 - cast(d.priced_worker_yuan as double) / d.priced_customer_yuan end as commission_rate,
    cast(coalesce(s.worker_days, 0) as bigint) as worker_days,
    cast(d.busy_s as bigint) as busy_s,
    case when s.worker_days > 0 then cast(d.busy_s as double) / 3600 / s.worker_days end as hours_mean,
    cast(s.median_tenths as double) / 10 as hours_median,
    cast(s.p95_tenths as double) / 10 as hours_p95,
    cast(coalesce(s.long_days, 0) as bigint) as long_days,
    cast(d.worker_income_yuan as decimal(18, 2)) as worker_income_yuan,
    cast(d.timed_income_yuan as decimal(18, 2)) as timed_income_yuan,
    case when d.busy_s > 0 then cast(d.timed_income_yuan as double) * 3600 / d.busy_s end as hourly_income_yuan,
    e.minimum_hourly_yuan,
    coalesce(e.wage_judged, 0) as wage_judged,
    coalesce(e.wage_below, 0) as wage_below,
    cast(d.orders_ridden as bigint) as orders_ridden,
    cast(d.ride_s as bigint) as ride_s,
    cast(d.ride_m as bigint) as ride_m,
    case when d.ride_s > 0 then cast(d.ride_m as double) * 3.6 / d.ride_s end as speed_kmh,
    cast(d.orders_bounded as bigint) as orders_bounded,
    cast(d.orders_fast as bigint) as orders_fast,
from day d
left join spread s
    on s.platform_code = d.platform_code
    and s.province_code = d.province_code
    and s.month = d.month
    and coalesce(s.industry, '') = coalesce(d.industry, '')
left join earned e
    on e.platform_code = d.platform_code
    and e.province_code = d.province_code
    and e.month = d.month
    and coalesce(e.industry, '') = coalesce(d.industry, '')
