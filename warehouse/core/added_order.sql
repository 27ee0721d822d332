-- grain: platform × province × business_date × order_id that a later version of the submission brought, the first one being without it
-- kept: unit
-- version_id: the version in which the order first came. An order of a unit that is not here came with the unit's first version.
with ranked as (
    select
        o.platform_code,
        o.province_code,
        o.business_date,
        o.order_id,
        o.version_id,
        row_number() over (
            partition by o.platform_code, o.province_code, o.business_date, o.order_id
            order by o.known_at, o.sequence
        ) as place,
    from staging.order_version o
    where o.order_id is not null
),
first_version as (
    select
        s.platform_code,
        s.province_code,
        s.business_date,
        s.version_id,
        row_number() over (
            partition by s.platform_code, s.province_code, s.business_date
            order by s.known_at, s.sequence
        ) as place,
    from staging.submission s
    where s.status <> 'refused'
)
select r.platform_code, r.province_code, r.business_date, r.order_id, r.version_id,
from ranked r
join first_version f
    on f.platform_code = r.platform_code
    and f.province_code = r.province_code
    and f.business_date = r.business_date
    and f.place = 1
where r.place = 1
    and r.version_id <> f.version_id
