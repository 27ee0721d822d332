-- grain: platform ('' = all) × province ('' = all) × month: persons with a valid order, who is new, kept, returned, lost, and how long they stay
-- kept: whole
-- A person's history is that of the cell: new = first month there, kept = active the month before too, returned = active before but
-- not the month before, lost = active the month before and not this one. active = new + kept + returned. Before the first month of
-- the cell's reports nothing is known (is_first_month: everybody is "new"; tenure is a lower bound). tenure: months with a valid
-- order in the cell up to this one. Several platforms or provinces: within the month, anywhere; lawful, for information.
with person_month as (
    select distinct
        w.platform_code, w.province_code, w.month, extract(year from w.month) * 12 + extract(month from w.month) as month_no,
        coalesce(k.person, concat(w.platform_code, ':', w.worker_id)) as person,
    from core.worker_month w
    left join core.worker k on k.platform_code = w.platform_code and k.worker_id = w.worker_id
    where w.orders_valid > 0
),
spread as (
    select
        person, month,
        case when min(platform_code) <> max(platform_code) then 1 else 0 end as is_multi_platform,
        case when min(province_code) <> max(province_code) then 1 else 0 end as is_multi_province,
    from person_month
    group by person, month
),
level as (
    select 1 as by_platform, 1 as by_province
    union all
    select 1 as by_platform, 0 as by_province
    union all
    select 0 as by_platform, 1 as by_province
    union all
    select 0 as by_platform, 0 as by_province
),
present as (
    select distinct
        case when l.by_platform = 1 then p.platform_code else '' end as platform_code,
        case when l.by_province = 1 then p.province_code else '' end as province_code,
        p.person, p.month, p.month_no,
    from person_month p
    cross join level l
),
stretch as (
    select
        *,
        lag(month_no) over (partition by platform_code, province_code, person order by month_no) as previous_no,
        lead(month_no) over (partition by platform_code, province_code, person order by month_no) as next_no,
        row_number() over (partition by platform_code, province_code, person order by month_no) as tenure_months,
    from present
),
month as (
    select distinct c.date as month, extract(year from c.date) * 12 + extract(month from c.date) as month_no,
    from ref.calendar c
    join marts.horizon u
        on c.date <= u.last_date and c.date >= date_trunc('month', u.first_date)
    where extract(day from c.date) = 1
),
event as (
    select
        s.platform_code, s.province_code, s.month, s.previous_no, s.month_no, s.tenure_months, 1 as is_active, p.is_multi_platform, p.is_multi_province,
    from stretch s
    join spread p on p.person = s.person and p.month = s.month
    union all
    select
        s.platform_code, s.province_code, m.month, s.previous_no, s.month_no, cast(null as bigint) as tenure_months, 0 as is_active,
        0 as is_multi_platform, 0 as is_multi_province,
    from stretch s
    join month m on m.month_no = s.month_no + 1
    where s.next_no is null or s.next_no > s.month_no + 1
),
first_month as (
    select platform_code, province_code, min(month) as month,
    from present
    group by platform_code, province_code
)
select
    e.platform_code,
    e.province_code,
    e.month,
    e.month = f.month as is_first_month,
    cast(sum(e.is_active) as bigint) as persons_active,
    count(case when e.is_active = 1 and e.previous_no is null then 1 end) as persons_new,
    count(case when e.is_active = 1 and e.previous_no = e.month_no - 1 then 1 end) as persons_kept,
    count(case when e.is_active = 1 and e.previous_no < e.month_no - 1 then 1 end) as persons_returned,
    count(case when e.is_active = 0 then 1 end) as persons_lost,
    cast(sum(e.is_multi_platform) as bigint) as persons_several_platforms,
    cast(sum(e.is_multi_province) as bigint) as persons_several_provinces,
    avg(cast(e.tenure_months as double)) as tenure_months_mean,
    median(e.tenure_months) as tenure_months_median,
    count(case when e.tenure_months = 1 then 1 end) as tenure_1,
    count(case when e.tenure_months between 2 and 3 then 1 end) as tenure_2_3,
    count(case when e.tenure_months between 4 and 6 then 1 end) as tenure_4_6,
    count(case when e.tenure_months between 7 and 12 then 1 end) as tenure_7_12,
    count(case when e.tenure_months > 12 then 1 end) as tenure_over_12,
from event e
join first_month f on f.platform_code = e.platform_code and f.province_code = e.province_code
group by e.platform_code, e.province_code, e.month, f.month
