-- grain: platform × order_id that someone else named: a claim, an agency case or a worker check
-- kept: whole
select platform_code, order_id, min(around) as around,
from (
    select platform_code, order_id, injured_at as around, from core.claims where order_id is not null
    union all
    select platform_code, order_id, injured_at as around, from staging.agency_case where order_id is not null
    union all
    select platform_code, order_id, coalesce(accepted_at, checked_at) as around, from staging.worker_check where order_id is not null
) named
group by platform_code, order_id
