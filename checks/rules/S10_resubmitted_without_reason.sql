/* ---
id: S10
version: 1
title_zh: 覆盖无理由
title_en: resubmission without a reason
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "统计法实施条例（国务院令第765号）第38条；报送规范1.0 第1节 reason", grade: A}
effective: [null, null]
needs: [package]
evidence: [submission, sequence, reason_code, reason_text, submitted_at]
message_zh: 序号大于1的报送须写明理由（更正、补报、系统故障、稽核要求或其他）；请以新序号补写理由重报。
message_en: A submission with a sequence above 1 must give its reason; resubmit with the reason filled in.
defaults:
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, status: accepted}
cases:
  - when: 第2次报送没有理由
    staging.submission: [{version_id: b, sequence: 2}]
    expect: [{sequence: 2}]
  - when: 第2次报送写明理由；没有理由的已被取代
    staging.submission: [{version_id: b, sequence: 2, status: superseded}, {version_id: c, sequence: 3, reason_code: correction}]
    expect: []
  - when: 序号1不需理由，理由为空白视同没有（边界）
    staging.submission: [{version_id: a, sequence: 1}, {version_id: b, sequence: 2, reason_code: " ", business_date: 2025-10-02}]
    expect: [{business_date: 2025-10-02}]
--- */
-- grain: current package that replaced another and does not say why
select
    platform_code,
    province_code,
    business_date,
    submission,
    sequence,
    reason_code,
    reason_text,
    submitted_at,
from staging.submission
where status = 'accepted'
    and sequence > 1
    and (reason_code is null or trim(reason_code) = '')
