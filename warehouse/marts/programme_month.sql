-- grain: platform ('' = all) × province ('' = all) × month × programme: who is covered, what it costs, what comes of it
-- kept: whole
-- persons: distinct, with a spell that touches the month (up to the last night). person_days: days of the month under cover, spells
-- that overlap counted once within a platform × province (rows of '' add them up). premium, worker_paid, subsidy: of the spells that
-- begin in the month. lapses: persons whose cover ended in the month and had not begun again by the next day; resumed: persons whose
-- cover begins after such a gap. claims by month of the first report, benefits by month of payment.
with clock as (
    select last_date as night, from marts.horizon
),
month as (
    select
        c.date as month, cast(c.date + interval 1 month as date) as next_month,
    from ref.calendar c
    cross join clock k
    where extract(day from c.date) = 1 and c.date <= k.night
),
spell as (
    select
        v.platform_code, v.province_code, v.programme, v.person, v.coverage_id, v.first_date, v.covered_from,
        least(coalesce(v.last_date, k.night), k.night) as last_date,
        v.last_date is not null and v.last_date < k.night as is_ended,
        v.premium_yuan, v.worker_paid_yuan, v.subsidy_yuan, v.subsidy_payer,
    from marts.cover v
    cross join clock k
    where v.first_date <= k.night and v.programme is not null
),
reached as (
    select
        *,
        max(last_date) over (
            partition by platform_code, province_code, programme, person order by first_date, last_date, coverage_id
            rows between unbounded preceding and 1 preceding
        ) as reached_date,
        lead(first_date) over (
            partition by platform_code, province_code, programme, person order by first_date, last_date, coverage_id
        ) as next_date,
    from spell
),
covered as (
    select
        r.platform_code, r.province_code, r.programme, r.person, m.month,
        sum(
            case
                when greatest(r.first_date, coalesce(date_add(r.reached_date, interval 1 day), r.first_date), m.month)
                    <= least(r.last_date, m.next_month - interval 1 day)
                then date_diff(
                    'day',
                    cast(greatest(r.first_date, coalesce(date_add(r.reached_date, interval 1 day), r.first_date), m.month) as date),
                    cast(least(r.last_date, m.next_month - interval 1 day) as date)
                ) + 1
                else 0
            end
        ) as days,
    from reached r
    join month m on m.month <= r.last_date and m.next_month > r.first_date
    group by r.platform_code, r.province_code, r.programme, r.person, m.month
),
person_level as (
    select
        coalesce(platform_code, '') as platform_code, coalesce(province_code, '') as province_code, programme, month,
        count(distinct person) as persons, sum(days) as person_days,
    from covered
    group by grouping sets (
        (platform_code, province_code, programme, month), (platform_code, programme, month),
        (province_code, programme, month), (programme, month)
    )
),
event as (
    select
        platform_code, province_code, programme, cast(date_trunc('month', first_date) as date) as month, 'began' as kind,
        premium_yuan, worker_paid_yuan, subsidy_yuan, case when subsidy_payer = 'fiscal' then subsidy_yuan end as fiscal_yuan,
        cast(null as decimal(18, 2)) as benefit_yuan,
    from reached
    union all
    select
        platform_code, province_code, programme, cast(date_trunc('month', last_date) as date) as month, 'ended' as kind,
        null as premium_yuan, null as worker_paid_yuan, null as subsidy_yuan, null as fiscal_yuan, null as benefit_yuan,
    from reached
    where is_ended
    union all
    select
        r.platform_code, r.province_code, r.programme,
        cast(date_trunc('month', greatest(r.last_date, coalesce(r.reached_date, r.last_date))) as date) as month, 'lapsed' as kind,
        null as premium_yuan, null as worker_paid_yuan, null as subsidy_yuan, null as fiscal_yuan, null as benefit_yuan,
    from reached r
    cross join clock k
    where
        greatest(r.last_date, coalesce(r.reached_date, r.last_date)) < k.night
        and (r.next_date is null or r.next_date > date_add(greatest(r.last_date, coalesce(r.reached_date, r.last_date)), interval 1 day))
    union all
    select
        platform_code, province_code, programme, cast(date_trunc('month', first_date) as date) as month, 'resumed' as kind,
        null as premium_yuan, null as worker_paid_yuan, null as subsidy_yuan, null as fiscal_yuan, null as benefit_yuan,
    from reached
    where first_date > date_add(reached_date, interval 1 day)
    union all
    select
        platform_code, province_code, programme, cast(date_trunc('month', reported_at) as date) as month, 'reported' as kind,
        null as premium_yuan, null as worker_paid_yuan, null as subsidy_yuan, null as fiscal_yuan, null as benefit_yuan,
    from marts.claim
    where reported_at is not null
    union all
    select
        platform_code, province_code, programme, cast(date_trunc('month', paid_at) as date) as month, 'paid' as kind,
        null as premium_yuan, null as worker_paid_yuan, null as subsidy_yuan, null as fiscal_yuan, benefit_yuan,
    from marts.claim
    where paid_at is not null
),
event_level as (
    select
        coalesce(platform_code, '') as platform_code,
        coalesce(province_code, '') as province_code,
        programme,
        month,
        count(case when kind = 'began' then 1 end) as spells_began,
        count(case when kind = 'ended' then 1 end) as spells_ended,
        count(case when kind = 'lapsed' then 1 end) as lapses,
        count(case when kind = 'resumed' then 1 end) as resumed,
        coalesce(sum(premium_yuan), 0) as premium_yuan,
        coalesce(sum(worker_paid_yuan), 0) as worker_paid_yuan,
        coalesce(sum(subsidy_yuan), 0) as subsidy_yuan,
        coalesce(sum(fiscal_yuan), 0) as fiscal_subsidy_yuan,
        count(case when kind = 'reported' then 1 end) as claims_reported,
        count(case when kind = 'paid' then 1 end) as claims_paid,
        coalesce(sum(benefit_yuan), 0) as benefit_yuan,
    from event
    where programme is not null
    group by grouping sets (
        (platform_code, province_code, programme, month), (platform_code, programme, month),
        (province_code, programme, month), (programme, month)
    )
)
select
    coalesce(p.platform_code, e.platform_code) as platform_code,
    coalesce(p.province_code, e.province_code) as province_code,
    coalesce(p.month, e.month) as month,
    coalesce(p.programme, e.programme) as programme,
    cast(coalesce(p.persons, 0) as bigint) as persons,
    cast(coalesce(p.person_days, 0) as bigint) as person_days,
    coalesce(e.spells_began, 0) as spells_began,
    coalesce(e.spells_ended, 0) as spells_ended,
    coalesce(e.lapses, 0) as lapses,
    coalesce(e.resumed, 0) as resumed,
    cast(coalesce(e.premium_yuan, 0) as decimal(18, 4)) as premium_yuan,
    cast(coalesce(e.worker_paid_yuan, 0) as decimal(18, 4)) as worker_paid_yuan,
    cast(coalesce(e.subsidy_yuan, 0) as decimal(18, 4)) as subsidy_yuan,
    cast(coalesce(e.fiscal_subsidy_yuan, 0) as decimal(18, 4)) as fiscal_subsidy_yuan,
    coalesce(e.claims_reported, 0) as claims_reported,
    coalesce(e.claims_paid, 0) as claims_paid,
    cast(coalesce(e.benefit_yuan, 0) as decimal(18, 2)) as benefit_yuan,
from person_level p
full join event_level e
    on e.platform_code = p.platform_code and e.province_code = p.province_code and e.programme = p.programme and e.month = p.month
