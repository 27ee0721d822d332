/* ---
id: V02
version: 1
title_zh: 信用代码校验
title_en: credit code invalid, or not the register's
consequence: quarantine
dimension: validity
responsible: platform
basis: {text: "GB 32100—2015 统一社会信用代码校验码；报送规范1.0 第1节 credit_code", grade: V}
effective: [null, null]
needs: [package, enrollment]
checked: package
evidence: [submission, extract, row_no, line_no, column_name, value, reason]
message_zh: 请核对统一社会信用代码（18位、校验码；清单上的须与平台登记一致），更正后重报。
message_en: Check the unified social credit codes (18 characters, check character; the manifest's must be the registered one) and resubmit.
defaults:
  staging.quarantine: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, version_id: a, extract: enrollment, column_name: contracting_party, rule_id: V02}
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, version_id: a, status: accepted}
  staging.package_reason: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 签约单位信用代码校验码错误
    staging.submission: [{}]
    staging.quarantine: [{row_no: 5, line_no: 6, original_text: 91990002100158577X}]
    expect: [{extract: enrollment, row_no: 5, value: 91990002100158577X, consequence: quarantine}]
  - when: 清单上的信用代码与登记不符 → 拒收
    staging.submission: [{version_id: a, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00}]
    staging.package_reason: [{version_id: a, rule_id: V02, value: 91990001100079385Y}]
    expect: [{extract: manifest, value: 91990001100079385Y, consequence: refuse}]
  - when: 无信用代码问题
    staging.submission: [{}]
    staging.quarantine: [{row_no: 5, rule_id: V01, column_name: id_number}]
    expect: []
  - when: 已被更高序号取代的版本不再计
    staging.submission: [{status: superseded}, {version_id: b}]
    staging.quarantine: [{row_no: 5, line_no: 6}]
    expect: []
  - when: 拒收后同序号晚一秒的报送被接受 → 已答复（边界）
    staging.submission:
      - {version_id: a, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, sequence: 1, status: accepted, submitted_at: 2025-10-02 02:00:01}
    staging.package_reason: [{version_id: a, rule_id: V02}]
    expect: []
--- */
-- grain: credit code that fails: a cell of a current enrollment, or the manifest's of a package that nothing has replaced yet
with answered as (
    select refused.version_id,
    from staging.submission as refused
    join staging.submission as taken
        on taken.platform_code = refused.platform_code
        and taken.province_code = refused.province_code
        and taken.business_date = refused.business_date
    where refused.status = 'refused'
        and taken.status <> 'refused'
        and (
            taken.sequence > refused.sequence
            or (
                taken.sequence = refused.sequence
                and (refused.submitted_at is null or taken.submitted_at > refused.submitted_at)
            )
        )
)

select
    quarantine.platform_code,
    quarantine.province_code,
    quarantine.business_date,
    quarantine.submission,
    quarantine.extract,
    quarantine.row_no,
    quarantine.line_no,
    quarantine.column_name,
    quarantine.original_text as value,
    quarantine.reason,
    'quarantine' as consequence,
from staging.quarantine as quarantine
join staging.submission as submission
    on submission.version_id = quarantine.version_id
    and submission.status = 'accepted'
where quarantine.rule_id = 'V02'
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'manifest' as extract,
    cast(null as bigint) as row_no,
    line_no,
    'credit_code' as column_name,
    value,
    reason_en as reason,
    'refuse' as consequence,
from staging.package_reason as reason
where reason.rule_id = 'V02'
    and not exists (select 1 from answered where answered.version_id = reason.version_id)
