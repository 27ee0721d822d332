-- grain: platform × business_date of the frame: orders of its usual cell, and up to how many of a cell's are looked at whole
-- kept: frame
-- What core.sampled_order, core.cell_key and core.cell_twin choose their part by.
with volume as (
    select w.platform_code, w.business_date, cast(sum(w.orders) as double) / count(distinct w.province_code) as orders_per_cell,
    from core.worker_day w
    join build.frame f on f.platform_code = w.platform_code and f.business_date = w.business_date
    group by w.platform_code, w.business_date
)
select v.platform_code, v.business_date, v.orders_per_cell, p.number as sample_orders,
from volume v
join ref.parameter p
    on p.parameter = 'detection_sample'
    and p.valid_from <= v.business_date
    and (p.valid_to is null or p.valid_to > v.business_date)
