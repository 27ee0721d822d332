-- grain: platform × province × business_date × city_code × industry: additive order measures
-- kept: unit
-- valid, insured and covered as core.worker_day says; city and industry may be null where they could not be read.
select
    w.platform_code,
    w.province_code,
    w.business_date,
    w.city_code,
    w.industry,
    cast(sum(w.orders) as bigint) as orders,
    cast(sum(w.orders_in_scope) as bigint) as orders_in_scope,
    cast(sum(w.orders_valid) as bigint) as orders_valid,
    cast(sum(w.orders_insured) as bigint) as orders_insured,
    cast(sum(w.orders_covered) as bigint) as orders_covered,
    cast(coalesce(sum(w.premium_yuan), 0) as decimal(18, 4)) as premium_yuan,
    cast(coalesce(sum(w.worker_income_yuan), 0) as decimal(18, 2)) as worker_income_yuan,
    count(w.worker_id) as worker_rows,
from core.worker_day w
join build.frame f on f.platform_code = w.platform_code and f.business_date = w.business_date
group by w.platform_code, w.province_code, w.business_date, w.city_code, w.industry
