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
parameters: [employee_promise]
evidence: [submission, problem, coverage_id, worker_id, covered_from, gap_from, gap_to]
message_zh: 全职骑手应不间断地参加五险一金，且不列入职业伤害保障名册；请核实所列人员。
message_en: Full-time riders are covered by the five insurances without a gap and do not stand on the oip roll; verify the listed ones.
defaults:
  core.cover: {platform_code: P04, province_code: 310000, business_date: 2025-10-01, engagement: full_time, worker_id: w1, programme: employee_insurance, covered_from: 2025-06-01 00:00:00}
cases:
  - when: 全职骑手在职业伤害保障名册上；只有商业险；两段五险一金之间断开
    core.cover:
      - {coverage_id: e1, covered_to: 2025-08-01 00:00:00}
      - {coverage_id: e2, covered_from: 2025-09-01 00:00:00}
      - {coverage_id: c1, worker_id: w2, programme: oip}
      - {coverage_id: c2, worker_id: w3, programme: commercial_accident}
    expect:
      - {coverage_id: c2, problem: without employee_insurance}
      - {coverage_id: e2, problem: gap, gap_from: 2025-08-01 00:00:00, gap_to: 2025-09-01 00:00:00}
      - {coverage_id: c1, problem: on the oip roll, worker_id: w2}
  - when: 兼职、众包在名册上；没有作出承诺的平台；五险一金之外另有商业险；承诺之前已终止
    core.cover:
      - {coverage_id: e1}
      - {coverage_id: c1, worker_id: w2, programme: oip, engagement: part_time}
      - {coverage_id: c2, worker_id: w3, programme: oip, engagement: crowdsourced}
      - {coverage_id: c4, worker_id: w5, programme: oip, platform_code: P02}
      - {coverage_id: e4, worker_id: w5, platform_code: P02}
      - {coverage_id: c5, programme: commercial_accident}
      - {coverage_id: c6, worker_id: w6, programme: oip, covered_from: 2024-06-01 00:00:00, covered_to: 2025-03-01 00:00:00}
    expect: []
  - when: 前段终止当刻即续；晚一秒续（边界）
    core.cover:
      - {coverage_id: e1, covered_to: 2025-08-01 00:00:00}
      - {coverage_id: e2, covered_from: 2025-08-01 00:00:00}
      - {coverage_id: e3, worker_id: w2, covered_to: 2025-08-01 00:00:00}
      - {coverage_id: e4, worker_id: w2, covered_from: 2025-08-01 00:00:01}
    expect: [{coverage_id: e4, problem: gap}]
--- */
-- grain: full-timer's oip spell, full-timer's other spell without employee_insurance beside it, or break between a full-timer's
-- employee_insurance spells, on a platform that promised the five insurances (employee_promise), since then
with promising as (
    select key as platform_code, min(valid_from) as promised_from,
    from ref.parameter
    where parameter = 'employee_promise'
        and number = 1
    group by key
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
        and worker_id is not null
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
    and (
        cover.covered_to is null
        or (cover.covered_to > cover.covered_from and cover.covered_to > cast(promising.promised_from as timestamp))
    )
union all
select
    cover.platform_code,
    cover.province_code,
    cover.business_date,
    cover.submission,
    'without employee_insurance' as problem,
    cover.coverage_id,
    cover.worker_id,
    cover.covered_from,
    cast(null as timestamp) as gap_from,
    cast(null as timestamp) as gap_to,
from core.cover as cover
join promising on promising.platform_code = cover.platform_code
where cover.programme not in ('oip', 'employee_insurance')
    and cover.engagement = 'full_time'
    and cover.worker_id is not null
    and (
        cover.covered_to is null
        or (cover.covered_to > cover.covered_from and cover.covered_to > cast(promising.promised_from as timestamp))
    )
    and not exists (
        select 1
        from core.cover as insured
        where insured.platform_code = cover.platform_code
            and insured.worker_id = cover.worker_id
            and insured.programme = 'employee_insurance'
            and (cover.covered_to is null or insured.covered_from < cover.covered_to)
            and (
                insured.covered_to is null
                or (insured.covered_to > cover.covered_from and insured.covered_to > insured.covered_from)
            )
    )
union all
select
    employed.platform_code,
    employed.province_code,
    employed.business_date,
    employed.submission,
    'gap' as problem,
    employed.coverage_id,
    employed.worker_id,
    employed.covered_from,
    employed.insured_to as gap_from,
    employed.covered_from as gap_to,
from employed
join promising on promising.platform_code = employed.platform_code
where employed.covered_from > employed.insured_to
    and employed.covered_from > cast(promising.promised_from as timestamp)
