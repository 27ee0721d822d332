-- grain: place × window: the change in the number of distinct persons under cover from one window to the next
-- Windows follow one another. A spell adds its person from the first window that no earlier-starting spell of that person
-- reached, to its own last: so each person counts once a window, without a row for every day of cover.
with spell as (
    select
        p.place_no,
        case when $by_city then c.city_code end as city,
        case when $by_industry then c.industry end as industry,
        case when $by_programme then c.programme end as programme,
        c.person,
        greatest(c.first_date, coalesce(g.valid_from, c.first_date), cast($start as date)) as first_date,
        least(coalesce(c.last_date, cast($last as date)), cast($last as date)) as last_date,
    from marts.cover c
    join asked_pair p on p.platform_code = c.platform_code and p.province_code = c.province_code
    join ref.programme g on g.programme = c.programme
    where
        (c.programme = 'oip' or $by_programme)
        and (c.last_date is null or g.valid_from is null or c.last_date >= g.valid_from)
        and c.first_date <= $last
        and (c.last_date is null or c.last_date >= $start)
        and (
            not $certified_only
            or exists (
                select 1
                from marts.unit_day u
                where
                    u.is_certified
                    and u.platform_code = c.platform_code
                    and u.province_code = c.province_code
                    and u.business_date = c.business_date
            )
        )
),
numbered as (
    select distinct s.place_no, s.city, s.industry, s.programme, s.person, a.window_no as first_no, b.window_no as last_no,
    from spell s
    join asked_day a on a.business_date = s.first_date and a.window_no < $asked_count
    join asked_day b on b.business_date = s.last_date and b.window_no < $asked_count
),
reached as (
    select
        *,
        max(last_no) over (
            partition by place_no, city, industry, programme, person
            order by first_no, last_no
            rows between unbounded preceding and 1 preceding
        ) as reached_no,
    from numbered
),
counted as (
    select *, greatest(first_no, coalesce(reached_no + 1, first_no)) as from_no,
    from reached
),
change as (
    select place_no, city, industry, programme, from_no as window_no, 1 as persons,
    from counted
    where from_no <= last_no
    union all
    select place_no, city, industry, programme, last_no + 1 as window_no, -1 as persons,
    from counted
    where from_no <= last_no
),
summed as (
    select place_no, city, industry, programme, window_no, sum(persons) as persons,
    from change
    group by place_no, city, industry, programme, window_no
)
select p.region, p.province, s.city, p.platform, s.industry, s.programme, s.window_no, s.persons,
from summed s
join asked_place p on p.place_no = s.place_no
