-- grain: place × cut: persons first covered before that cut and not before an earlier one (asked_cut: first dates → cut_no)
-- A person counts from the date of the first covered instant on, at the earliest from the start of the programme.
with first_cover as (
    select
        p.place_no,
        case when $by_city then c.city_code end as city,
        case when $by_industry then c.industry end as industry,
        case when $by_programme then c.programme end as programme,
        c.person,
        min(greatest(c.first_date, coalesce(g.valid_from, c.first_date))) as first_date,
    from marts.cover c
    join asked_pair p on p.platform_code = c.platform_code and p.province_code = c.province_code
    join ref.programme g on g.programme = c.programme
    where
        (c.programme = 'oip' or $by_programme)
        and (c.last_date is null or g.valid_from is null or c.last_date >= g.valid_from)
        and c.first_date < $end
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
    group by 1, 2, 3, 4, 5
),
counted as (
    select f.place_no, f.city, f.industry, f.programme, k.cut_no, count(*) as persons,
    from first_cover f
    join asked_cut k on k.first_date = greatest(f.first_date, cast($start as date))
    where f.first_date < $end
    group by f.place_no, f.city, f.industry, f.programme, k.cut_no
)
select p.region, p.province, c.city, p.platform, c.industry, c.programme, c.cut_no, c.persons,
from counted c
join asked_place p on p.place_no = c.place_no
