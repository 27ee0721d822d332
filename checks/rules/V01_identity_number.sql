/* ---
id: V01
version: 1
title_zh: 身份号码校验
title_en: identity number fails its check
consequence: quarantine
dimension: validity
responsible: platform
basis: {text: "GB 11643—1999 公民身份号码：校验码、出生日期、省级代码11–65及81–83（区县旧码不查）", grade: V}
effective: [null, null]
needs: [enrollment, claims]
checked: enrollment
evidence: [submission, extract, row_no, line_no, column_name, reason]
message_zh: 请核对所列人员的公民身份号码（18位、校验码、出生日期、前两位），更正后以新序号重报。
message_en: Check the identity numbers of the listed rows (18 characters, check character, birth date, first two digits) and resubmit.
defaults:
  staging.quarantine: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, version_id: a, extract: enrollment, column_name: id_number, rule_id: V01}
  staging.submission: {version_id: a, status: accepted}
cases:
  - when: 校验码错误
    staging.submission: [{}]
    staging.quarantine: [{row_no: 3, line_no: 4, reason: check character}]
    expect: [{extract: enrollment, row_no: 3, line_no: 4, reason: check character}]
  - when: 号码有效，另一列有问题
    staging.submission: [{}]
    staging.quarantine: [{row_no: 3, line_no: 4, column_name: contracting_party, rule_id: V02}]
    expect: []
  - when: 已被更高序号取代的版本不再计
    staging.submission: [{status: superseded}, {version_id: b}]
    staging.quarantine: [{row_no: 3, line_no: 4}]
    expect: []
  - when: 参保登记与待遇申领同一行号各算一行（边界）
    staging.submission: [{}]
    staging.quarantine: [{row_no: 3}, {row_no: 3, extract: claims}]
    expect: [{extract: enrollment, row_no: 3}, {extract: claims, row_no: 3}]
--- */
-- grain: identity number of a current version that is not one; the number itself is kept nowhere
select
    quarantine.platform_code,
    quarantine.province_code,
    quarantine.business_date,
    quarantine.submission,
    quarantine.extract,
    quarantine.row_no,
    quarantine.line_no,
    quarantine.column_name,
    quarantine.reason,
from staging.quarantine as quarantine
join staging.submission as submission
    on submission.version_id = quarantine.version_id
    and submission.status = 'accepted'
where quarantine.rule_id = 'V01'
