-- grain: platform × province × business_date that is due, or for which anything was received
-- kept: view
-- Expected as rule T01 reads it: the register speaks for the pairs it names; any other pair from its first accepted date on.
-- on time: the first acceptable version was known by the deadline. rows_* are of the current version.
with first_of_pair as (
    select platform_code, province_code, min(business_date) as first_date,
    from staging.submission
    where status <> 'refused'
    group by platform_code, province_code
),
first_of_home as (
    select min(first_date) as first_date,
    from first_of_pair
),
span as (
    select r.platform_code, r.province_code, coalesce(r.valid_from, h.first_date) as expected_from, r.valid_to as expected_to,
    from ref.expected_submissions r
    cross join first_of_home h
    union all
    select p.platform_code, p.province_code, p.first_date as expected_from, cast(null as date) as expected_to,
    from first_of_pair p
    where not exists (
        select 1 from ref.expected_submissions r where r.platform_code = p.platform_code and r.province_code = p.province_code
    )
),
day as (
    select
        c.date as business_date,
        (24 + d.number) * 3600 as deadline_s,
        date_diff('second', cast(c.date as timestamp), k.now) >= (24 + d.number) * 3600 as is_closed,
    from ref.calendar c
    cross join (select max(now) as now from checks.clock) k
    join ref.parameter d
        on d.parameter = 'submission_deadline' and d.valid_from <= c.date and (d.valid_to is null or d.valid_to > c.date)
    where c.date <= cast(k.now as date)
),
expected as (
    select distinct s.platform_code, s.province_code, d.business_date, d.is_closed,
    from span s
    join day d on d.business_date >= s.expected_from and (s.expected_to is null or d.business_date < s.expected_to)
),
received as (
    select
        platform_code, province_code, business_date,
        count(case when status <> 'refused' then 1 end) as versions,
        count(case when status = 'refused' then 1 end) as refused,
        min(case when status <> 'refused' then known_at end) as first_known_at,
    from staging.submission
    where platform_code is not null and province_code is not null and business_date is not null
    group by platform_code, province_code, business_date
),
unit as (
    select
        coalesce(e.platform_code, r.platform_code) as platform_code,
        coalesce(e.province_code, r.province_code) as province_code,
        coalesce(e.business_date, r.business_date) as business_date,
        e.platform_code is not null as is_expected,
        coalesce(e.is_closed, false) as is_due,
        coalesce(r.versions, 0) as versions,
        coalesce(r.refused, 0) as refused,
        r.first_known_at,
    from expected e
    full join received r
        on r.platform_code = e.platform_code and r.province_code = e.province_code and r.business_date = e.business_date
    where e.is_closed or r.platform_code is not null
),
blocked as (
    select platform_code, province_code, business_date, count(*) as blockers, min(cause) as first_cause, min(rule_id) as first_rule_id,
    from marts.certification
    group by platform_code, province_code, business_date
)
select
    u.platform_code,
    u.province_code,
    u.business_date,
    u.is_expected,
    u.is_due,
    u.versions > 0 as is_accepted,
    u.versions > 0 and coalesce(c.orders, 0) + coalesce(c.enrollment, 0) + coalesce(c.claims, 0) = 0 as is_nil,
    coalesce(date_diff('second', cast(u.business_date as timestamp), u.first_known_at) <= d.deadline_s, false) as is_on_time,
    coalesce(date_diff('second', cast(u.business_date as timestamp), u.first_known_at) > d.deadline_s, false) as is_late,
    u.versions,
    u.refused,
    u.versions > 1 as is_resubmitted,
    u.first_known_at,
    c.submission,
    c.version_id,
    c.known_at,
    coalesce(c.orders, 0) as rows_orders,
    coalesce(c.enrollment, 0) as rows_enrollment,
    coalesce(c.claims, 0) as rows_claims,
    coalesce(c.untyped_rows, 0) as rows_untyped,
    u.versions > 0 and b.platform_code is null as is_certified,
    case when u.versions = 0 then 1 else coalesce(b.blockers, 0) end as blockers,
    case when u.versions = 0 then 'missing' else b.first_cause end as first_cause,
    b.first_rule_id,
from unit u
left join core.unit c
    on c.platform_code = u.platform_code and c.province_code = u.province_code and c.business_date = u.business_date
left join blocked b
    on b.platform_code = u.platform_code and b.province_code = u.province_code and b.business_date = u.business_date
left join day d on d.business_date = u.business_date
