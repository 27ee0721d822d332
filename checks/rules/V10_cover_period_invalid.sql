/* ---
id: V10
version: 1
title_zh: 参保期间无效
title_en: cover ends before it starts, or overlaps another of the worker
consequence: defect
dimension: consistency
responsible: platform
basis: {text: "校验惯例：保障期间半开、同一项目内互不重叠（项目约定）", grade: A}
effective: [null, null]
needs: [enrollment]
evidence: [submission, coverage_id, worker_id, programme, covered_from, covered_to, other_coverage_id]
message_zh: 请更正所列保障期间的起止时间；同一人同一项目的期间不得重叠，续保应从上一期间终止时起。
message_en: Correct the start and end of the listed spells; spells of one worker in one programme may not overlap.
defaults:
  core.cover: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, worker_id: w1, programme: oip}
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, worker_id: w1, programme: oip}
cases:
  - when: 终止早于开始；与前一期间重叠
    staging.enrollment: [{coverage_id: c1, worker_id: w9, covered_from: 2025-10-02 00:00:00, covered_to: 2025-10-01 00:00:00}]
    core.cover:
      - {coverage_id: c1, worker_id: w9, covered_from: 2025-10-02 00:00:00, covered_to: 2025-10-01 00:00:00}
      - {coverage_id: c2, covered_from: 2025-09-01 00:00:00, covered_to: 2025-10-01 00:00:01}
      - {coverage_id: c3, covered_from: 2025-10-01 00:00:00}
    expect: [{coverage_id: c1, other_coverage_id: null}, {coverage_id: c3, other_coverage_id: c2}]
  - when: 未终止的期间之后又开始一个；被一个长期间包含的两个短期间各算一个
    core.cover:
      - {coverage_id: c1, covered_from: 2025-09-01 00:00:00}
      - {coverage_id: c2, covered_from: 2025-09-05 00:00:00, covered_to: 2025-09-06 00:00:00}
      - {coverage_id: c3, covered_from: 2025-09-07 00:00:00, covered_to: 2025-09-08 00:00:00}
    expect: [{coverage_id: c2, other_coverage_id: c1}, {coverage_id: c3, other_coverage_id: c1}]
  - when: 不同项目、不同人、不同平台的期间可以重叠
    core.cover:
      - {coverage_id: c1, covered_from: 2025-09-01 00:00:00}
      - {coverage_id: c2, covered_from: 2025-09-01 00:00:00, programme: commercial_accident}
      - {coverage_id: c3, covered_from: 2025-09-01 00:00:00, worker_id: w2}
      - {coverage_id: c4, covered_from: 2025-09-01 00:00:00, platform_code: P03}
    expect: []
  - when: 恰在上一期间终止时开始；起止同一秒为无效（边界）
    staging.enrollment:
      - {coverage_id: c2, covered_from: 2025-10-01 00:00:00, covered_to: 2025-10-01 00:00:01}
      - {coverage_id: c3, covered_from: 2025-10-01 00:00:00, covered_to: 2025-10-01 00:00:00, worker_id: w2}
    core.cover:
      - {coverage_id: c1, covered_from: 2025-09-01 00:00:00, covered_to: 2025-10-01 00:00:00}
      - {coverage_id: c2, covered_from: 2025-10-01 00:00:00}
      - {coverage_id: c3, covered_from: 2025-10-01 00:00:00, covered_to: 2025-10-01 00:00:00, worker_id: w2}
    expect: [{coverage_id: c3}]
--- */
-- grain: row of a spell that ends before it starts, or spell that starts while another of the worker and programme still runs
with placed as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        coverage_id,
        worker_id,
        programme,
        covered_from,
        covered_to,
        max(coalesce(covered_to, timestamp '9999-12-31 00:00:00')) over earlier as running_to,
        arg_max(coverage_id, coalesce(covered_to, timestamp '9999-12-31 00:00:00')) over earlier as running_id,
    from core.cover
    where covered_to is null or covered_to > covered_from
    window earlier as (
        partition by platform_code, worker_id, programme
        order by covered_from, coverage_id
        rows between unbounded preceding and 1 preceding
    )
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    coverage_id,
    worker_id,
    programme,
    covered_from,
    covered_to,
    running_id as other_coverage_id,
from placed
where running_to > covered_from
    and worker_id is not null
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    coverage_id,
    worker_id,
    programme,
    covered_from,
    covered_to,
    cast(null as varchar) as other_coverage_id,
from staging.enrollment
where covered_to <= covered_from
