-- grain: platform × province × business_date: how the sampled workers' orders follow one another
-- kept: unit
-- A pair is an order and the one that its worker accepted before it that day, in whatever province; it stands at the later one.
-- overlaps: accepted before the earlier one was finished. jumps: in another city within ten minutes of the earlier finish.
-- same_duration, same_gap: to the second as the earlier one. twins: accepted in the very second of the earlier one.
with sequence as (
    select
        platform_code, province_code, business_date, worker_id, city_code, accepted_at, finished_at, status,
        case when finished_at > accepted_at then date_diff('second', accepted_at, finished_at) end as duration_s,
        lag(accepted_at) over (partition by platform_code, business_date, worker_id order by accepted_at, order_id) as earlier_at,
        lag(finished_at) over (partition by platform_code, business_date, worker_id order by accepted_at, order_id) as earlier_finished_at,
        lag(city_code) over (partition by platform_code, business_date, worker_id order by accepted_at, order_id) as earlier_city_code,
        lag(province_code) over (partition by platform_code, business_date, worker_id order by accepted_at, order_id) as earlier_province_code,
    from core.sampled_order
),
gapped as (
    select
        s.*,
        date_diff('second', earlier_at, accepted_at) as gap_s,
        date_diff('second', earlier_at, earlier_finished_at) as earlier_duration_s,
        lag(date_diff('second', earlier_at, accepted_at)) over (
            partition by platform_code, business_date, worker_id order by accepted_at, earlier_at
        ) as earlier_gap_s,
    from sequence s
)
select
    platform_code, province_code, business_date,
    count(*) as orders,
    count(distinct worker_id) as workers,
    count(earlier_at) as pairs,
    count(case when accepted_at < earlier_finished_at then 1 end) as overlaps,
    count(case when city_code <> earlier_city_code and date_diff('second', earlier_finished_at, accepted_at) < 600 then 1 end) as jumps,
    count(case when province_code <> earlier_province_code then 1 end) as crossings,
    count(case when duration_s = earlier_duration_s then 1 end) as same_duration,
    count(case when gap_s = earlier_gap_s and gap_s > 0 then 1 end) as same_gap,
    count(case when gap_s = 0 then 1 end) as twins,
    count(case when accepted_at = earlier_finished_at then 1 end) as back_to_back,
    count(case when gap_s > 0 then 1 end) as gaps,
    coalesce(sum(case when gap_s > 0 then ln(cast(gap_s as double)) end), 0) as gap_ln,
    coalesce(sum(case when gap_s > 0 then ln(cast(gap_s as double)) * ln(cast(gap_s as double)) end), 0) as gap_ln2,
from gapped
group by platform_code, province_code, business_date
