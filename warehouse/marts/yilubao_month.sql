-- grain: submitter × province × month in which cover begins × trade: 益鹭保 by the day
-- kept: whole
-- Days of a spell are counted as its terms do: begun days of 24 hours. expected = days × (payer's + public amount), of spells with an
-- end; faults: premium_wrong, subsidy_wrong (not yilubao_subsidy_share of the premium, or not paid by the public budget), age_wrong.
with spell as (
    select
        v.*, cast(date_trunc('month', v.covered_from) as date) as month,
        (date_diff('second', v.covered_from, v.covered_to) + 86399) // 86400 as days,
        extract(year from v.covered_from) - extract(year from v.birth_date)
            - case
                when extract(month from v.covered_from) * 100 + extract(day from v.covered_from)
                    < extract(month from v.birth_date) * 100 + extract(day from v.birth_date) then 1
                else 0
            end as years,
    from marts.cover v
    cross join (select last_date as night, from marts.horizon) k
    where v.programme = 'yilubao' and v.first_date <= k.night
)
select
    s.platform_code, s.province_code, s.month, coalesce(s.trade, '') as trade,
    count(*) as spells,
    count(distinct s.person) as persons,
    cast(coalesce(sum(s.days), 0) as bigint) as person_days,
    cast(coalesce(sum(s.premium_yuan), 0) as decimal(18, 4)) as premium_yuan,
    cast(coalesce(sum(s.days * (p.number + q.number)), 0) as decimal(18, 4)) as expected_yuan,
    cast(coalesce(sum(s.worker_paid_yuan), 0) as decimal(18, 4)) as worker_paid_yuan,
    cast(coalesce(sum(s.subsidy_yuan), 0) as decimal(18, 4)) as subsidy_yuan,
    cast(coalesce(sum(case when s.subsidy_payer = 'fiscal' then s.subsidy_yuan end), 0) as decimal(18, 4)) as fiscal_subsidy_yuan,
    count(case when s.covered_to is not null and coalesce(s.premium_yuan, 0) <> s.days * (p.number + q.number) then 1 end) as premium_wrong,
    count(
        case
            when coalesce(s.subsidy_yuan, 0) <> s.premium_yuan * h.number or (s.subsidy_yuan > 0 and coalesce(s.subsidy_payer, '') <> 'fiscal')
            then 1
        end
    ) as subsidy_wrong,
    count(case when s.years < y.number or s.years > o.number then 1 end) as age_wrong,
from spell s
left join ref.parameter p
    on p.parameter = 'yilubao_premium' and p.key = 'payer'
    and p.valid_from <= s.first_date and (p.valid_to is null or p.valid_to > s.first_date)
left join ref.parameter q
    on q.parameter = 'yilubao_premium' and q.key = 'subsidy'
    and q.valid_from <= s.first_date and (q.valid_to is null or q.valid_to > s.first_date)
left join ref.parameter h
    on h.parameter = 'yilubao_subsidy_share' and h.valid_from <= s.first_date and (h.valid_to is null or h.valid_to > s.first_date)
left join ref.parameter y
    on y.parameter = 'minimum_age' and y.key = 'yilubao'
    and y.valid_from <= s.first_date and (y.valid_to is null or y.valid_to > s.first_date)
left join ref.parameter o
    on o.parameter = 'maximum_age' and o.key = 'yilubao'
    and o.valid_from <= s.first_date and (o.valid_to is null or o.valid_to > s.first_date)
group by s.platform_code, s.province_code, s.month, coalesce(s.trade, '')
