-- grain: window × place: as persons.sql, for windows of one day each, where one look at a person is enough
with mask as (
    select
        platform_code, province_code, cast(date_trunc('month', business_date) as date) as month, window_no, place_no,
        bit_or(cast(1 as integer) << (extract(day from business_date) - 1)) as days,
    from asked_unit
    where is_wanted and business_date >= $start and business_date < $end
    group by 1, 2, 3, 4, 5
),
person as (
    select
        m.window_no, m.place_no,
        case when $by_city then w.city_code end as city,
        case when $by_industry then w.industry end as industry,
        coalesce(k.person, concat(w.platform_code, ':', w.worker_id)) as person,
        max(case when w.gap_days & m.days <> 0 then 1 else 0 end) as has_gap,
        min(w.platform_code) <> max(w.platform_code) as is_multi_platform,
        min(w.province_code) <> max(w.province_code) as is_multi_province,
    from marts.person_month w
    join mask m on m.platform_code = w.platform_code and m.province_code = w.province_code and m.month = w.month
    left join marts.person k on k.platform_code = w.platform_code and k.worker_id = w.worker_id
    where w.month >= date_trunc('month', cast($start as date)) and w.month < $end and w.active_days & m.days <> 0
    group by 1, 2, 3, 4, 5
),
counted as (
    select
        window_no, place_no, city, industry,
        count(*) as persons_active,
        count(case when has_gap = 0 then 1 end) as persons_covered,
        count(case when is_multi_platform then 1 end) as persons_multi_platform,
        count(case when is_multi_province then 1 end) as persons_multi_province,
    from person
    group by window_no, place_no, city, industry
)
select
    c.window_no, p.region, p.province, c.city, p.platform, c.industry,
    case when $by_programme then 'oip' end as programme,
    c.persons_active,
    c.persons_active as person_days,
    c.persons_covered as person_days_covered,
    c.persons_covered as persons_ever_covered,
    c.persons_covered as persons_fully_covered,
    c.persons_multi_platform,
    c.persons_multi_province,
from counted c
join asked_place p on p.place_no = c.place_no
