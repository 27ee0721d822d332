-- grain: platform × province × business_date × industry × premium: in-scope orders that carry it (null = unreadable)
-- kept: unit
-- What was really paid per order, amount by amount: the platform's tier as its orders show it (按日归集).
select
    platform_code, province_code, business_date, industry, premium_yuan,
    count(*) as orders,
    count(case when status = 'completed' then 1 end) as orders_completed,
from core.orders
where is_in_scope
group by platform_code, province_code, business_date, industry, premium_yuan
