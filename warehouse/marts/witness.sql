-- grain: source × platform_code × province_code × date_from × date_to × measure, as last published ('' = all)
-- kept: view
with stated as (
    select
        w.*,
        row_number() over (
            partition by w.source, w.platform_code, w.province_code, w.date_from, w.date_to, w.measure
            order by w.known_at desc, w.file desc, w.row_no desc
        ) as newest_no,
    from staging.witness w
    where w.source is not null and w.measure is not null and w.value is not null and w.date_from is not null and w.date_to >= w.date_from
)
select
    source, coalesce(platform_code, '') as platform_code, coalesce(province_code, '') as province_code, date_from, date_to,
    measure, value, unit, note, file, known_at,
from stated
where newest_no = 1
