/* ---
id: V13
version: 1
title_zh: 待遇金额异常
title_en: benefit above the programme's cap, or negative
consequence: defect
dimension: validity
responsible: platform
basis: {text: "厦门益鹭保≤40万元；微工卡+灵工日结保险≤80万元；上海工会会员专享基本保障每人每年≤90800元", grade: S}
effective: [null, null]
needs: [claims]
parameters: [benefit_cap]
evidence: [submission, claim_id, programme, injured_at, medical_yuan, benefit_yuan, cap_yuan]
message_zh: 请核对待遇与医疗费金额（元，不得为负，不得超过该项目上限），更正后重报。
message_en: Check benefit and medical amounts (yuan, not negative, not above the programme's cap) and resubmit.
defaults:
  staging.claims: {platform_code: Y01, province_code: 350000, business_date: 2025-10-20, programme: yilubao, injured_at: 2025-10-01 10:00:00}
cases:
  - when: 益鹭保45万元；负的待遇；负的医疗费
    staging.claims:
      - {claim_id: k1, benefit_yuan: 450000}
      - {claim_id: k2, benefit_yuan: -1, programme: oip}
      - {claim_id: k3, medical_yuan: -0.01, programme: oip}
    expect: [{claim_id: k1, cap_yuan: 400000}, {claim_id: k2}, {claim_id: k3}]
  - when: 上限以内；没有上限的项目；尚无金额
    staging.claims: [{claim_id: k1, benefit_yuan: 3000}, {claim_id: k2, benefit_yuan: 900000, programme: oip}, {claim_id: k3}]
    expect: []
  - when: 恰40万元；多一分（边界）
    staging.claims: [{claim_id: k1, benefit_yuan: 400000}, {claim_id: k2, benefit_yuan: 400000.01}, {claim_id: k3, benefit_yuan: 0}]
    expect: [{claim_id: k2}]
--- */
-- grain: row of a claim whose amounts cannot be
select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    claims.claim_id,
    claims.programme,
    claims.injured_at,
    claims.medical_yuan,
    claims.benefit_yuan,
    cap.number as cap_yuan,
from staging.claims as claims
left join ref.parameter as cap
    on cap.parameter = 'benefit_cap'
    and cap.key = claims.programme
    and cap.valid_from <= cast(claims.injured_at as date)
    and (cap.valid_to is null or cap.valid_to > cast(claims.injured_at as date))
where claims.benefit_yuan > cap.number
    or claims.benefit_yuan < 0
    or claims.medical_yuan < 0
