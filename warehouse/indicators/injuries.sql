-- grain: window × place × age: oip injuries on in-scope orders by whole days from the injury to the cut-off ($cap = that many or more)
select
    w.window_no, p.region, p.province, case when $by_city then c.order_city_code end as city, p.platform,
    case when $by_industry then c.order_industry end as industry,
    case when $by_programme then 'oip' end as programme,
    least(date_diff('day', cast(c.injured_at as date), cast($known_last as date)), $cap) as age,
    count(*) as injuries,
from marts.claim c
join asked_pair p on p.platform_code = c.platform_code and p.province_code = c.order_province_code
join asked_window w on cast(c.injured_at as date) >= w.event_start and cast(c.injured_at as date) < w.end_date
where c.programme = 'oip' and c.is_order_in_scope
group by 1, 2, 3, 4, 5, 6, 7, 8
