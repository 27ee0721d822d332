-- grain: platform × order_id × draw: an order that others know of, and whether it is among the platform's orders
-- kept: view
-- Only what the bureau draws (sampled, test) is a random sample; self look-ups are selected and clustered.
with told as (
    select
        platform_code, order_id, coalesce(draw, 'self') as draw, min(worker_id) as worker_id, min(accepted_at) as accepted_at,
        max(checked_at) as checked_at, min(meant_order_id) as meant_order_id,
    from core.checked_order
    where platform_code is not null
    group by platform_code, order_id, coalesce(draw, 'self')
)
select
    t.platform_code, t.order_id, t.draw, t.worker_id, t.accepted_at, t.checked_at,
    o.order_id is not null as is_found,
    o.province_code, o.city_code, o.industry, o.business_date, o.submission,
from told t
left join core.known_order o on o.platform_code = t.platform_code and o.order_id = t.meant_order_id
