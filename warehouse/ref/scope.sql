-- grain: platform × province × industry × valid_from: the oip scheme in force
-- kept: whole
-- A platform may carry orders of several industries; what binds is when the province, the platform and the industry came in.
with platform as (
    select platform_code, min(joined_on) as joined_on from ref.platform where joined_on is not null group by platform_code
),
scheme as (
    select
        f.platform_code,
        p.province_code,
        i.industry,
        greatest(f.joined_on, p.scheme_from, coalesce(i.valid_from, f.joined_on)) as valid_from,
        i.valid_to,
    from platform f
    cross join ref.province p
    cross join ref.industry i
    where p.scheme_from is not null and i.in_scheme
)
select platform_code, province_code, industry, valid_from, valid_to,
from scheme
where valid_to is null or valid_from < valid_to
union all
-- industry '': an order whose industry cannot be read stays among the valid ones while its platform and province are in
select f.platform_code, p.province_code, '' as industry, greatest(f.joined_on, p.scheme_from) as valid_from, cast(null as date) as valid_to,
from platform f
cross join ref.province p
where p.scheme_from is not null
