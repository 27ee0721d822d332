-- grain: window × platform: orders that the bureau's own draws (sampled, test) know of, and those missing from the platform's
-- Judged only where the platform's orders of that day are there. By the day it was accepted, else checked.
with drawn as (
    select
        c.platform_code, cast(coalesce(c.accepted_at, c.checked_at) as date) as day, c.is_found,
    from marts.worker_check c
    where c.draw in ('sampled', 'test')
)
select
    w.window_no, p.platform,
    count(*) as orders_drawn,
    count(case when not d.is_found then 1 end) as orders_missing,
from drawn d
join (select distinct platform_code, platform from asked_pair) p on p.platform_code = d.platform_code
join asked_window w on d.day >= w.event_start and d.day < w.end_date
where exists (
    select 1 from marts.unit_day u where u.platform_code = d.platform_code and u.business_date = d.day and u.is_accepted
)
group by 1, 2
