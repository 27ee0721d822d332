-- grain: platform × province × month of the first report: oip claims by who reported, how far they are, and how long each stage took
-- kept: whole
-- Beijing's 三合一: confirmation, appraisal and decision under one claim id; one_click: reported by the worker or the platform. Shanghai's
-- 免申即享: paid_without_application. Days are working days, from the day after the first event to the second, as medians over
-- the claims that have both. bound: days to settle (handling_days total/province, else standard; suspended days left out), settled
-- = paid or denied; passed = claims whose bound has passed by the last night. Withdrawn claims are nobody's lateness: left out there.
with clock as (
    select k.last_date as night, d.workday_no,
    from marts.horizon k
    join ref.calendar d on d.date = k.last_date
),
staged as (
    select
        c.*,
        cast(date_trunc('month', c.reported_at) as date) as month,
        ds.workday_no as started_no, dc.workday_no as confirmed_no, dp.workday_no as appraised_no, dd.workday_no as decided_no,
        dy.workday_no as paid_no, dr.workday_no as reported_no, da.workday_no as applied_no, dx.workday_no as closed_no,
        coalesce(own.number, standard.number) as bound_days,
    from marts.claim c
    left join ref.calendar dr on dr.date = cast(c.reported_at as date)
    left join ref.calendar da on da.date = cast(c.applied_at as date)
    left join ref.calendar ds on ds.date = cast(c.started_at as date)
    left join ref.calendar dc on dc.date = cast(c.confirmed_at as date)
    left join ref.calendar dp on dp.date = cast(c.appraised_at as date)
    left join ref.calendar dd on dd.date = cast(c.decided_at as date)
    left join ref.calendar dy on dy.date = cast(c.paid_at as date)
    left join ref.calendar dx on dx.date = cast(c.closed_at as date)
    left join ref.parameter own
        on own.parameter = 'handling_days' and own.key = concat('total/', c.province_code)
        and own.valid_from <= cast(c.started_at as date) and (own.valid_to is null or own.valid_to > cast(c.started_at as date))
    left join ref.parameter standard
        on standard.parameter = 'handling_days' and standard.key = 'total/standard'
        and standard.valid_from <= cast(c.started_at as date)
        and (standard.valid_to is null or standard.valid_to > cast(c.started_at as date))
    where c.programme = 'oip' and c.reported_at is not null
),
timed as (
    select
        s.*,
        case
            when s.outcome = 'denied' then greatest(s.closed_no - s.started_no - s.suspended_days, 0)
            else greatest(s.paid_no - s.started_no - s.suspended_days, 0)
        end as settled_days,
        greatest(k.workday_no - s.started_no - s.suspended_days, 0) as open_days,
    from staged s
    cross join clock k
)
select
    platform_code, province_code, month,
    count(*) as claims,
    count(case when reported_by = 'worker' then 1 end) as reported_by_worker,
    count(case when reported_by = 'platform' then 1 end) as reported_by_platform,
    count(case when reported_by = 'family' then 1 end) as reported_by_family,
    count(case when reported_by = 'authority' then 1 end) as reported_by_authority,
    cast(count(case when reported_by in ('worker', 'platform') then 1 end) as double) / count(*) as one_click_share,
    count(applied_at) as applied,
    count(confirmed_at) as confirmed,
    count(appraised_at) as appraised,
    count(decided_at) as decided,
    count(paid_at) as paid,
    count(case when outcome = 'denied' then 1 end) as denied,
    count(case when outcome = 'withdrawn' then 1 end) as withdrawn,
    count(case when outcome = 'pending' then 1 end) as pending,
    count(case when paid_at is not null and applied_at is null then 1 end) as paid_without_application,
    count(case when confirmed_at is not null and appraised_at is not null and decided_at is not null then 1 end) as three_in_one,
    median(applied_no - reported_no) as days_report_to_apply,
    median(confirmed_no - started_no) as days_start_to_confirm,
    median(appraised_no - confirmed_no) as days_confirm_to_appraise,
    median(decided_no - coalesce(appraised_no, confirmed_no)) as days_to_decide,
    median(paid_no - decided_no) as days_decide_to_pay,
    max(bound_days) as bound_days,
    count(case when outcome <> 'withdrawn' and open_days >= bound_days then 1 end) as bound_passed,
    count(case when outcome <> 'withdrawn' and open_days >= bound_days and settled_days <= bound_days then 1 end) as settled_within_bound,
from timed
group by platform_code, province_code, month
