-- grain: platform × province × business_date × kind × level: how many orders the sampled workers had running at once
-- kept: unit
-- kind worker: workers whose fullest moment of the day was `level` orders; kind order: orders accepted when `level` - 1 others of
-- the worker were running. Level 20 stands for 20 and more. An order runs from acceptance to finish; one that ends in the second
-- in which another begins is over. The province is that of the order, or of the worker's first order.
with event as (
    select platform_code, business_date, worker_id, accepted_at as moment, 1 as change, province_code,
    from core.sampled_order
    where status = 'completed' and finished_at > accepted_at
    union all
    select platform_code, business_date, worker_id, finished_at as moment, -1 as change, province_code,
    from core.sampled_order
    where status = 'completed' and finished_at > accepted_at
),
running as (
    select
        platform_code, business_date, worker_id, province_code, change,
        sum(change) over (
            partition by platform_code, business_date, worker_id order by moment, change
            rows between unbounded preceding and current row
        ) as level,
        first_value(province_code) over (
            partition by platform_code, business_date, worker_id order by moment, change
            rows between unbounded preceding and unbounded following
        ) as home_province_code,
    from event
),
fullest as (
    select platform_code, business_date, worker_id, home_province_code, max(level) as level,
    from running
    group by platform_code, business_date, worker_id, home_province_code
)
select
    platform_code, home_province_code as province_code, business_date, 'worker' as kind,
    cast(least(level, 20) as bigint) as level,
    count(*) as counted,
from fullest
group by platform_code, home_province_code, business_date, cast(least(level, 20) as bigint)
union all
select
    platform_code, province_code, business_date, 'order' as kind,
    cast(least(level, 20) as bigint) as level,
    count(*) as counted,
from running
where change = 1
group by platform_code, province_code, business_date, cast(least(level, 20) as bigint)
