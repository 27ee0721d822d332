/* ---
id: P03
version: 1
title_zh: 京东全职断保
title_en: full-timer without the five insurances, or on the oip roll
consequence: suspect
dimension: completeness
responsible: platform
basis: {text: "京东自2025-03-01为全职骑手缴纳五险一金", grade: S}
effective: [2025-03-01, null]
needs: [enrollment]
evidence: [submission, problem, coverage_id, worker_id, covered_from, gap_from, gap_to]
message_zh: 全职骑手应不间断地参加五险一金，且不列入职业伤害保障名册；请核实所列人员。
message_en: Full-time riders are covered by the five insurances without a gap and do not stand on the oip roll; verify the listed ones.
defaults:
  core.cover: {platform_code: P04, province_code: 310000, business_date: 2025-10-01, engagement: full_time, worker_id: w1, programme: employee_insurance, covered_from: 2025-06-01 00:00:00}
cases:
  - when: 全职骑手在职业伤害保障名册上；两段五险一金之间断开
    core.cover:
      - {coverage_id: e1, covered_to: 2025-08-01 00:00:00}
      - {coverage_id: e2, covered_from: 2025-09-01 00:00:00}
      - {coverage_id: c1, worker_id: w2, programme: oip}
    expect:
      - {coverage_id: e2, problem: gap, gap_from: 2025-08-01 00:00:00, gap_to: 2025-09-01 00:00:00}
      - {coverage_id: c1, problem: on the oip roll, worker_id: w2}
  - when: 兼职、众包在名册上；不提供五险一金的平台
    core.cover:
      - {coverage_id: e1}
      - {coverage_id: c1, worker_id: w2, programme: oip, engagement: part_time}
      - {coverage_id: c2, worker_id: w3, programme: oip, engagement: crowdsourced}
      - {coverage_id: c4, worker_id: w5, programme: oip, platform_code: P02}
    expect: []
  - when: 前段终止当刻即续；晚一秒续（边界）
    core.cover:
      - {coverage_id: e1, covered_to: 2025-08-01 00:00:00}
      - {coverage_id: e2, covered_from: 2025-08-01 00:00:00}
      - {coverage_id: e3, worker_id: w2, covered_to: 2025-08-01 00:00:00}
      - {coverage_id: e4, worker_id: w2, covered_from: 2025-08-01 00:00:01}
    expect: [{coverage_id: e4, problem: gap}]
--- */
-- grain: full-timer's oip spell, or break between a full-timer's employee_insurance spells, on a platform that insures employees.
-- The promise is of 2025-03-01 (effective): what was last reported before is no fault.
with promising as (
    select distinct platform_code,
    from core.cover
    where programme = 'employee_insurance'
),

employed as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        coverage_id,
        worker_id,
        covered_from,
        max(coalesce(covered_to, timestamp '9999-12-31 00:00:00')) over (
            partition by platform_code, worker_id
            order by covered_from, coverage_id
            rows between unbounded preceding and 1 preceding
        ) as insured_to,
    from core.cover
    where programme = 'employee_insurance'
        and engagement = 'full_time'
        and (covered_to is null or covered_to > covered_from)
)

select
    cover.platform_code,
    cover.province_code,
    cover.business_date,
    cover.submission,
    'on the oip roll' as problem,
    cover.coverage_id,
    cover.worker_id,
    cover.covered_from,
    cast(null as timestamp) as gap_from,
    cast(null as timestamp) as gap_to,
from core.cover as cover
join promising on promising.platform_code = cover.platform_code
where cover.programme = 'oip'
    and cover.engagement = 'full_time'
    and (cover.covered_to is null or cover.covered_to > cover.covered_from)
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'gap' as problem,
    coverage_id,
    worker_id,
    covered_from,
    insured_to as gap_from,
    covered_from as gap_to,
from employed
where covered_from > insured_to
