-- grain: window × place: disputes received in the window, as last published; one that names no platform or province has none
with told as (
    select
        platform_code, province_code, cast(received_at as date) as received_on,
        case when closed_at < $known_until then cast(closed_at as date) end as closed_on, stage,
    from marts.dispute
    where received_at is not null
),
labelled as (
    select d.*, p.region, p.province, p.platform,
    from told d
    join asked_pair p on p.platform_code = d.platform_code and p.province_code = d.province_code
    union all
    select d.*, cast(null as varchar) as region, cast(null as varchar) as province, cast(null as varchar) as platform,
    from told d
    where (d.platform_code is null or d.province_code is null) and $is_everything
)
select
    w.window_no, l.region, l.province, l.platform,
    count(*) as disputes_received,
    count(l.closed_on) as disputes_closed,
    count(case when l.closed_on is null and l.stage = 'mediation' then 1 end) as disputes_in_mediation,
    count(case when l.closed_on is null then 1 end) as disputes_open,
    coalesce(sum(date_diff('day', l.received_on, l.closed_on)), 0) as dispute_days,
    median(date_diff('day', l.received_on, l.closed_on)) as dispute_days_median,
from labelled l
join asked_window w on l.received_on >= w.event_start and l.received_on < w.end_date
group by 1, 2, 3, 4
