-- grain: window × place: claims and cases by the date of what happened to them
-- Confirmations and money are the agency's where it has any case of the platform (has_agency); else the claims', an estimate.
-- Injuries stand at the place of their order; everything else at the claim's (or case's) own place.
with wanted as (
    select *,
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
),
event as (
    select
        platform_code, province_code, city_code, industry, programme, cast(reported_at as date) as event_date, 'reported' as kind,
        cast(0 as decimal(18, 2)) as yuan,
    from wanted
    union all
    select
        platform_code, province_code, city_code, industry, programme, cast(reported_at as date) as event_date,
        'cross_province' as kind, 0 as yuan,
    from wanted
    where injury_province_code <> province_code
    union all
    select
        platform_code, province_code, city_code, industry, programme, cast(confirmed_at as date) as event_date, 'confirmed' as kind,
        0 as yuan,
    from wanted
    where outcome = 'confirmed' and not (has_agency and programme = 'oip')
    union all
    select
        platform_code, province_code, city_code, industry, programme, cast(paid_at as date) as event_date, 'benefit_claimed' as kind,
        benefit_yuan as yuan,
    from wanted
    where benefit_yuan is not null and not (has_agency and programme = 'oip')
    union all
    select
        platform_code, order_province_code as province_code, order_city_code as city_code, order_industry as industry, programme,
        cast(injured_at as date) as event_date, 'injury_reported' as kind, 0 as yuan,
    from wanted
    where programme = 'oip' and is_order_in_scope
    union all
    select
        platform_code, order_province_code as province_code, order_city_code as city_code, order_industry as industry, programme,
        cast(injured_at as date) as event_date, 'injury_confirmed' as kind, 0 as yuan,
    from wanted
    where programme = 'oip' and is_order_in_scope and outcome = 'confirmed' and not has_agency
    union all
    select
        platform_code, province_code, city_code, industry, 'oip' as programme, cast(confirmed_at as date) as event_date,
        'confirmed' as kind, 0 as yuan,
    from marts.agency_case
    union all
    select
        platform_code, province_code, city_code, industry, 'oip' as programme, cast(paid_at as date) as event_date,
        'benefit' as kind, benefit_yuan as yuan,
    from marts.agency_case
    where benefit_yuan is not null
    union all
    select
        platform_code, order_province_code as province_code, order_city_code as city_code, order_industry as industry,
        'oip' as programme, cast(injured_at as date) as event_date, 'injury_confirmed' as kind, 0 as yuan,
    from marts.agency_case
    where is_order_in_scope and confirmed_at is not null and confirmed_at < $known_until
)
select
    w.window_no,
    p.region,
    p.province,
    case when $by_city then e.city_code end as city,
    p.platform,
    case when $by_industry then e.industry end as industry,
    case when $by_programme then e.programme end as programme,
    count(case when e.kind = 'reported' then 1 end) as claims_reported,
    count(case when e.kind = 'cross_province' then 1 end) as claims_cross_province,
    count(case when e.kind = 'confirmed' then 1 end) as claims_confirmed,
    count(case when e.kind = 'injury_reported' then 1 end) as injuries_reported,
    count(case when e.kind = 'injury_confirmed' then 1 end) as injuries_confirmed,
    coalesce(sum(case when e.kind in ('benefit', 'benefit_claimed') then e.yuan end), 0) as benefits_yuan,
    count(case when e.kind = 'benefit_claimed' then 1 end) as benefits_estimated,
from event e
join asked_pair p on p.platform_code = e.platform_code and p.province_code = e.province_code
join asked_window w on e.event_date >= w.event_start and e.event_date < w.end_date
group by 1, 2, 3, 4, 5, 6, 7
