/* ---
id: S01
version: 1
title_zh: 清单缺失或无法读取
title_en: manifest missing or unreadable
consequence: refuse
dimension: validity
responsible: platform
basis: {text: "报送规范1.0 第1节（项目约定）", grade: S}
effective: [null, null]
needs: [package]
evidence: [submission, file, line_no, reason_zh, reason_en, value, expected]
message_zh: 请在包内放入可读取的 manifest.json（UTF-8 的 JSON，键不重复），并以新序号重报。
message_en: Put a readable manifest.json (JSON in UTF-8, no key twice) into the package and send it again.
defaults:
  staging.package_reason: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, rule_id: S01, reason_zh: 清单不是JSON, reason_en: the manifest is not JSON, file: manifest.json}
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 拒收且尚无替代报送
    staging.submission: [{version_id: a, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00}]
    staging.package_reason: [{version_id: a, submission: P02-310000-20251001-1}]
    expect: [{business_date: 2025-10-01, submission: P02-310000-20251001-1, file: manifest.json}]
  - when: 接受的批次，没有此类理由
    staging.submission: [{version_id: a, sequence: 1, status: accepted, submitted_at: 2025-10-02 02:00:00}]
    staging.package_reason: [{version_id: a, rule_id: S09}]
    expect: []
  - when: 更高序号的报送已被接受 → 已答复
    staging.submission:
      - {version_id: a, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, sequence: 2, status: accepted, submitted_at: 2025-10-02 03:00:00}
    staging.package_reason: [{version_id: a}]
    expect: []
  - when: 同一序号，同一秒先有接受的批次 → 仍未答复；晚一秒接受 → 已答复
    boundary: true
    staging.submission:
      - {version_id: a, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, sequence: 1, status: accepted, submitted_at: 2025-10-02 02:00:00}
      - {version_id: c, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00, business_date: 2025-10-03}
      - {version_id: d, sequence: 1, status: accepted, submitted_at: 2025-10-02 02:00:01, business_date: 2025-10-03}
    staging.package_reason: [{version_id: a}, {version_id: c, business_date: 2025-10-03}]
    expect: [{business_date: 2025-10-01}]
  - when: 别的省、别的平台被接受、本单元更高序号也被拒收 → 均未答复
    staging.submission:
      - {version_id: a, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, sequence: 2, status: accepted, submitted_at: 2025-10-02 03:00:00, province_code: 320000}
      - {version_id: c, sequence: 2, status: accepted, submitted_at: 2025-10-02 03:00:00, platform_code: P03}
      - {version_id: d, sequence: 2, status: refused, submitted_at: 2025-10-02 03:00:00}
    staging.package_reason: [{version_id: a}]
    expect: [{business_date: 2025-10-01}]
--- */
-- grain: reason for which a package that nothing has replaced yet was refused; a package counts once
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
    reason.platform_code,
    reason.province_code,
    reason.business_date,
    reason.submission,
    reason.file,
    reason.line_no,
    reason.reason_zh,
    reason.reason_en,
    reason.value,
    reason.expected,
    case
        when row_number() over (
            partition by reason.version_id order by reason.file, reason.reason_en, reason.value, reason.line_no
        ) = 1 then 1
        else 0
    end as violations,
from staging.package_reason as reason
where reason.rule_id = 'S01'
    and not exists (select 1 from answered where answered.version_id = reason.version_id)
