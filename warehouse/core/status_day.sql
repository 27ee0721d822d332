-- grain: platform × province × business_date × industry: in-scope orders, and those cancelled that look completed
-- kept: unit
-- Looks completed: cancelled, yet with income for the worker, no premium, and as long as a completed order may be (order_duration).
select
    o.platform_code,
    o.province_code,
    o.business_date,
    o.industry,
    count(*) as orders,
    count(case when o.status = 'cancelled' then 1 end) as orders_cancelled,
    count(
        case
            when o.status = 'cancelled'
                and o.worker_income_yuan > 0
                and coalesce(o.premium_yuan, 0) <= 0
                and date_diff('second', o.accepted_at, o.finished_at) between shortest.number and longest.number then 1
        end
    ) as orders_relabelled,
from core.orders o
join ref.parameter shortest
    on shortest.parameter = 'order_duration' and shortest.key = 'min'
    and shortest.valid_from <= o.business_date and (shortest.valid_to is null or shortest.valid_to > o.business_date)
join ref.parameter longest
    on longest.parameter = 'order_duration' and longest.key = 'max'
    and longest.valid_from <= o.business_date and (longest.valid_to is null or longest.valid_to > o.business_date)
where o.is_in_scope
group by o.platform_code, o.province_code, o.business_date, o.industry
