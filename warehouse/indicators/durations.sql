-- grain: claim that started in a window (cohort of application, else first report), with what each stage took in working days
-- Working days after the start up to the day itself, lawful suspension left out. *_days null: not (yet) there at the cut-off;
-- open_days: from the start to the cut-off, or to where a denied or withdrawn claim closed.
with started as (
    select
        c.platform_code, c.province_code, c.city_code, c.industry, c.programme, c.outcome, c.suspended_days,
        cast(c.started_at as date) as started_on,
        case when c.confirmed_at < $known_until then cast(c.confirmed_at as date) end as confirmed_on,
        case when c.paid_at < $known_until then cast(c.paid_at as date) end as paid_on,
        case when c.closed_at < $known_until then cast(c.closed_at as date) end as closed_on,
    from marts.claim c
    where
        (c.programme = 'oip' or $by_programme)
        and (
            not $certified_only
            or exists (
                select 1
                from marts.unit_day u
                where
                    u.is_certified
                    and u.platform_code = c.platform_code
                    and u.province_code = c.province_code
                    and u.business_date = c.business_date
            )
        )
)
select
    w.window_no,
    p.region,
    p.province,
    case when $by_city then s.city_code end as city,
    p.platform,
    case when $by_industry then s.industry end as industry,
    case when $by_programme then s.programme end as programme,
    s.outcome,
    case when d_closed.date is not null then greatest(d_closed.workday_no - d_start.workday_no - s.suspended_days, 0) end as closed_days,
    case when d_paid.date is not null then greatest(d_paid.workday_no - d_start.workday_no - s.suspended_days, 0) end as paid_days,
    case
        when d_paid.date is not null and d_confirmed.date is not null
        then greatest(d_paid.workday_no - d_confirmed.workday_no - s.suspended_days, 0)
    end as paid_after_days,
    greatest(d_cut.workday_no - d_start.workday_no - s.suspended_days, 0) as open_days,
    case
        when d_confirmed.date is not null then greatest(d_cut.workday_no - d_confirmed.workday_no - s.suspended_days, 0)
    end as open_after_days,
from started s
join asked_pair p on p.platform_code = s.platform_code and p.province_code = s.province_code
join asked_window w on s.started_on >= w.event_start and s.started_on < w.end_date
join ref.calendar d_start on d_start.date = s.started_on
join ref.calendar d_cut on d_cut.date = $known_last
left join ref.calendar d_closed on d_closed.date = s.closed_on
left join ref.calendar d_confirmed on d_confirmed.date = s.confirmed_on
left join ref.calendar d_paid on d_paid.date = s.paid_on
