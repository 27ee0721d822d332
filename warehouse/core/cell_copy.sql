-- grain: platform × province × business_date × kind: the earlier day of the platform, in any province, that shares most hashes
-- kept: unit
with shared as (
    select
        a.platform_code, a.province_code, a.business_date, a.kind,
        b.province_code as like_province_code, b.business_date as like_date,
        count(*) as hashes_shared,
    from core.cell_sketch a
    join build.frame f on f.platform_code = a.platform_code and f.business_date = a.business_date
    join core.cell_sketch b
        on b.platform_code = a.platform_code
        and b.kind = a.kind
        and b.hash = a.hash
        and b.business_date < a.business_date
        and b.business_date >= a.business_date - interval 100 day
    group by a.platform_code, a.province_code, a.business_date, a.kind, b.province_code, b.business_date
),
best as (
    select
        *,
        row_number() over (
            partition by platform_code, province_code, business_date, kind
            order by hashes_shared desc, like_date desc, like_province_code
        ) as place,
    from shared
),
size as (
    select s.platform_code, s.province_code, s.business_date, s.kind, count(*) as hashes,
    from core.cell_sketch s
    join build.frame f on f.platform_code = s.platform_code and f.business_date = s.business_date
    group by s.platform_code, s.province_code, s.business_date, s.kind
)
select
    s.platform_code, s.province_code, s.business_date, s.kind, s.hashes,
    coalesce(b.hashes_shared, 0) as hashes_shared, b.like_province_code, b.like_date,
from size s
left join best b
    on b.platform_code = s.platform_code
    and b.province_code = s.province_code
    and b.business_date = s.business_date
    and b.kind = s.kind
    and b.place = 1
