-- grain: witness row on orders or contributions beside our figure over its own period
-- kept: view
-- A tax row tells the contributions for its dates, whenever collected. Only periods between the first business date of that
-- place and the last closed night. Other series may cover a part of the business only: their level is unknown and no evidence,
-- their movement is (is_level_known).
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
compared as (
    select
        w.source, w.platform_code, w.province_code, w.measure, w.date_from, w.date_to, w.value,
        coalesce(sum(case w.measure when 'orders' then t.orders else t.premium_yuan end), 0) as ours,
    from marts.witness w
    join first_of_place f on f.platform_code = w.platform_code and f.province_code = w.province_code and f.first_date <= w.date_from
    join (select max(night) as night from checks.clock) k on w.date_to <= k.night
    left join total t
        on t.platform_code = w.platform_code
        and t.province_code = w.province_code
        and t.business_date between w.date_from and w.date_to
    where w.measure in ('orders', 'contributions_yuan')
    group by w.source, w.platform_code, w.province_code, w.measure, w.date_from, w.date_to, w.value
)
select
    c.source, c.platform_code, c.province_code, c.measure, c.date_from, c.date_to, c.value, c.ours,
    c.source = 'tax' and c.measure = 'contributions_yuan' as is_level_known,
    abs(cast(c.ours as double) - cast(c.value as double)) <= cast(t.number as double) * cast(c.value as double) as is_agreed,
from compared c
join ref.parameter t
    on t.parameter = 'witness_tolerance' and t.valid_from <= c.date_from and (t.valid_to is null or t.valid_to > c.date_from)
