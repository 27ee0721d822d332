-- grain: case_no: the agency's own record, as last published, at the place of its claim, else its order, else the person's cover
-- kept: whole
-- A case and a claim are the same where both name an order and it is the same, else where person and injury agree within
-- the days of parameter case_match. province_code is '' where nothing says it. Injuries stand at the order's place.
with newest as (
    select
        a.*,
        row_number() over (partition by a.case_no order by a.known_at desc, a.file desc, a.row_no desc) as newest_no,
    from staging.agency_case a
    where a.case_no is not null and a.platform_code is not null
),
named as (
    select a.*,
    from newest a
    where a.newest_no = 1
),
same_order as (
    select a.case_no, c.claim_id, 0 as rank, 0 as distance_s,
    from named a
    join core.claims c on c.platform_code = a.platform_code and c.order_id = a.order_id
    where c.programme = 'oip'
),
same_person as (
    select a.case_no, c.claim_id, 1 as rank, abs(date_diff('second', a.injured_at, c.injured_at)) as distance_s,
    from named a
    join core.claims c on c.platform_code = a.platform_code and c.person = a.person
    join ref.parameter p
        on p.parameter = 'case_match'
        and p.key = 'days'
        and p.valid_from <= cast(a.injured_at as date)
        and (p.valid_to is null or p.valid_to > cast(a.injured_at as date))
    where
        c.programme = 'oip'
        and (c.order_id is null or a.order_id is null)
        and abs(date_diff('second', a.injured_at, c.injured_at)) <= p.number * 86400
),
matched as (
    select
        case_no, claim_id,
        row_number() over (partition by case_no order by rank, distance_s, claim_id) as match_no,
    from (select * from same_order union all select * from same_person) candidate
),
roll as (
    select
        platform_code, person, province_code, city_code, industry,
        row_number() over (partition by platform_code, person order by covered_from desc, coverage_id desc) as newest_no,
    from core.cover
    where programme = 'oip' and person is not null
)
select
    a.case_no,
    a.platform_code,
    coalesce(c.province_code, o.province_code, r.province_code, '') as province_code,
    case when c.claim_id is not null then c.city_code when o.order_id is not null then o.city_code else r.city_code end as city_code,
    case when c.claim_id is not null then c.industry when o.order_id is not null then o.industry else r.industry end as industry,
    c.claim_id,
    a.person,
    a.order_id,
    coalesce(o.is_in_scope, false) as is_order_in_scope,
    o.province_code as order_province_code,
    o.city_code as order_city_code,
    o.industry as order_industry,
    a.injured_at,
    a.received_at,
    a.confirmed_at,
    a.paid_at,
    a.benefit_yuan,
    a.file,
    a.known_at,
from named a
left join matched m on m.case_no = a.case_no and m.match_no = 1
left join marts.claim c on c.platform_code = a.platform_code and c.claim_id = m.claim_id
left join core.known_order o on o.platform_code = a.platform_code and o.order_id = a.order_id
left join roll r on r.platform_code = a.platform_code and r.person = a.person and r.newest_no = 1
