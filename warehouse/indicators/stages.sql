-- grain: window × place: claims first reported in the window (oip, or each programme): by whom, and paid without an application
select
    w.window_no, p.region, p.province, case when $by_city then c.city_code end as city, p.platform,
    case when $by_industry then c.industry end as industry,
    case when $by_programme then c.programme end as programme,
    count(*) as stage_claims,
    count(case when c.reported_by in ('worker', 'platform') then 1 end) as claims_one_click,
    count(case when c.paid_at < $known_until then 1 end) as stage_paid,
    count(case when c.paid_at < $known_until and c.applied_at is null then 1 end) as paid_without_application,
from marts.claim c
join asked_pair p on p.platform_code = c.platform_code and p.province_code = c.province_code
join asked_window w on cast(c.reported_at as date) >= w.event_start and cast(c.reported_at as date) < w.end_date
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
group by 1, 2, 3, 4, 5, 6, 7
