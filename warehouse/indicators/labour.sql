-- grain: window × place: pay, hours and speed of whole months; percentiles over worker-days, exact to a tenth of an hour
with cell as (
    select
        w.window_no, p.place_no, case when $by_industry then l.industry end as industry,
        sum(l.priced_customer_yuan) - sum(l.priced_worker_yuan) as commission_yuan,
        sum(l.priced_customer_yuan) as priced_customer_yuan,
        cast(sum(l.busy_s) as double) / 3600 as busy_hours,
        sum(l.long_days) as long_days,
        sum(l.timed_income_yuan) as timed_income_yuan,
        sum(l.wage_judged) as wage_judged,
        sum(l.wage_below) as wage_below,
        sum(l.orders_bounded) as orders_bounded,
        sum(l.orders_fast) as orders_fast,
        cast(sum(l.ride_m) as double) / 1000 as ride_km,
        cast(sum(l.ride_s) as double) / 3600 as ride_hours,
    from marts.labour_month l
    join asked_pair p on p.platform_code = l.platform_code and p.province_code = l.province_code
    join asked_window w on l.month >= date_trunc('month', w.start_date) and l.month < w.end_date
    group by 1, 2, 3
),
hour as (
    select
        w.window_no, p.place_no, case when $by_industry then l.industry end as industry, l.tenth_hours,
        sum(l.worker_days) as worker_days,
    from marts.labour_hours l
    join asked_pair p on p.platform_code = l.platform_code and p.province_code = l.province_code
    join asked_window w on l.month >= date_trunc('month', w.start_date) and l.month < w.end_date
    group by 1, 2, 3, 4
),
ranked as (
    select
        *,
        sum(worker_days) over (
            partition by window_no, place_no, industry order by tenth_hours rows between unbounded preceding and current row
        ) as up_to,
        sum(worker_days) over (partition by window_no, place_no, industry) as all_days,
    from hour
),
spread as (
    select
        window_no, place_no, industry,
        max(all_days) as worker_days,
        cast(min(case when up_to * 2 >= all_days then tenth_hours end) as double) / 10 as hours_median,
        cast(min(case when up_to * 100 >= all_days * 95 then tenth_hours end) as double) / 10 as hours_p95,
    from ranked
    group by window_no, place_no, industry
)
select
    c.window_no, g.region, g.province, g.platform, c.industry,
    c.commission_yuan, c.priced_customer_yuan, c.busy_hours, coalesce(s.worker_days, 0) as worker_days, c.long_days,
    s.hours_median, s.hours_p95, c.timed_income_yuan, c.wage_judged, c.wage_below, c.orders_bounded, c.orders_fast,
    c.ride_km, c.ride_hours,
from cell c
join asked_place g on g.place_no = c.place_no
left join spread s
    on s.window_no = c.window_no and s.place_no = c.place_no and coalesce(s.industry, '') = coalesce(c.industry, '')
