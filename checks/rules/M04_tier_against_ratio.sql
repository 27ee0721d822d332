/* ---
id: M04
version: 1
title_zh: 支缴率不符
title_en: declared tier does not follow from the recomputed ratio, or rests on the wrong window
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "上海：支缴率达200%及以上按0.25元；渝人社规〔2025〕14号：依据2022年7月至2024年12月的支缴率（四川同）", grade: S}
effective: [2025-07-01, null]
needs: [platform_tiers, contributions, agency_cases]
parameters: [premium_rate, high_tier_ratio, float_base_window]
checked: package
evidence: [problem, tier_yuan, expected_yuan, benefits_yuan, contributions_yuan, ratio, threshold, window_from, window_to]
message_zh: 登记的缴费档次与按规定期间重算的支缴率不符；请与经办、税务核对待遇支出与缴费收入。
message_en: The registered tier does not follow from the ratio recomputed over the window in force; reconcile benefits and contributions with agency and tax.
defaults:
  ref.platform_tiers: {platform_code: P02, province_code: 310000, valid_from: 2025-07-01}
  staging.witness: {source: tax, measure: contributions_yuan, platform_code: P02, province_code: 310000, date_from: 2022-07-01, date_to: 2024-12-31, value: 1000, known_at: 2025-06-01 10:00:00}
  staging.agency_case: {platform_code: P02, person: p1, paid_at: 2024-06-01 10:00:00, received_at: 2024-05-01 10:00:00, known_at: 2025-06-01 10:00:00}
  core.cover: {platform_code: P02, province_code: 310000, programme: oip, person: p1, coverage_id: c1, covered_from: 2022-07-01 00:00:00}
  core.known_order: {platform_code: P02, province_code: 310000}
cases:
  - when: 支缴率250%却登记0.07
    ref.platform_tiers: [{premium_yuan: 0.07}]
    staging.witness: [{}]
    core.cover: [{}]
    staging.agency_case: [{case_no: a1, benefit_yuan: 2500}]
    expect: [{platform_code: P02, province_code: 310000, business_date: 2025-07-01, problem: tier, tier_yuan: 0.07, expected_yuan: 0.25, ratio: 2.5}]
  - when: 登记与重算一致；缴费数据没有覆盖整个期间不判；没有阈值的省份不判
    ref.platform_tiers: [{premium_yuan: 0.07}, {premium_yuan: 0.25, platform_code: P03}, {premium_yuan: 0.25, province_code: 320000}]
    staging.witness: [{}, {platform_code: P03, date_to: 2024-11-30}, {province_code: 320000}]
    core.cover: [{}]
    staging.agency_case: [{case_no: a1, benefit_yuan: 1500}]
    expect: []
  - when: 恰200%适用高档；期间外（2025年）的支付不计，若计入才合登记则为期间用错（边界）
    ref.platform_tiers: [{premium_yuan: 0.25}, {premium_yuan: 0.25, platform_code: P03}]
    staging.witness: [{}, {platform_code: P03}]
    core.cover: [{}, {platform_code: P03}]
    staging.agency_case:
      - {case_no: a1, benefit_yuan: 2000, paid_at: 2024-12-31 23:59:59}
      - {case_no: b1, benefit_yuan: 1999, platform_code: P03}
      - {case_no: b2, benefit_yuan: 1, platform_code: P03, paid_at: 2025-01-01 00:00:00}
    expect: [{platform_code: P03, problem: window, expected_yuan: 0.07}]
--- */
-- grain: registered tier of a platform × province (at its first date) that differs from what benefits paid by the agency over
-- contributions collected by the tax office give, over the window in force. Judged only where the collections known cover the
-- window day by day. A case stands in the province of its order, else where its person was enrolled.
with rule_window as (
    select
        cast(begins.value as date) as window_from,
        cast(ends.value as date) as window_to,
        begins.valid_from,
        begins.valid_to,
    from ref.parameter as begins
    join ref.parameter as ends
        on ends.parameter = 'float_base_window'
        and ends.key = 'to'
        and ends.valid_from = begins.valid_from
    where begins.parameter = 'float_base_window'
        and begins.key = 'from'
),

tier as (
    select
        registered.platform_code,
        registered.province_code,
        greatest(registered.valid_from, rule_window.valid_from) as business_date,
        registered.premium_yuan as tier_yuan,
        threshold.number as threshold,
        high.number as high_yuan,
        low.number as low_yuan,
        rule_window.window_from,
        rule_window.window_to,
    from ref.platform_tiers as registered
    join rule_window
        on (registered.valid_from is null or rule_window.valid_to is null or registered.valid_from < rule_window.valid_to)
        and (registered.valid_to is null or registered.valid_to > rule_window.valid_from)
    join ref.platform as platform
        on platform.platform_code = registered.platform_code
        and (platform.valid_from is null or platform.valid_from <= greatest(registered.valid_from, rule_window.valid_from))
        and (platform.valid_to is null or platform.valid_to > greatest(registered.valid_from, rule_window.valid_from))
    join ref.parameter as threshold
        on threshold.parameter = 'high_tier_ratio'
        and threshold.key = registered.province_code
        and threshold.valid_from <= greatest(registered.valid_from, rule_window.valid_from)
        and (threshold.valid_to is null or threshold.valid_to > greatest(registered.valid_from, rule_window.valid_from))
    join ref.parameter as high
        on high.parameter = 'premium_rate'
        and high.key = concat(platform.industry, '/early_high')
        and high.valid_from <= greatest(registered.valid_from, rule_window.valid_from)
        and (high.valid_to is null or high.valid_to > greatest(registered.valid_from, rule_window.valid_from))
    join ref.parameter as low
        on low.parameter = 'premium_rate'
        and low.key = concat(platform.industry, '/early')
        and low.valid_from <= greatest(registered.valid_from, rule_window.valid_from)
        and (low.valid_to is null or low.valid_to > greatest(registered.valid_from, rule_window.valid_from))
),

published as (
    select
        platform_code,
        province_code,
        date_from,
        date_to,
        value,
        row_number() over (
            partition by source, platform_code, province_code, date_from, date_to
            order by known_at desc, file desc, row_no desc
        ) as newest_no,
    from staging.witness
    where measure = 'contributions_yuan'
        and source = 'tax'
),

collected as (
    select
        tier.platform_code,
        tier.province_code,
        tier.business_date,
        sum(
            case
                when published.date_from >= tier.window_from and published.date_to < tier.window_to then published.value
                else 0
            end
        ) as contributions_yuan,
        sum(
            case
                when published.date_from >= tier.window_from and published.date_to < tier.window_to
                    then date_diff('day', published.date_from, published.date_to) + 1
                else 0
            end
        ) as days_collected,
        sum(published.value) as all_contributions_yuan,
    from tier
    join published
        on published.platform_code = tier.platform_code
        and published.province_code = tier.province_code
        and published.newest_no = 1
    group by tier.platform_code, tier.province_code, tier.business_date
),

roll as (
    select
        platform_code,
        person,
        arg_max(province_code, concat(cast(covered_from as varchar), coverage_id)) as province_code,
    from core.cover
    where programme = 'oip'
        and person is not null
    group by platform_code, person
),

newest_case as (
    select
        agency.platform_code,
        agency.person,
        agency.order_id,
        agency.paid_at,
        agency.benefit_yuan,
        row_number() over (
            partition by agency.platform_code, agency.case_no
            order by agency.known_at desc, agency.file desc, agency.row_no desc
        ) as newest_no,
    from staging.agency_case as agency
),

benefit as (
    select
        newest_case.platform_code,
        coalesce(known.province_code, roll.province_code) as province_code,
        cast(newest_case.paid_at as date) as paid_on,
        newest_case.benefit_yuan,
    from newest_case
    left join core.known_order as known
        on known.platform_code = newest_case.platform_code
        and known.order_id = newest_case.order_id
    left join roll
        on roll.platform_code = newest_case.platform_code
        and roll.person = newest_case.person
    where newest_case.newest_no = 1
        and newest_case.paid_at is not null
),

paid as (
    select
        tier.platform_code,
        tier.province_code,
        tier.business_date,
        coalesce(
            sum(
                case
                    when benefit.paid_on >= tier.window_from and benefit.paid_on < tier.window_to then benefit.benefit_yuan
                end
            ),
            0
        ) as benefits_yuan,
        coalesce(sum(benefit.benefit_yuan), 0) as all_benefits_yuan,
    from tier
    left join benefit
        on benefit.platform_code = tier.platform_code
        and benefit.province_code = tier.province_code
    group by tier.platform_code, tier.province_code, tier.business_date
),

judged as (
    select
        tier.platform_code,
        tier.province_code,
        tier.business_date,
        tier.tier_yuan,
        tier.threshold,
        tier.window_from,
        tier.window_to,
        paid.benefits_yuan,
        collected.contributions_yuan,
        case
            when paid.benefits_yuan >= tier.threshold * collected.contributions_yuan then tier.high_yuan
            else tier.low_yuan
        end as expected_yuan,
        case
            when paid.all_benefits_yuan >= tier.threshold * collected.all_contributions_yuan then tier.high_yuan
            else tier.low_yuan
        end as expected_of_all_yuan,
    from tier
    join collected
        on collected.platform_code = tier.platform_code
        and collected.province_code = tier.province_code
        and collected.business_date = tier.business_date
    join paid
        on paid.platform_code = tier.platform_code
        and paid.province_code = tier.province_code
        and paid.business_date = tier.business_date
    where collected.contributions_yuan > 0
        and collected.days_collected = date_diff('day', tier.window_from, tier.window_to)
)

select
    platform_code,
    province_code,
    business_date,
    case when expected_of_all_yuan = tier_yuan then 'window' else 'tier' end as problem,
    tier_yuan,
    expected_yuan,
    benefits_yuan,
    contributions_yuan,
    cast(benefits_yuan as double) / cast(contributions_yuan as double) as ratio,
    threshold,
    window_from,
    window_to,
from judged
where tier_yuan <> expected_yuan
