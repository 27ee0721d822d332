/* ---
id: P06
version: 1
title_zh: 用工链条
title_en: contracting chains, several levels, rapid turnover, cohorts moved to individual businesses
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "来源资料：外包、转包、个体工商户隐蔽用工；信用代码92开头为个体工商户及界限均为项目约定（未核实，参数 contracting_pattern）", grade: S}
effective: [null, null]
needs: [enrollment]
parameters: [contracting_pattern]
evidence: [submission, pattern, worker_id, party, top_party, count, bound]
message_zh: 请说明所列用工链条：层级、频繁更换签约单位、成批转为个体工商户的原因及用工责任主体。
message_en: Explain the listed chains, their levels, the frequent change of contracting party, the cohorts made individual businesses, and who answers for them.
defaults:
  staging.enrollment: {platform_code: P02, province_code: 310000, programme: oip, action: change}
  ref.contracting_chain: {role: sign}
  ref.parameter: {parameter: contracting_pattern, valid_from: 2019-01-01}
cases:
  - when: 签约单位之上还有两级（共三级）
    ref.contracting_chain: [{party: B, upstream_party: C}, {party: C, upstream_party: D}]
    staging.enrollment: [{coverage_id: c1, worker_id: w1, business_date: 2025-10-01, contracting_party: B, row_no: 1}, {coverage_id: c2, worker_id: w2, business_date: 2025-10-01, contracting_party: B, row_no: 2}]
    expect: [{pattern: levels, party: B, top_party: D, count: 3, bound: 2, violations: 2}]
  - when: 90日内换了四个签约单位
    staging.enrollment:
      - {coverage_id: c1, worker_id: w1, business_date: 2025-09-01, contracting_party: A}
      - {coverage_id: c1, worker_id: w1, business_date: 2025-09-11, contracting_party: B}
      - {coverage_id: c1, worker_id: w1, business_date: 2025-09-21, contracting_party: C}
      - {coverage_id: c1, worker_id: w1, business_date: 2025-10-01, contracting_party: D}
    expect: [{pattern: turnover, worker_id: w1, business_date: 2025-10-01, count: 3, bound: 3}]
  - when: 一周内两人转为个体工商户（界限2人）
    ref.parameter: [{key: levels, number: 2}, {key: cohort_workers, number: 2}, {key: cohort_days, number: 7}, {key: turnover, number: 3}]
    staging.enrollment:
      - {coverage_id: c1, worker_id: w1, business_date: 2025-09-01}
      - {coverage_id: c1, worker_id: w1, business_date: 2025-10-01, contracting_party: 92ABC}
      - {coverage_id: c2, worker_id: w2, business_date: 2025-09-01, contracting_party: 91XYZ}
      - {coverage_id: c2, worker_id: w2, business_date: 2025-10-03, contracting_party: 92DEF}
    expect: [{pattern: cohort, business_date: 2025-10-03, count: 2, bound: 2, violations: 1}]
  - when: 直接签约；两级；换两次；一人转为个体；链条已失效
    ref.contracting_chain: [{party: B, upstream_party: C}, {party: C, upstream_party: D, valid_to: 2025-01-01}]
    staging.enrollment:
      - {coverage_id: c1, worker_id: w1, business_date: 2025-10-01}
      - {coverage_id: c2, worker_id: w2, business_date: 2025-09-01, contracting_party: A}
      - {coverage_id: c2, worker_id: w2, business_date: 2025-09-11, contracting_party: B}
      - {coverage_id: c2, worker_id: w2, business_date: 2025-09-21, contracting_party: A}
      - {coverage_id: c3, worker_id: w3, business_date: 2025-09-01}
      - {coverage_id: c3, worker_id: w3, business_date: 2025-10-01, contracting_party: 92ABC}
    expect: []
  - when: 七日窗口：相隔6日在窗内，相隔7日不在（边界）
    ref.parameter: [{key: levels, number: 2}, {key: cohort_workers, number: 2}, {key: cohort_days, number: 7}, {key: turnover, number: 3}]
    staging.enrollment:
      - {coverage_id: c1, worker_id: w1, business_date: 2025-09-01}
      - {coverage_id: c1, worker_id: w1, business_date: 2025-10-01, contracting_party: 92ABC}
      - {coverage_id: c2, worker_id: w2, business_date: 2025-09-01}
      - {coverage_id: c2, worker_id: w2, business_date: 2025-10-07, contracting_party: 92DEF}
      - {coverage_id: d1, worker_id: w1, business_date: 2025-09-01, platform_code: P03}
      - {coverage_id: d1, worker_id: w1, business_date: 2025-10-01, contracting_party: 92ABC, platform_code: P03}
      - {coverage_id: d2, worker_id: w2, business_date: 2025-09-01, platform_code: P03}
      - {coverage_id: d2, worker_id: w2, business_date: 2025-10-08, contracting_party: 92DEF, platform_code: P03}
    expect: [{platform_code: P02, business_date: 2025-10-07}]
--- */
-- grain: contracting party × unit that signs under more levels than the bound; worker whose contracting party changes too often
-- within 90 days; unit on which the workers of the platform moved to individual businesses lately reach the size of a cohort
with bound as (
    select key, number, valid_from, valid_to,
    from ref.parameter
    where parameter = 'contracting_pattern'
),

state as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        worker_id,
        contracting_party,
        lag(coalesce(contracting_party, '')) over (
            partition by platform_code, worker_id
            order by business_date, registered_at, row_no, coverage_id
        ) as previous_party,
    from staging.enrollment
    where action <> 'end'
        and worker_id is not null
),

signed as (
    select
        platform_code,
        province_code,
        business_date,
        max(submission) as submission,
        contracting_party as party,
        count(distinct worker_id) as workers,
    from state
    where contracting_party is not null
    group by platform_code, province_code, business_date, contracting_party
),

-- up to five levels; a party that stands above itself does not climb
climbed as (
    select
        signed.platform_code,
        signed.province_code,
        signed.business_date,
        signed.submission,
        signed.party,
        signed.workers,
        coalesce(fifth.upstream_party, fourth.upstream_party, third.upstream_party, second.upstream_party) as top_party,
        1
            + case when second.upstream_party is null then 0 else 1 end
            + case when third.upstream_party is null then 0 else 1 end
            + case when fourth.upstream_party is null then 0 else 1 end
            + case when fifth.upstream_party is null then 0 else 1 end as levels,
    from signed
    left join ref.contracting_chain as second
        on second.party = signed.party
        and second.upstream_party <> signed.party
        and (second.valid_from is null or second.valid_from <= signed.business_date)
        and (second.valid_to is null or second.valid_to > signed.business_date)
    left join ref.contracting_chain as third
        on third.party = second.upstream_party
        and third.upstream_party not in (signed.party, second.upstream_party)
        and (third.valid_from is null or third.valid_from <= signed.business_date)
        and (third.valid_to is null or third.valid_to > signed.business_date)
    left join ref.contracting_chain as fourth
        on fourth.party = third.upstream_party
        and fourth.upstream_party not in (signed.party, second.upstream_party, third.upstream_party)
        and (fourth.valid_from is null or fourth.valid_from <= signed.business_date)
        and (fourth.valid_to is null or fourth.valid_to > signed.business_date)
    left join ref.contracting_chain as fifth
        on fifth.party = fourth.upstream_party
        and fifth.upstream_party not in (signed.party, second.upstream_party, third.upstream_party, fourth.upstream_party)
        and (fifth.valid_from is null or fifth.valid_from <= signed.business_date)
        and (fifth.valid_to is null or fifth.valid_to > signed.business_date)
),

longest as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        party,
        workers,
        max(levels) as levels,
        arg_max(top_party, concat(cast(levels as varchar), coalesce(top_party, ''))) as top_party,
    from climbed
    group by platform_code, province_code, business_date, submission, party, workers
),

change as (
    select platform_code, province_code, business_date, submission, worker_id, contracting_party, previous_party,
    from state
    where previous_party is not null
        and previous_party <> coalesce(contracting_party, '')
),

turnover as (
    select
        latest.platform_code,
        latest.province_code,
        latest.business_date,
        latest.submission,
        latest.worker_id,
        latest.contracting_party,
        count(*) as changes,
    from change as latest
    join change as earlier
        on earlier.platform_code = latest.platform_code
        and earlier.worker_id = latest.worker_id
        and date_diff('day', earlier.business_date, latest.business_date) between 0 and 89
    group by
        latest.platform_code, latest.province_code, latest.business_date, latest.submission, latest.worker_id,
        latest.contracting_party
),

moved as (
    select
        platform_code,
        province_code,
        business_date,
        max(submission) as submission,
        worker_id,
        max(contracting_party) as contracting_party,
    from change
    where contracting_party like '92%'
        and previous_party not like '92%'
    group by platform_code, province_code, business_date, worker_id
),

moved_day as (
    select platform_code, province_code, business_date, max(submission) as submission, count(*) as workers,
    from moved
    group by platform_code, province_code, business_date
),

cohort as (
    select
        moved_day.platform_code,
        moved_day.province_code,
        moved_day.business_date,
        moved_day.submission,
        moved_day.workers,
        days.number as days,
        count(distinct moved.worker_id) as cohort_workers,
    from moved_day
    join bound as days
        on days.key = 'cohort_days'
        and days.valid_from <= moved_day.business_date
        and (days.valid_to is null or days.valid_to > moved_day.business_date)
    join moved
        on moved.platform_code = moved_day.platform_code
        and date_diff('day', moved.business_date, moved_day.business_date) >= 0
        and date_diff('day', moved.business_date, moved_day.business_date) < days.number
    group by
        moved_day.platform_code, moved_day.province_code, moved_day.business_date, moved_day.submission,
        moved_day.workers, days.number
)

select
    longest.platform_code,
    longest.province_code,
    longest.business_date,
    longest.submission,
    'levels' as pattern,
    cast(null as varchar) as worker_id,
    longest.party,
    longest.top_party,
    longest.levels as count,
    bound.number as bound,
    longest.workers as violations,
from longest
join bound
    on bound.key = 'levels'
    and bound.valid_from <= longest.business_date
    and (bound.valid_to is null or bound.valid_to > longest.business_date)
where longest.levels > bound.number
union all
select
    turnover.platform_code,
    turnover.province_code,
    turnover.business_date,
    turnover.submission,
    'turnover' as pattern,
    turnover.worker_id,
    turnover.contracting_party as party,
    cast(null as varchar) as top_party,
    turnover.changes as count,
    bound.number as bound,
    1 as violations,
from turnover
join bound
    on bound.key = 'turnover'
    and bound.valid_from <= turnover.business_date
    and (bound.valid_to is null or bound.valid_to > turnover.business_date)
where turnover.changes >= bound.number
union all
select
    cohort.platform_code,
    cohort.province_code,
    cohort.business_date,
    cohort.submission,
    'cohort' as pattern,
    cast(null as varchar) as worker_id,
    cast(null as varchar) as party,
    cast(null as varchar) as top_party,
    cohort.cohort_workers as count,
    bound.number as bound,
    cohort.workers as violations,
from cohort
join bound
    on bound.key = 'cohort_workers'
    and bound.valid_from <= cohort.business_date
    and (bound.valid_to is null or bound.valid_to > cohort.business_date)
where cohort.cohort_workers >= bound.number
