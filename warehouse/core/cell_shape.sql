-- grain: platform × province × business_date × industry × measure × bin_no: completed orders
-- kept: unit
-- measure fee, distance, duration, speed (metres a second), each in bins of a quarter of an octave: bin_no = floor(4 log2 x).
with binned as (
    select
        platform_code, province_code, business_date, industry,
        case when customer_paid_yuan > 0 then cast(floor(ln(cast(customer_paid_yuan as double)) * 5.770780163555854) as bigint) end as fee_bin,
        case when distance_m > 0 then cast(floor(ln(cast(distance_m as double)) * 5.770780163555854) as bigint) end as distance_bin,
        case
            when finished_at > accepted_at
                then cast(floor(ln(cast(date_diff('second', accepted_at, finished_at) as double)) * 5.770780163555854) as bigint)
        end as duration_bin,
        case
            when finished_at > accepted_at and distance_m > 0
                then cast(floor(ln(cast(distance_m as double) / cast(date_diff('second', accepted_at, finished_at) as double)) * 5.770780163555854) as bigint)
        end as speed_bin,
        count(*) as orders,
    from core.orders
    where work_type = 'order' and status = 'completed'
    group by
        platform_code, province_code, business_date, industry,
        case when customer_paid_yuan > 0 then cast(floor(ln(cast(customer_paid_yuan as double)) * 5.770780163555854) as bigint) end,
        case when distance_m > 0 then cast(floor(ln(cast(distance_m as double)) * 5.770780163555854) as bigint) end,
        case
            when finished_at > accepted_at
                then cast(floor(ln(cast(date_diff('second', accepted_at, finished_at) as double)) * 5.770780163555854) as bigint)
        end,
        case
            when finished_at > accepted_at and distance_m > 0
                then cast(floor(ln(cast(distance_m as double) / cast(date_diff('second', accepted_at, finished_at) as double)) * 5.770780163555854) as bigint)
        end
)
select platform_code, province_code, business_date, industry, measure, bin_no, cast(sum(orders) as bigint) as orders,
from (
    select platform_code, province_code, business_date, industry, 'fee' as measure, fee_bin as bin_no, orders from binned
    union all
    select platform_code, province_code, business_date, industry, 'distance' as measure, distance_bin as bin_no, orders from binned
    union all
    select platform_code, province_code, business_date, industry, 'duration' as measure, duration_bin as bin_no, orders from binned
    union all
    select platform_code, province_code, business_date, industry, 'speed' as measure, speed_bin as bin_no, orders from binned
) measured
where bin_no is not null
group by platform_code, province_code, business_date, industry, measure, bin_no
