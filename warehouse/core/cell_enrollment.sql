-- grain: platform × province × business_date: what the day's enrollment rows are like
-- kept: unit
-- backdated: cover of oip that starts over a minute before it was registered. seen_late: first reported for a day after the one on
-- which it was registered. in_one_minute: oip starts registered in the
-- fullest minute of the day. individual: signed by an individual business (credit codes that begin with 92, A).
-- cohort_moved, cohort_ended: persons whom the largest single individual business got from elsewhere, or lost, that day.
-- employee_short: cover as an employee that lasts two days or less. cohorts are of running oip spells only.
with cohort as (
    select platform_code, province_code, business_date, max(moved) as moved, max(ended) as ended,
    from (
        select
            e.platform_code, e.province_code, e.business_date, e.contracting_party,
            count(distinct case when e.action = 'change' then e.worker_id end) as moved,
            count(distinct case when e.action = 'end' then e.worker_id end) as ended,
        from staging.enrollment e
        join build.frame f on f.platform_code = e.platform_code and f.business_date = e.business_date
        where e.programme = 'oip' and substr(e.contracting_party, 1, 2) = '92'
        group by e.platform_code, e.province_code, e.business_date, e.contracting_party
    ) party
    group by platform_code, province_code, business_date
),
minute as (
    select platform_code, province_code, business_date, max(starts) as in_one_minute,
    from (
        select
            e.platform_code, e.province_code, e.business_date,
            floor(cast(date_diff('second', cast(e.business_date as timestamp), e.registered_at) as double) / 60) as minute_no,
            count(*) as starts,
        from staging.enrollment e
        join build.frame f on f.platform_code = e.platform_code and f.business_date = e.business_date
        where e.action = 'start' and e.programme = 'oip' and e.registered_at is not null
        group by
            e.platform_code, e.province_code, e.business_date,
            floor(cast(date_diff('second', cast(e.business_date as timestamp), e.registered_at) as double) / 60)
    ) started
    group by platform_code, province_code, business_date
)
select
    e.platform_code, e.province_code, e.business_date,
    count(*) as rows_all,
    count(case when e.action = 'start' and e.programme = 'oip' then 1 end) as starts,
    count(case when e.action = 'end' and e.programme = 'oip' then 1 end) as ends,
    count(distinct case when e.action = 'start' and e.programme = 'oip' then e.person end) as persons_started,
    count(case when e.action = 'start' and e.programme = 'oip' and date_diff('second', e.covered_from, e.registered_at) > 60 then 1 end) as backdated,
    count(case when e.action = 'start' and e.programme = 'oip' and cast(e.registered_at as date) < e.business_date then 1 end) as seen_late,
    count(case when e.action = 'start' and e.programme = 'oip' and date_diff('second', e.covered_from, e.covered_to) <= 86400 then 1 end) as short_starts,
    count(case when e.action = 'start' and e.programme = 'oip' and e.contracting_party is not null then 1 end) as contracted,
    count(case when e.programme = 'oip' and e.contracting_party is not null and substr(e.contracting_party, 1, 2) = '92' then 1 end) as individual,
    count(case when e.action = 'start' and e.programme = 'employee_insurance' then 1 end) as employee_starts,
    count(case when e.action = 'end' and e.programme = 'employee_insurance' then 1 end) as employee_ends,
    count(case when e.action = 'start' and e.programme = 'employee_insurance' and date_diff('second', e.covered_from, e.covered_to) <= 172800 then 1 end)
        as employee_short,
    coalesce(max(m.in_one_minute), 0) as in_one_minute,
    coalesce(max(c.moved), 0) as cohort_moved,
    coalesce(max(c.ended), 0) as cohort_ended,
from staging.enrollment e
join build.frame f on f.platform_code = e.platform_code and f.business_date = e.business_date
left join minute m
    on m.platform_code = e.platform_code and m.province_code = e.province_code and m.business_date = e.business_date
left join cohort c
    on c.platform_code = e.platform_code and c.province_code = e.province_code and c.business_date = e.business_date
group by e.platform_code, e.province_code, e.business_date
