-- grain: platform × province × month × industry × tenths of an hour: worker-days with so much time on orders
-- kept: keys build.touched_month (platform_code, month)
-- tenth_hours: the day's time on orders, rounded up to tenths of an hour. Any percentile of any union of cells is exact to a tenth.
select
    l.platform_code, l.province_code, m.month, l.industry,
    (l.busy_s + 359) // 360 as tenth_hours,
    count(*) as worker_days,
    cast(sum(l.busy_s) as bigint) as busy_s,
from core.worker_labour l
join build.touched_month m
    on m.platform_code = l.platform_code and m.month = cast(date_trunc('month', l.business_date) as date)
where l.orders_timed > 0
group by l.platform_code, l.province_code, m.month, l.industry, (l.busy_s + 359) // 360
