-- grain: submitter × province × month: 微工卡 policies that begin, shifts worked, claims reported
-- kept: whole
-- A policy is one worker for weigongka_hours from clock-in; window_wrong: of another length. begun_at_clock_in: shifts whose policy
-- began no later than the clock-in; covered: one policy holds from clock-in to clock-out (until now, where it still runs).
-- night shifts touch 22:00–06:00. Payment days are working days from the first report (claims are paid within handling_days pay/weigongka).
with clock as (
    select k.now, h.last_date as night,
    from (select max(now) as now, from checks.clock) k
    cross join marts.horizon h
),
policy as (
    select v.platform_code, v.province_code, v.coverage_id, v.worker_id, v.person, v.covered_from, v.covered_to, v.premium_yuan, v.first_date,
    from marts.cover v
    cross join clock k
    where v.programme = 'weigongka' and v.first_date <= k.night
),
policy_month as (
    select
        p.platform_code, p.province_code, cast(date_trunc('month', p.covered_from) as date) as month,
        count(*) as policies,
        count(distinct p.person) as persons,
        coalesce(sum(p.premium_yuan), 0) as premium_yuan,
        count(
            case when p.covered_to is null or date_diff('second', p.covered_from, p.covered_to) <> h.number * 3600 then 1 end
        ) as window_wrong,
        count(case when p.premium_yuan is null or p.premium_yuan < a.number or p.premium_yuan > b.number then 1 end) as premium_wrong,
    from policy p
    left join ref.parameter h
        on h.parameter = 'weigongka_hours' and h.valid_from <= p.first_date and (h.valid_to is null or h.valid_to > p.first_date)
    left join ref.parameter a
        on a.parameter = 'weigongka_premium' and a.key = 'min'
        and a.valid_from <= p.first_date and (a.valid_to is null or a.valid_to > p.first_date)
    left join ref.parameter b
        on b.parameter = 'weigongka_premium' and b.key = 'max'
        and b.valid_from <= p.first_date and (b.valid_to is null or b.valid_to > p.first_date)
    group by p.platform_code, p.province_code, cast(date_trunc('month', p.covered_from) as date)
),
insuring as (
    select distinct platform_code, from policy
),
attended as (
    select
        s.platform_code, s.province_code, cast(date_trunc('month', s.business_date) as date) as month, s.order_id, s.accepted_at,
        coalesce(s.finished_at, k.now) as finished_at,
        max(case when p.covered_from <= s.accepted_at and (p.covered_to is null or p.covered_to > s.accepted_at) then 1 else 0 end) as is_begun,
        max(
            case
                when p.covered_from <= s.accepted_at and (p.covered_to is null or p.covered_to >= coalesce(s.finished_at, k.now)) then 1 else 0
            end
        ) as is_covered,
    from core.shift s
    join insuring i on i.platform_code = s.platform_code
    cross join clock k
    left join policy p
        on p.platform_code = s.platform_code and p.worker_id = s.worker_id and p.covered_from <= s.accepted_at
        and (p.covered_to is null or p.covered_to > s.accepted_at)
    where s.accepted_at is not null and s.status <> 'cancelled'
    group by
        s.platform_code, s.province_code, cast(date_trunc('month', s.business_date) as date), s.order_id, s.accepted_at,
        coalesce(s.finished_at, k.now)
),
shift_month as (
    select
        platform_code, province_code, month,
        count(*) as shifts,
        cast(sum(is_begun) as bigint) as begun_at_clock_in,
        cast(sum(is_covered) as bigint) as shifts_covered,
        count(
            case
                when extract(hour from accepted_at) >= 22 or extract(hour from accepted_at) < 6
                    or cast(finished_at as date) > cast(accepted_at as date) or extract(hour from finished_at) >= 22 then 1
            end
        ) as night_shifts,
    from attended
    group by platform_code, province_code, month
),
claim_month as (
    select
        c.platform_code, c.province_code, cast(date_trunc('month', c.reported_at) as date) as month,
        count(*) as claims,
        count(c.paid_at) as claims_paid,
        count(case when greatest(e.workday_no - d.workday_no - c.suspended_days, 0) <= b.number then 1 end) as paid_in_time,
        median(greatest(e.workday_no - d.workday_no - c.suspended_days, 0)) as payment_days_median,
        coalesce(sum(case when c.paid_at is not null then c.benefit_yuan end), 0) as benefit_yuan,
    from marts.claim c
    join ref.calendar d on d.date = cast(c.reported_at as date)
    left join ref.calendar e on e.date = cast(c.paid_at as date)
    left join ref.parameter b
        on b.parameter = 'handling_days' and b.key = 'pay/weigongka'
        and b.valid_from <= d.date and (b.valid_to is null or b.valid_to > d.date)
    where c.programme = 'weigongka'
    group by c.platform_code, c.province_code, cast(date_trunc('month', c.reported_at) as date)
),
cell as (
    select platform_code, province_code, month from policy_month
    union
    select platform_code, province_code, month from shift_month
    union
    select platform_code, province_code, month from claim_month
)
select
    c.platform_code, c.province_code, c.month,
    coalesce(p.policies, 0) as policies,
    coalesce(p.persons, 0) as persons,
    cast(coalesce(p.premium_yuan, 0) as decimal(18, 4)) as premium_yuan,
    coalesce(p.window_wrong, 0) as window_wrong,
    coalesce(p.premium_wrong, 0) as premium_wrong,
    coalesce(s.shifts, 0) as shifts,
    coalesce(s.night_shifts, 0) as night_shifts,
    coalesce(s.begun_at_clock_in, 0) as begun_at_clock_in,
    coalesce(s.shifts_covered, 0) as shifts_covered,
    coalesce(l.claims, 0) as claims,
    coalesce(l.claims_paid, 0) as claims_paid,
    coalesce(l.paid_in_time, 0) as paid_in_time,
    l.payment_days_median,
    cast(coalesce(l.benefit_yuan, 0) as decimal(18, 2)) as benefit_yuan,
from cell c
left join policy_month p on p.platform_code = c.platform_code and p.province_code = c.province_code and p.month = c.month
left join shift_month s on s.platform_code = c.platform_code and s.province_code = c.province_code and s.month = c.month
left join claim_month l on l.platform_code = c.platform_code and l.province_code = c.province_code and l.month = c.month
