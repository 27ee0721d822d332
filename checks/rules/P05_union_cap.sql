/* ---
id: P05
version: 1
title_zh: 工会保障上限
title_en: over 90,800 yuan per person-year, or before 2019-01-01
consequence: breach
price: benefit
dimension: validity
responsible: insurer
basis: {text: "上海工会会员专享基本保障：自2019-01-01，每人每年≤90800元", grade: S}
effective: [null, null]
needs: [claims]
parameters: [benefit_cap_year]
evidence: [submission, claim_id, person, problem, injured_at, benefit_yuan, year_yuan, cap_yuan]
message_zh: 请核对会员当年累计待遇（不超过90800元）与保障起始日（2019-01-01），更正后重报。
message_en: Check the member's benefits of the year (up to 90,800 yuan) and the start of the programme (2019-01-01) and resubmit.
defaults:
  core.claims: {platform_code: U01, province_code: 310000, business_date: 2025-10-20, programme: union_shanghai, person: p1, injured_at: 2025-05-01 12:00:00}
cases:
  - when: 同一人一年两笔合计超限，第二笔计超额；2018年的事故
    core.claims:
      - {claim_id: k1, benefit_yuan: 60000, paid_at: 2025-06-01 10:00:00}
      - {claim_id: k2, benefit_yuan: 40000, paid_at: 2025-07-01 10:00:00}
      - {claim_id: k3, person: p3, benefit_yuan: 100, injured_at: 2018-12-31 12:00:00}
    expect:
      - {claim_id: k2, problem: cap, year_yuan: 100000, amount_yuan: 9200}
      - {claim_id: k3, problem: before the programme, amount_yuan: 100}
  - when: 跨年两笔；两个人；其他项目
    core.claims:
      - {claim_id: k1, benefit_yuan: 60000, paid_at: 2024-12-31 10:00:00}
      - {claim_id: k2, benefit_yuan: 60000, paid_at: 2025-01-01 10:00:00}
      - {claim_id: k3, benefit_yuan: 60000, paid_at: 2025-01-01 10:00:00, person: p2}
      - {claim_id: k4, benefit_yuan: 99999, programme: oip}
    expect: []
  - when: 合计恰90800元；多一分；2019-01-01零点的事故（边界）
    core.claims:
      - {claim_id: k1, benefit_yuan: 90800, injured_at: 2019-01-01 00:00:00}
      - {claim_id: k2, person: p2, benefit_yuan: 90800.01}
    expect: [{claim_id: k2, amount_yuan: 0.01}]
--- */
-- grain: union_shanghai claim whose benefit brings its member over the year's cap, or of an accident before the programme began.
-- The year is that of payment, else of decision, else of injury. Price: what is over.
with benefit as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        claim_id,
        coalesce(person, concat(platform_code, '/', worker_id)) as person,
        injured_at,
        cast(coalesce(paid_at, decided_at, injured_at) as date) as benefit_on,
        benefit_yuan,
    from core.claims
    where programme = 'union_shanghai'
        and benefit_yuan > 0
),

summed as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        claim_id,
        person,
        injured_at,
        benefit_on,
        benefit_yuan,
        sum(benefit_yuan) over (
            partition by person, extract(year from benefit_on)
            order by benefit_on, claim_id
            rows between unbounded preceding and current row
        ) as year_yuan,
    from benefit
)

select
    summed.platform_code,
    summed.province_code,
    summed.business_date,
    summed.submission,
    summed.claim_id,
    summed.person,
    case
        when cast(summed.injured_at as date) < programme.valid_from then 'before the programme'
        else 'cap'
    end as problem,
    summed.injured_at,
    summed.benefit_yuan,
    summed.year_yuan,
    cap.number as cap_yuan,
    case
        when cast(summed.injured_at as date) < programme.valid_from then summed.benefit_yuan
        else least(summed.benefit_yuan, summed.year_yuan - cap.number)
    end as amount_yuan,
from summed
left join ref.programme as programme on programme.programme = 'union_shanghai'
left join ref.parameter as cap
    on cap.parameter = 'benefit_cap_year'
    and cap.key = 'union_shanghai'
    and cap.valid_from <= summed.benefit_on
    and (cap.valid_to is null or cap.valid_to > summed.benefit_on)
where summed.year_yuan > cap.number
    or cast(summed.injured_at as date) < programme.valid_from
