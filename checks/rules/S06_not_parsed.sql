/* ---
id: S06
version: 1
title_zh: 值无法解析
title_en: value does not parse as its type
consequence: quarantine
dimension: validity
responsible: platform
basis: {text: "报送规范1.0 第1–4节（项目约定）", grade: S}
effective: [null, null]
needs: [package]
checked: package
evidence: [submission, extract, row_no, line_no, column_name, original_text, reason]
message_zh: 请按报送规范的类型与格式更正所列单元格（时间 YYYY-MM-DD HH:MM:SS、小数点、无千分位），以新序号重报。
message_en: Correct the listed cells to the type and form of the standard (YYYY-MM-DD HH:MM:SS, decimal point, no thousands separator) and resubmit.
defaults:
  staging.quarantine: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, version_id: a, extract: orders, rule_id: S06}
  staging.submission: {version_id: a, status: accepted}
cases:
  - when: 接单时间月份为13
    staging.submission: [{}]
    staging.quarantine: [{row_no: 11, line_no: 12, column_name: accepted_at, original_text: "2025-13-01"}]
    expect: [{row_no: 11, line_no: 12, column_name: accepted_at, violations: 1}]
  - when: 只有必填为空的行
    staging.submission: [{}]
    staging.quarantine: [{row_no: 11, line_no: 12, column_name: worker_id, rule_id: S07}]
    expect: []
  - when: 已被更高序号取代的版本不再计
    staging.submission: [{status: superseded}, {version_id: b}]
    staging.quarantine: [{row_no: 11, line_no: 12, column_name: accepted_at}]
    expect: []
  - when: 同一行两个坏单元格算一行，另一文件的同号行另算（边界）
    staging.submission: [{}]
    staging.quarantine:
      - {row_no: 11, line_no: 12, column_name: accepted_at}
      - {row_no: 11, line_no: 12, column_name: serial}
      - {row_no: 11, line_no: 12, column_name: paid_at, extract: claims}
    expect:
      - {column_name: accepted_at, violations: 1}
      - {column_name: serial, violations: 0}
      - {column_name: paid_at, violations: 1}
--- */
-- grain: cell of a current version that does not parse; a row counts once, however many of its cells are bad
with cell as (
    select
        quarantine.platform_code,
        quarantine.province_code,
        quarantine.business_date,
        quarantine.submission,
        quarantine.version_id,
        quarantine.extract,
        quarantine.row_no,
        quarantine.line_no,
        quarantine.column_name,
        quarantine.original_text,
        quarantine.reason,
    from staging.quarantine as quarantine
    join staging.submission as submission
        on submission.version_id = quarantine.version_id
        and submission.status = 'accepted'
    where quarantine.rule_id = 'S06'
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    extract,
    row_no,
    line_no,
    column_name,
    original_text,
    reason,
    case
        when row_number() over (partition by version_id, extract, row_no order by column_name) = 1 then 1
        else 0
    end as violations,
from cell
