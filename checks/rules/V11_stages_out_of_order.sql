/* ---
id: V11
version: 1
title_zh: 环节跳序
title_en: claim stages out of order, or a later stage without an earlier one
consequence: defect
dimension: consistency
responsible: platform
basis: {text: "职业伤害保障经办规程：申请、确认、劳动能力鉴定、待遇核定、支付；上海免申即享不需申请", grade: V}
effective: [null, null]
needs: [claims]
parameters: [benefit_without_application]
evidence: [submission, claim_id, programme, problem, injured_at, reported_at, applied_at, confirmed_at, appraised_at, decided_at, paid_at]
message_zh: 请核对申领各环节的时间：先后有序，后一环节须有前一环节（免申即享地区可无申请），更正后重报。
message_en: Check the stages of the claim, each after the one before and none left out (but for benefits without application), and resubmit.
defaults:
  staging.claims: {platform_code: P02, province_code: 320000, business_date: 2025-10-20, programme: oip, injured_at: 2025-10-01 10:00:00, reported_at: 2025-10-01 11:00:00, outcome: pending}
cases:
  - when: 支付早于核定；没有确认就核定；没有核定就支付；没有申请就确认；报案早于受伤
    staging.claims:
      - {claim_id: k1, applied_at: 2025-10-02 10:00:00, confirmed_at: 2025-10-03 10:00:00, decided_at: 2025-10-05 10:00:00, paid_at: 2025-10-04 10:00:00}
      - {claim_id: k2, applied_at: 2025-10-02 10:00:00, decided_at: 2025-10-05 10:00:00}
      - {claim_id: k3, applied_at: 2025-10-02 10:00:00, confirmed_at: 2025-10-03 10:00:00, paid_at: 2025-10-05 10:00:00}
      - {claim_id: k4, confirmed_at: 2025-10-03 10:00:00}
      - {claim_id: k5, injured_at: 2025-10-01 11:00:01}
    expect:
      - {claim_id: k1, problem: order}
      - {claim_id: k2, problem: without confirmation}
      - {claim_id: k3, problem: without decision}
      - {claim_id: k4, problem: without application}
      - {claim_id: k5, problem: order}
  - when: 依次办理；无须鉴定；不予确认的核定；商业险没有这些环节
    staging.claims:
      - {claim_id: k1, applied_at: 2025-10-02 10:00:00, confirmed_at: 2025-10-03 10:00:00, appraised_at: 2025-10-04 10:00:00, decided_at: 2025-10-05 10:00:00, paid_at: 2025-10-06 10:00:00}
      - {claim_id: k2, applied_at: 2025-10-02 10:00:00, confirmed_at: 2025-10-03 10:00:00, decided_at: 2025-10-05 10:00:00}
      - {claim_id: k3, applied_at: 2025-10-02 10:00:00, decided_at: 2025-10-05 10:00:00, outcome: denied}
      - {claim_id: k4, paid_at: 2025-10-05 10:00:00, programme: commercial_accident}
    expect: []
  - when: 各环节在同一秒（一件事办理）；上海免申即享没有申请，但仍须确认（边界）
    staging.claims:
      - {claim_id: k1, reported_at: 2025-10-01 10:00:00, applied_at: 2025-10-02 10:00:00, confirmed_at: 2025-10-02 10:00:00, decided_at: 2025-10-02 10:00:00, paid_at: 2025-10-02 10:00:00}
      - {claim_id: k2, province_code: 310000, confirmed_at: 2025-10-02 10:00:00}
      - {claim_id: k3, province_code: 310000, decided_at: 2025-10-02 10:00:00}
    expect: [{claim_id: k3, problem: without confirmation}]
  - when: 免申即享自施行日起、到废止日止，按受伤日（边界）
    staging.claims:
      - {claim_id: k1, confirmed_at: 2025-10-02 10:00:00, injured_at: 2025-09-30 23:59:59}
      - {claim_id: k2, confirmed_at: 2025-10-02 10:00:00}
      - {claim_id: k3, confirmed_at: 2025-11-02 10:00:00, injured_at: 2025-11-01 00:00:00, reported_at: 2025-11-01 10:00:00}
    ref.parameter: [{parameter: benefit_without_application, key: "320000", number: 1, valid_from: 2025-10-01, valid_to: 2025-11-01}]
    expect: [{claim_id: k1, problem: without application}, {claim_id: k3, problem: without application}]
--- */
-- grain: row of a claim whose stages run backwards, or (oip) miss one. Some provinces pay without application (免申即享).
with judged as (
    select
        claims.platform_code,
        claims.province_code,
        claims.business_date,
        claims.submission,
        claims.claim_id,
        claims.programme,
        claims.injured_at,
        claims.reported_at,
        claims.applied_at,
        claims.confirmed_at,
        claims.appraised_at,
        claims.decided_at,
        claims.paid_at,
        case
            when claims.injured_at > claims.reported_at
                or claims.injured_at > claims.applied_at
                or claims.applied_at > least(claims.confirmed_at, claims.appraised_at, claims.decided_at, claims.paid_at)
                or claims.confirmed_at > least(claims.appraised_at, claims.decided_at, claims.paid_at)
                or claims.appraised_at > least(claims.decided_at, claims.paid_at)
                or claims.decided_at > claims.paid_at then 'order'
            when claims.programme <> 'oip' or claims.outcome in ('denied', 'withdrawn') then null
            when claims.applied_at is null
                and spared.number is null
                and coalesce(claims.confirmed_at, claims.appraised_at, claims.decided_at, claims.paid_at) is not null then 'without application'
            when claims.confirmed_at is null
                and coalesce(claims.appraised_at, claims.decided_at, claims.paid_at) is not null then 'without confirmation'
            when claims.decided_at is null and claims.paid_at is not null then 'without decision'
        end as problem,
    from staging.claims as claims
    left join ref.parameter as spared
        on spared.parameter = 'benefit_without_application'
        and spared.key = claims.province_code
        and spared.number = 1
        and spared.valid_from <= cast(claims.injured_at as date)
        and (spared.valid_to is null or spared.valid_to > cast(claims.injured_at as date))
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    claim_id,
    programme,
    problem,
    injured_at,
    reported_at,
    applied_at,
    confirmed_at,
    appraised_at,
    decided_at,
    paid_at,
from judged
where problem is not null
