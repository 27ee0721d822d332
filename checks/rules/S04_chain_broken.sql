/* ---
id: S04
version: 1
title_zh: 批次断链
title_en: previous_digest does not continue the chain (gap, fork)
consequence: defect
dimension: credibility
responsible: platform
basis: {text: "报送规范1.0 第1节 previous_digest（项目约定）", grade: S}
effective: [null, null]
needs: [package]
evidence: [submission, break_kind, previous_digest, submitted_at]
message_zh: 请查明上一次发送的 manifest.json（不论是否被拒收），补送缺失的批次；或以新序号重报，previous_digest 填写最近一次发送的清单摘要。
message_en: Find the manifest.json sent before this one (refused ones count) and send the missing package, or resubmit with the digest of the manifest sent last.
defaults:
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, status: accepted}
cases:
  - when: 首次为空，其后逐一衔接（被拒收的也算）
    staging.submission:
      - {version_id: a, submission: A, manifest_digest: d1, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, submission: B, manifest_digest: d2, previous_digest: d1, submitted_at: 2025-10-03 02:00:00, status: refused}
      - {version_id: c, submission: C, manifest_digest: d3, previous_digest: d2, submitted_at: 2025-10-03 03:00:00}
      - {version_id: e, submission: E, manifest_digest: d4, submitted_at: 2025-10-03 03:00:00, province_code: 320000}
    expect: []
  - when: 断链（上一清单未知）、非首次却为空
    staging.submission:
      - {version_id: a, submission: A, manifest_digest: d1, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, submission: B, manifest_digest: d2, previous_digest: dx, submitted_at: 2025-10-03 02:00:00}
      - {version_id: c, submission: C, manifest_digest: d3, submitted_at: 2025-10-04 02:00:00}
    expect: [{submission: B, break_kind: gap}, {submission: C, break_kind: gap}]
  - when: 分叉：两个批次同接一个清单，后发者为分叉
    staging.submission:
      - {version_id: a, submission: A, manifest_digest: d1, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, submission: B, manifest_digest: d2, previous_digest: d1, submitted_at: 2025-10-03 02:00:00}
      - {version_id: c, submission: C, manifest_digest: d3, previous_digest: d1, submitted_at: 2025-10-03 02:00:01}
    expect: [{submission: C, break_kind: fork}]
  - when: 断链的批次已被衔接正确的重报取代
    staging.submission:
      - {version_id: a, submission: A, manifest_digest: d1, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, submission: B, manifest_digest: d2, previous_digest: dx, submitted_at: 2025-10-03 02:00:00, status: superseded}
      - {version_id: c, submission: C, manifest_digest: d3, previous_digest: d2, submitted_at: 2025-10-03 04:00:00}
    expect: []
  - when: 清单无法读取（无发送时间）的批次也算在链上
    staging.submission:
      - {version_id: a, submission: A, manifest_digest: d1, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, submission: B, manifest_digest: d2, status: refused}
      - {version_id: c, submission: C, manifest_digest: d3, previous_digest: d2, submitted_at: 2025-10-03 04:00:00}
    expect: []
  - when: 同一秒发送的前一批次 → 衔接；前一批次晚一秒 → 断链
    boundary: true
    staging.submission:
      - {version_id: z, submission: A, manifest_digest: d1, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, submission: B, manifest_digest: d2, previous_digest: d1, submitted_at: 2025-10-02 02:00:00}
      - {version_id: y, submission: C, manifest_digest: e1, submitted_at: 2025-10-02 02:00:01, province_code: 320000}
      - {version_id: x, submission: D, manifest_digest: e2, previous_digest: e1, submitted_at: 2025-10-02 02:00:00, province_code: 320000}
    expect: [{submission: C, break_kind: gap}, {submission: D, break_kind: gap}]
  - when: 别的省、别的平台发过的同一摘要不算本链；同一清单出现在两省各自成链
    staging.submission:
      - {version_id: a, submission: A, manifest_digest: d1, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, submission: B, manifest_digest: d2, submitted_at: 2025-10-02 02:00:00, province_code: 320000}
      - {version_id: c, submission: C, manifest_digest: d3, submitted_at: 2025-10-02 02:00:00, platform_code: P03}
      - {version_id: e, submission: E, manifest_digest: d4, previous_digest: d2, submitted_at: 2025-10-03 02:00:00}
      - {version_id: f, submission: F, manifest_digest: d4, previous_digest: d2, submitted_at: 2025-10-03 02:00:00, province_code: 320000}
      - {version_id: g, submission: G, manifest_digest: d5, previous_digest: d3, submitted_at: 2025-10-03 02:00:00, province_code: 330000}
    expect: [{submission: E, break_kind: gap}, {submission: G, break_kind: gap}]
--- */
-- grain: current package whose manifest does not follow the one its platform sent before for the province.
-- A refused or superseded package raises nothing itself (its replacement answers for it), but it is part of the chain.
with manifest as (
    select
        platform_code,
        province_code,
        manifest_digest,
        previous_digest,
        min(submitted_at) as submitted_at,
        min(version_id) as version_id,
    from staging.submission
    where manifest_digest is not null
    group by platform_code, province_code, manifest_digest, previous_digest
),

placed as (
    select
        platform_code,
        province_code,
        manifest_digest,
        previous_digest,
        submitted_at,
        min(submitted_at) over (partition by platform_code, province_code) as first_submitted_at,
        row_number() over (
            partition by platform_code, province_code, previous_digest
            order by submitted_at, manifest_digest
        ) as successor_no,
    from manifest
    where submitted_at is not null
)

select
    submission.platform_code,
    submission.province_code,
    submission.business_date,
    submission.submission,
    case when placed.previous_digest is null or before.manifest_digest is null then 'gap' else 'fork' end as break_kind,
    placed.previous_digest,
    placed.submitted_at,
from placed
join staging.submission as submission
    on submission.platform_code = placed.platform_code
    and submission.province_code = placed.province_code
    and submission.manifest_digest = placed.manifest_digest
    and submission.status = 'accepted'
left join manifest as before
    on before.platform_code = placed.platform_code
    and before.province_code = placed.province_code
    and before.manifest_digest = placed.previous_digest
    and (before.submitted_at is null or before.submitted_at <= placed.submitted_at)
where (placed.previous_digest is null and placed.submitted_at > placed.first_submitted_at)
    or (placed.previous_digest is not null and before.manifest_digest is null)
    or placed.successor_no > 1
