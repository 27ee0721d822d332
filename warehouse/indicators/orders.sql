-- grain: window × place: additive order measures
select
    u.window_no,
    u.region,
    u.province,
    case when $by_city then o.city_code end as city,
    u.platform,
    case when $by_industry then o.industry end as industry,
    case when $by_programme then 'oip' end as programme,
    sum(o.orders) as orders,
    sum(o.orders_in_scope) as orders_in_scope,
    sum(o.orders_valid) as orders_valid,
    sum(o.orders_insured) as orders_insured,
    sum(o.orders_valid) - sum(o.orders_insured) as orders_uninsured,
    sum(o.premium_yuan) as premium_yuan,
from marts.order_day o
join asked_unit u
    on u.platform_code = o.platform_code and u.province_code = o.province_code and u.business_date = o.business_date
where u.is_wanted
group by 1, 2, 3, 4, 5, 6, 7
