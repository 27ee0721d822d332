-- grain: witness row on orders or contributions beside our figure over its own period (contributions: of the month they are for)
-- kept: view
-- Only where the period lies between the first business date of that place and the last closed night. A series may cover a part of
-- the business only: its level is then no evidence, its movement is.
with total as (
    select
        coalesce(platform_code, '') as platform_code,
        coalesce(province_code, '') as province_code,
        business_date,
        sum(orders) as orders,
        sum(premium_yuan) as premium_yuan,
    from marts.order_day
    group by grouping sets (
        (platform_code, province_code, business_date), (platform_code, business_date), (province_code, business_date), (business_date)
    )
),
first_of_place as (
    select
        coalesce(platform_code, '') as platform_code, coalesce(province_code, '') as province_code, min(business_date) as first_date,
    from core.unit
    group by grouping sets ((platform_code, province_code), (platform_code), (province_code), ())
),
period as (
    select w.*, w.date_from as period_from, w.date_to as period_to,
    from marts.witness w
    where w.measure = 'orders'
    union all
    select
        w.*,
        cast(w.date_from - cast(p.number as integer) * interval 1 month as date) as period_from,
        cast(cast(w.date_to + interval 1 day as date) - cast(p.number as integer) * interval 1 month - interval 1 day as date) as period_to,
    from marts.witness w
    join ref.parameter p
        on p.parameter = 'contribution_lag_months' and p.valid_from <= w.date_from and (p.valid_to is null or p.valid_to > w.date_from)
    where
        w.measure = 'contributions_yuan'
        and extract(day from w.date_from) = 1
        and extract(day from w.date_to + interval 1 day) = 1
),
compared as (
    select
        w.source, w.platform_code, w.province_code, w.measure, w.date_from, w.date_to, w.period_from, w.period_to, w.value,
        coalesce(sum(case w.measure when 'orders' then t.orders else t.premium_yuan end), 0) as ours,
    from period w
    join first_of_place f on f.platform_code = w.platform_code and f.province_code = w.province_code and f.first_date <= w.period_from
    join (select max(night) as night from checks.clock) k on w.period_to <= k.night
    left join total t
        on t.platform_code = w.platform_code
        and t.province_code = w.province_code
        and t.business_date between w.period_from and w.period_to
    group by
        w.source, w.platform_code, w.province_code, w.measure, w.date_from, w.date_to, w.period_from, w.period_to, w.value
)
select
    c.source, c.platform_code, c.province_code, c.measure, c.date_from, c.date_to, c.period_from, c.period_to, c.value, c.ours,
    abs(cast(c.ours as double) - cast(c.value as double)) <= cast(t.number as double) * cast(c.value as double) as is_agreed,
from compared c
join ref.parameter t
    on t.parameter = 'witness_tolerance' and t.valid_from <= c.period_from and (t.valid_to is null or t.valid_to > c.period_from)
