/* ---
id: V12
version: 1
title_zh: 伤残等级不符
title_en: grade without disability or before appraisal, or appraised disability without grade
consequence: defect
dimension: consistency
responsible: platform
basis: {text: "职业伤害保障经办规程：伤残等级由劳动能力鉴定作出", grade: V}
effective: [null, null]
needs: [claims]
evidence: [submission, claim_id, programme, injury_class, disability_grade, appraised_at]
message_zh: 伤残等级须在鉴定之后、且仅对伤残案件填写；已鉴定的伤残案件须填等级。请更正后重报。
message_en: A grade belongs to a disability, from its appraisal on, and an appraised disability has one; correct and resubmit.
defaults:
  staging.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-20, programme: oip}
cases:
  - when: 小伤有等级；未鉴定有等级；已鉴定无等级
    staging.claims:
      - {claim_id: k1, injury_class: minor, disability_grade: 10, appraised_at: 2025-10-10 10:00:00}
      - {claim_id: k2, injury_class: disability, disability_grade: 9}
      - {claim_id: k3, injury_class: disability, appraised_at: 2025-10-10 10:00:00}
    expect: [{claim_id: k1}, {claim_id: k2}, {claim_id: k3}]
  - when: 已鉴定且有等级；待鉴定；医疗案件
    staging.claims:
      - {claim_id: k1, injury_class: disability, disability_grade: 10, appraised_at: 2025-10-10 10:00:00}
      - {claim_id: k2, injury_class: disability}
      - {claim_id: k3, injury_class: medical}
    expect: []
  - when: 鉴定后未达等级、改为医疗类（边界）；鉴定当日即有等级
    staging.claims:
      - {claim_id: k1, injury_class: medical, appraised_at: 2025-10-10 10:00:00}
      - {claim_id: k2, injury_class: disability, disability_grade: 1, appraised_at: 2025-10-20 23:59:59}
    expect: []
--- */
-- grain: row of a claim whose grade, class and appraisal contradict each other
select
    platform_code,
    province_code,
    business_date,
    submission,
    claim_id,
    programme,
    injury_class,
    disability_grade,
    appraised_at,
from staging.claims
where (disability_grade is not null and (injury_class <> 'disability' or appraised_at is null))
    or (injury_class = 'disability' and appraised_at is not null and disability_grade is null)
