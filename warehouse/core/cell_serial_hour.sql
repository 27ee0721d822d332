-- grain: platform × province × business_date × hour of acceptance: the serials given in it
-- kept: unit
-- Serials are given at acceptance, over all kinds of work: a hole between two of them was given in the same hour or beside it.
select
    platform_code, province_code, business_date,
    cast(extract(hour from accepted_at) as bigint) as hour_no,
    count(distinct serial) as serials,
    min(serial) as first_serial,
    max(serial) as last_serial,
from core.orders
where serial is not null and accepted_at is not null
group by platform_code, province_code, business_date, cast(extract(hour from accepted_at) as bigint)
