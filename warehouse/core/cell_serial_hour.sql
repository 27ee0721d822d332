-- grain: platform × province × business_date × hour of acceptance: the serials given in it
-- kept: unit
-- Serials are given at acceptance, over all kinds of work: a hole between two of them was given in the same hour or beside it.
-- numbered_orders counts a serial used twice twice (counting each once costs a night of ten million orders seconds).
select
    platform_code, province_code, business_date,
    cast(extract(hour from accepted_at) as bigint) as hour_no,
    count(*) as numbered_orders,
    min(serial) as first_serial,
    max(serial) as last_serial,
from core.orders
where serial is not null and accepted_at is not null
group by platform_code, province_code, business_date, cast(extract(hour from accepted_at) as bigint)
