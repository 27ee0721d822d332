-- grain: submitter × province × month: the union members' protection (上海工会会员专享基本保障): members, payments, persons over the yearly cap
-- kept: whole
-- over_cap: persons whose benefits of the calendar year up to the month's end exceed benefit_cap_year for the first time in this month.
with payment as (
    select
        c.platform_code, c.province_code, c.person, cast(c.paid_at as date) as paid_on, cast(date_trunc('month', c.paid_at) as date) as month,
        c.benefit_yuan,
        sum(c.benefit_yuan) over (
            partition by c.person, extract(year from c.paid_at) order by c.paid_at, c.claim_id
            rows between unbounded preceding and current row
        ) as year_yuan,
    from marts.claim c
    where c.programme = 'union_shanghai' and c.paid_at is not null
),
paid as (
    select
        p.platform_code, p.province_code, p.month, count(*) as payments, count(distinct p.person) as persons_paid,
        coalesce(sum(p.benefit_yuan), 0) as benefit_yuan,
        count(distinct case when p.year_yuan > k.number and p.year_yuan - p.benefit_yuan <= k.number then p.person end) as over_cap,
    from payment p
    left join ref.parameter k
        on k.parameter = 'benefit_cap_year' and k.key = 'union_shanghai'
        and k.valid_from <= p.paid_on and (k.valid_to is null or k.valid_to > p.paid_on)
    group by p.platform_code, p.province_code, p.month
),
member as (
    select platform_code, province_code, month, persons, spells_began, spells_ended, claims_reported,
    from marts.programme_month
    where programme = 'union_shanghai' and platform_code <> '' and province_code <> ''
)
select
    coalesce(m.platform_code, p.platform_code) as platform_code,
    coalesce(m.province_code, p.province_code) as province_code,
    coalesce(m.month, p.month) as month,
    coalesce(m.persons, 0) as members,
    coalesce(m.spells_began, 0) as members_joined,
    coalesce(m.spells_ended, 0) as members_left,
    coalesce(m.claims_reported, 0) as claims_reported,
    coalesce(p.payments, 0) as payments,
    coalesce(p.persons_paid, 0) as persons_paid,
    cast(coalesce(p.benefit_yuan, 0) as decimal(18, 2)) as benefit_yuan,
    coalesce(p.over_cap, 0) as over_cap,
from member m
full join paid p on p.platform_code = m.platform_code and p.province_code = m.province_code and p.month = m.month
