/* ---
id: S09
version: 1
title_zh: 汇总不符
title_en: control totals differ from the rows
consequence: defect
dimension: consistency
responsible: platform
basis: {text: "报送规范1.0 第1节 totals（项目约定）", grade: S}
effective: [null, null]
needs: [package]
evidence: [submission, file, reason_zh, reason_en, value, expected]
message_zh: 请核对清单中的控制汇总（单数、人数、缴费合计、首末序号等，隔离前全部行）与文件内容，更正后以新序号重报。
message_en: Check the control totals of the manifest (over the rows as sent) against the files, correct them and resubmit with the next sequence.
defaults:
  staging.package_reason: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, rule_id: S09, file: orders.csv, reason_en: the declared premium differs}
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 缴费合计与各行之和不符
    staging.submission: [{version_id: a, status: accepted}]
    staging.package_reason: [{version_id: a, value: "47.71", expected: "47.64"}]
    expect: [{value: "47.71", expected: "47.64"}]
  - when: 汇总相符（有别的理由）
    staging.submission: [{version_id: a, status: accepted}]
    staging.package_reason: [{version_id: a, rule_id: S02}]
    expect: []
  - when: 只看现行版本：已被取代的不再出现，取代者自身不符的仍出现
    boundary: true
    staging.submission: [{version_id: a, status: superseded}, {version_id: b, status: accepted, business_date: 2025-10-02}]
    staging.package_reason: [{version_id: a, submission: A}, {version_id: b, submission: B, business_date: 2025-10-02}]
    expect: [{submission: B}]
--- */
-- grain: control total of a current package that differs from its rows
select
    reason.platform_code,
    reason.province_code,
    reason.business_date,
    reason.submission,
    reason.file,
    reason.reason_zh,
    reason.reason_en,
    reason.value,
    reason.expected,
from staging.package_reason as reason
join staging.submission as submission on submission.version_id = reason.version_id
where reason.rule_id = 'S09'
    and submission.status = 'accepted'
