-- grain: window × place × industry: injuries reported on in-scope orders and those orders, beside those of all platforms and provinces
with work as (
    select w.window_no, o.platform_code, o.province_code, o.city_code, o.industry, sum(o.orders_in_scope) as orders, 0 as injuries,
    from marts.order_day o
    join asked_day w on w.business_date = o.business_date
    group by 1, 2, 3, 4, 5
    union all
    select
        w.window_no, c.platform_code, c.order_province_code as province_code, c.order_city_code as city_code,
        c.order_industry as industry, 0 as orders, count(*) as injuries,
    from marts.claim c
    join asked_window w on cast(c.injured_at as date) >= w.start_date and cast(c.injured_at as date) < w.end_date
    where c.programme = 'oip' and c.is_order_in_scope
    group by 1, 2, 3, 4, 5
),
overall as (
    select window_no, coalesce(industry, '') as industry, sum(orders) as orders, sum(injuries) as injuries,
    from work
    group by window_no, coalesce(industry, '')
),
cell as (
    select
        k.window_no, p.region, p.province, case when $by_city then k.city_code end as city, p.platform,
        coalesce(k.industry, '') as industry, sum(k.orders) as orders, sum(k.injuries) as injuries,
    from work k
    join asked_pair p on p.platform_code = k.platform_code and p.province_code = k.province_code
    group by 1, 2, 3, 4, 5, 6
)
select
    c.window_no, c.region, c.province, c.city, c.platform,
    case when $by_industry then c.industry end as industry,
    case when $by_programme then 'oip' end as programme,
    a.orders as orders_all, a.injuries as injuries_all, c.orders, c.injuries, c.industry as industry_of,
from cell c
join overall a on a.window_no = c.window_no and a.industry = c.industry
