-- grain: window × place: who is active for the first time, still, again, or no more, and since how many months
-- asked_flow: window_no, start_month, end_date, previous_month (start of as many months directly before the window).
-- Several platforms or provinces: anywhere in the window, whatever the place asked for.
with present as (
    select distinct m.platform_code, m.province_code, m.month, coalesce(k.person, concat(m.platform_code, ':', m.worker_id)) as person,
    from marts.person_month m
    left join marts.person k on k.platform_code = m.platform_code and k.worker_id = m.worker_id
),
placed as (
    select distinct p.place_no, n.person, n.month,
    from present n
    join asked_pair p on p.platform_code = n.platform_code and p.province_code = n.province_code
),
spread as (
    select
        w.window_no, n.person,
        min(n.platform_code) <> max(n.platform_code) as is_multi_platform,
        min(n.province_code) <> max(n.province_code) as is_multi_province,
    from present n
    join asked_flow w on n.month >= w.start_month and n.month < w.end_date
    group by w.window_no, n.person
),
person as (
    select
        w.window_no, n.place_no, n.person,
        max(case when n.month >= w.start_month then 1 else 0 end) as is_now,
        max(case when n.month >= w.previous_month and n.month < w.start_month then 1 else 0 end) as is_previous,
        max(case when n.month < w.previous_month then 1 else 0 end) as is_before,
        count(*) as months,
    from placed n
    join asked_flow w on n.month < w.end_date
    group by w.window_no, n.place_no, n.person
),
counted as (
    select
        p.window_no, p.place_no,
        count(case when p.is_now = 1 then 1 end) as persons_at_work,
        count(case when p.is_now = 1 and p.is_previous = 0 and p.is_before = 0 then 1 end) as persons_first_active,
        count(case when p.is_now = 1 and p.is_previous = 1 then 1 end) as persons_kept,
        count(case when p.is_now = 1 and p.is_previous = 0 and p.is_before = 1 then 1 end) as persons_returned,
        count(case when p.is_now = 0 and p.is_previous = 1 then 1 end) as persons_lost,
        count(case when p.is_previous = 1 then 1 end) as persons_previous,
        count(case when p.is_now = 1 and s.is_multi_platform then 1 end) as persons_on_several_platforms,
        count(case when p.is_now = 1 and s.is_multi_province then 1 end) as persons_in_several_provinces,
        coalesce(sum(case when p.is_now = 1 then p.months end), 0) as tenure_months,
        median(case when p.is_now = 1 then p.months end) as tenure_median,
    from person p
    left join spread s on s.window_no = p.window_no and s.person = p.person
    group by p.window_no, p.place_no
)
select
    c.window_no, g.region, g.province, g.platform,
    c.persons_at_work, c.persons_first_active, c.persons_kept, c.persons_returned, c.persons_lost, c.persons_previous,
    c.persons_on_several_platforms, c.persons_in_several_provinces, c.tenure_months, c.tenure_median,
from counted c
join asked_place g on g.place_no = c.place_no
