-- grain: platform × province × business_date: completed orders that are like another of the day to the metre, the cent and the second
-- kept: unit
-- twins_other: alike under another worker's number; twins_same: under the same number, another id. What is looked at: core.twin_content.
select
    platform_code, province_code, business_date,
    cast(sum(orders) as bigint) as orders,
    cast(sum(workers - 1) as bigint) as twins_other,
    cast(sum(orders - workers) as bigint) as twins_same,
from core.twin_content
group by platform_code, province_code, business_date
