-- grain: worker check that names an order (file × row_no), with the number of the order that it means; null where there is none
-- kept: view
-- The order of that number, if it is the worker's; else the worker's own at that second (to the minute where one of the two has no
-- seconds): the number was typed wrongly; else the order of that number, whoever it is reported for.
with own as (
    select
        m.platform_code, m.worker_id, m.accepted_at,
        arg_min(k.order_id, concat(case when k.accepted_at = m.accepted_at then 0 else 1 end, k.order_id)) as order_id,
    from core.known_moment m
    join core.known_order k
        on k.platform_code = m.platform_code
        and k.worker_id = m.worker_id
        and date_trunc('minute', k.accepted_at) = m.minute
        and (k.accepted_at = m.accepted_at or k.accepted_at = m.minute or m.accepted_at = m.minute)
    group by m.platform_code, m.worker_id, m.accepted_at
)
select
    w.*,
    case when named.worker_id = w.worker_id then named.order_id else coalesce(own.order_id, named.order_id) end as meant_order_id,
from staging.worker_check w
left join core.known_order named on named.platform_code = w.platform_code and named.order_id = w.order_id
left join own on own.platform_code = w.platform_code and own.worker_id = w.worker_id and own.accepted_at = w.accepted_at
where w.order_id is not null
