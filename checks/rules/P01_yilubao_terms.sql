/* ---
id: P01
version: 1
title_zh: 益鹭保参数
title_en: yilubao premium, 50% subsidy, age 16–65 or cap wrong
consequence: breach
price: terms
dimension: validity
responsible: insurer
basis: {text: "厦门益鹭保：按日，个人或平台0.4元+财政0.4元，≤40万元，16–65周岁，自2023-09-13", grade: S}
effective: [2023-09-13, null]
needs: [enrollment, claims]
parameters: [yilubao_premium, yilubao_subsidy_share, minimum_age, maximum_age, benefit_cap]
evidence: [submission, extract, record_id, problem, covered_from, covered_to, value, expected]
message_zh: 请按益鹭保条款更正：每日保费0.8元、财政补贴一半、年龄16至65周岁、待遇不超过40万元。
message_en: Correct to the terms of yilubao, 0.8 yuan a day, half of it from the public budget, ages 16 to 65, benefits up to 400,000 yuan.
defaults:
  staging.enrollment: {platform_code: Y01, province_code: 350000, business_date: 2025-10-01, programme: yilubao, birth_date: 1990-01-01, covered_from: 2025-10-01 00:00:00, covered_to: 2025-10-02 00:00:00, premium_yuan: 0.8, subsidy_yuan: 0.4, subsidy_payer: fiscal}
  staging.claims: {platform_code: Y01, province_code: 350000, business_date: 2025-10-20, programme: yilubao, injured_at: 2025-10-01 12:00:00}
cases:
  - when: 保费少收；补贴不足一半；补贴方不是财政；66岁；待遇超限
    staging.enrollment:
      - {coverage_id: c1, premium_yuan: 0.6, subsidy_yuan: 0.3}
      - {coverage_id: c2, subsidy_yuan: 0.3}
      - {coverage_id: c3, subsidy_payer: platform}
      - {coverage_id: c4, birth_date: 1959-09-30}
    staging.claims: [{claim_id: k1, benefit_yuan: 400001}]
    expect:
      - {record_id: c1, problem: premium, amount_yuan: 0.2}
      - {record_id: c2, problem: subsidy}
      - {record_id: c3, problem: subsidy payer}
      - {record_id: c4, problem: age}
      - {extract: claims, record_id: k1, problem: cap, amount_yuan: 1}
  - when: 一日0.8元；三日2.4元；未终止的期间不核保费；其他项目
    staging.enrollment:
      - {coverage_id: c1}
      - {coverage_id: c2, covered_to: 2025-10-04 00:00:00, premium_yuan: 2.4, subsidy_yuan: 1.2}
      - {coverage_id: c3, covered_to: null, premium_yuan: 8, subsidy_yuan: 4}
      - {coverage_id: c4, programme: commercial_accident, premium_yuan: 1, subsidy_yuan: null}
    expect: []
  - when: 16岁与65岁当天；前后各一天；恰40万元；不足一日按一日（边界）
    staging.enrollment:
      - {coverage_id: c1, birth_date: 2009-10-01}
      - {coverage_id: c2, birth_date: 2009-10-02}
      - {coverage_id: c3, birth_date: 1959-10-02}
      - {coverage_id: c4, birth_date: 1959-10-01}
      - {coverage_id: c5, covered_from: 2025-10-01 08:00:00}
    staging.claims: [{claim_id: k1, benefit_yuan: 400000}]
    expect: [{record_id: c2, problem: age}, {record_id: c4, problem: age}]
  - when: 同一期间的两个状态都少收：各算一行，只在最新状态计价
    staging.enrollment:
      - {coverage_id: c1, premium_yuan: 0.6, subsidy_yuan: 0.3}
      - {coverage_id: c1, premium_yuan: 0.6, subsidy_yuan: 0.3, business_date: 2025-10-02, action: end}
    expect: [{business_date: 2025-10-01, amount_yuan: null}, {business_date: 2025-10-02, amount_yuan: 0.2}]
--- */
-- grain: row of a yilubao spell or claim against the terms of the programme (its first fault). Price, at the latest state: premium short, benefit above the cap.
with spell as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        coverage_id,
        covered_from,
        covered_to,
        premium_yuan,
        subsidy_yuan,
        subsidy_payer,
        (date_diff('second', covered_from, covered_to) + 86399) // 86400 as days,
        extract(year from covered_from) - extract(year from birth_date)
            - case
                when extract(month from covered_from) * 100 + extract(day from covered_from)
                    < extract(month from birth_date) * 100 + extract(day from birth_date) then 1
                else 0
            end as years,
        row_number() over (
            partition by platform_code, coverage_id
            order by business_date desc, province_code, row_no
        ) as newest_no,
    from staging.enrollment
    where programme = 'yilubao'
        and (covered_to is null or covered_to > covered_from)
),

judged as (
    select
        spell.platform_code,
        spell.province_code,
        spell.business_date,
        spell.submission,
        spell.coverage_id,
        spell.covered_from,
        spell.covered_to,
        spell.premium_yuan,
        spell.subsidy_yuan,
        spell.years,
        spell.newest_no,
        spell.days * (payer.number + subsidy.number) as expected_yuan,
        spell.premium_yuan * share.number as expected_subsidy_yuan,
        case
            when spell.years < youngest.number or spell.years > oldest.number then 'age'
            when spell.covered_to is not null
                and coalesce(spell.premium_yuan, 0) <> spell.days * (payer.number + subsidy.number) then 'premium'
            when coalesce(spell.subsidy_yuan, 0) <> spell.premium_yuan * share.number then 'subsidy'
            when spell.subsidy_yuan > 0 and spell.subsidy_payer <> 'fiscal' then 'subsidy payer'
        end as problem,
    from spell
    join ref.parameter as payer
        on payer.parameter = 'yilubao_premium'
        and payer.key = 'payer'
        and payer.valid_from <= cast(spell.covered_from as date)
        and (payer.valid_to is null or payer.valid_to > cast(spell.covered_from as date))
    join ref.parameter as subsidy
        on subsidy.parameter = 'yilubao_premium'
        and subsidy.key = 'subsidy'
        and subsidy.valid_from <= cast(spell.covered_from as date)
        and (subsidy.valid_to is null or subsidy.valid_to > cast(spell.covered_from as date))
    join ref.parameter as share
        on share.parameter = 'yilubao_subsidy_share'
        and share.valid_from <= cast(spell.covered_from as date)
        and (share.valid_to is null or share.valid_to > cast(spell.covered_from as date))
    join ref.parameter as youngest
        on youngest.parameter = 'minimum_age'
        and youngest.key = 'yilubao'
        and youngest.valid_from <= cast(spell.covered_from as date)
        and (youngest.valid_to is null or youngest.valid_to > cast(spell.covered_from as date))
    join ref.parameter as oldest
        on oldest.parameter = 'maximum_age'
        and oldest.key = 'yilubao'
        and oldest.valid_from <= cast(spell.covered_from as date)
        and (oldest.valid_to is null or oldest.valid_to > cast(spell.covered_from as date))
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    'enrollment' as extract,
    coverage_id as record_id,
    problem,
    covered_from,
    covered_to,
    case problem
        when 'age' then cast(years as varchar)
        when 'premium' then cast(premium_yuan as varchar)
        else cast(subsidy_yuan as varchar)
    end as value,
    case problem
        when 'premium' then cast(cast(expected_yuan as decimal(12, 4)) as varchar)
        when 'subsidy' then cast(cast(expected_subsidy_yuan as decimal(12, 4)) as varchar)
    end as expected,
    case
        when problem = 'premium' and newest_no = 1 and coalesce(premium_yuan, 0) < expected_yuan
            then expected_yuan - coalesce(premium_yuan, 0)
    end as amount_yuan,
from judged
where problem is not null
union all
select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    'claims' as extract,
    claims.claim_id as record_id,
    'cap' as problem,
    cast(null as timestamp) as covered_from,
    cast(null as timestamp) as covered_to,
    cast(claims.benefit_yuan as varchar) as value,
    cast(cast(cap.number as decimal(14, 2)) as varchar) as expected,
    case
        when row_number() over (
            partition by claims.platform_code, claims.claim_id
            order by claims.business_date desc, claims.province_code, claims.row_no
        ) = 1 then claims.benefit_yuan - cap.number
    end as amount_yuan,
from staging.claims as claims
join ref.parameter as cap
    on cap.parameter = 'benefit_cap'
    and cap.key = 'yilubao'
    and cap.valid_from <= cast(claims.injured_at as date)
    and (cap.valid_to is null or cap.valid_to > cast(claims.injured_at as date))
where claims.programme = 'yilubao'
    and claims.benefit_yuan > cap.number
