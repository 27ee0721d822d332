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
--- */
-- grain: row of a claim whose stages run backwards, or (oip) miss one. 310000 pays without application (免申即享).
with judged as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        claim_id,
        programme,
        injured_at,
        reported_at,
        applied_at,
        confirmed_at,
        appraised_at,
        decided_at,
        paid_at,
        case
            when injured_at > reported_at
                or injured_at > applied_at
                or applied_at > least(confirmed_at, appraised_at, decided_at, paid_at)
                or confirmed_at > least(appraised_at, decided_at, paid_at)
                or appraised_at > least(decided_at, paid_at)
                or decided_at > paid_at then 'order'
            when programme <> 'oip' or outcome in ('denied', 'withdrawn') then null
            when applied_at is null
                and province_code <> '310000'
                and coalesce(confirmed_at, appraised_at, decided_at, paid_at) is not null then 'without application'
            when confirmed_at is null
                and coalesce(appraised_at, decided_at, paid_at) is not null then 'without confirmation'
            when decided_at is null and paid_at is not null then 'without decision'
        end as problem,
    from staging.claims
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
