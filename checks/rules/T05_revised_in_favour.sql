/* ---
id: T05
version: 1
title_zh: 追溯修改
title_en: a resubmission changes rows that carry claims, or only in the platform's favour
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "论文所列篡改关键指标；单向修订的份额为项目约定（未核实，参数 revision_favour）", grade: S}
effective: [null, null]
needs: [orders, vintages]
parameters: [revision_favour]
evidence: [submission, problem, order_id, sequence, earlier_sequence, change]
message_zh: 请说明重报修改的依据：带有申领的订单被改动，或改动全部有利于平台（减少缴费、由完成改为取消、删除）。
message_en: Give the grounds of the resubmission; it touches orders with claims, or changes only in your favour (less premium, completed made cancelled, deleted).
defaults:
  staging.order_version: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, status: completed, premium_yuan: 0.07, worker_id: w1, accepted_at: 2025-10-01 10:00:00}
  ref.parameter: {parameter: revision_favour, valid_from: 2019-01-01}
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-02}
cases:
  - when: 带有申领的订单改了结束时间；带有申领的订单被删
    core.claims: [{claim_id: k1, order_id: o1}, {claim_id: k2, order_id: o2}]
    staging.order_version:
      - {sequence: 1, version_status: superseded, order_id: o1, finished_at: 2025-10-01 10:30:00}
      - {sequence: 1, version_status: superseded, order_id: o2}
      - {sequence: 2, version_status: accepted, submission: B, order_id: o1, finished_at: 2025-10-01 10:10:00}
    expect:
      - {problem: claimed, order_id: o1, change: other, submission: B, sequence: 2, earlier_sequence: 1}
      - {problem: claimed, order_id: o2, change: deleted}
  - when: 改动全部有利于平台：少缴、改取消、删除
    ref.parameter: [{key: minimum_rows, number: 3}, {key: share, number: 0.9}]
    staging.order_version:
      - {sequence: 1, version_status: superseded, order_id: o1}
      - {sequence: 1, version_status: superseded, order_id: o2}
      - {sequence: 1, version_status: superseded, order_id: o3}
      - {sequence: 2, version_status: accepted, order_id: o1, premium_yuan: 0}
      - {sequence: 2, version_status: accepted, order_id: o2, status: cancelled}
    expect:
      - {problem: one-sided, order_id: o1, change: less premium}
      - {problem: one-sided, order_id: o2, change: cancelled}
      - {problem: one-sided, order_id: o3, change: deleted}
  - when: 进行中的订单有了结果；补报订单；更正为多缴；没有改动
    core.claims: [{claim_id: k1, order_id: o1}]
    ref.parameter: [{key: minimum_rows, number: 1}, {key: share, number: 0.9}]
    staging.order_version:
      - {sequence: 1, version_status: superseded, order_id: o1, status: running, premium_yuan: 0}
      - {sequence: 1, version_status: superseded, order_id: o2, premium_yuan: 0.01}
      - {sequence: 1, version_status: superseded, order_id: o4}
      - {sequence: 2, version_status: accepted, order_id: o1, finished_at: 2025-10-01 10:30:00}
      - {sequence: 2, version_status: accepted, order_id: o2}
      - {sequence: 2, version_status: accepted, order_id: o3}
      - {sequence: 2, version_status: accepted, order_id: o4}
    expect: []
  - when: 恰到九成才算单向，差一点不算；第3次改回原样（边界）
    ref.parameter: [{key: minimum_rows, number: 2}, {key: share, number: 0.5}]
    staging.order_version:
      - {sequence: 1, version_status: superseded, order_id: o1}
      - {sequence: 1, version_status: superseded, order_id: o2, premium_yuan: 0}
      - {sequence: 2, version_status: accepted, order_id: o1, premium_yuan: 0}
      - {sequence: 2, version_status: accepted, order_id: o2}
      - {sequence: 1, version_status: superseded, order_id: q1, province_code: 320000}
      - {sequence: 1, version_status: superseded, order_id: q2, province_code: 320000, premium_yuan: 0}
      - {sequence: 1, version_status: superseded, order_id: q3, province_code: 320000, premium_yuan: 0}
      - {sequence: 2, version_status: accepted, order_id: q1, province_code: 320000, premium_yuan: 0}
      - {sequence: 2, version_status: accepted, order_id: q2, province_code: 320000}
      - {sequence: 2, version_status: accepted, order_id: q3, province_code: 320000}
      - {sequence: 1, version_status: superseded, order_id: r1, province_code: 330000}
      - {sequence: 2, version_status: superseded, order_id: r1, province_code: 330000, premium_yuan: 0}
      - {sequence: 3, version_status: accepted, order_id: r1, province_code: 330000}
    expect: [{province_code: 310000, order_id: o1, problem: one-sided}]
  - when: 别的平台、省、日期的修改与申领互不相干；补报的单计入修改总数
    core.claims: [{claim_id: k1, order_id: o1, platform_code: P03}]
    ref.parameter: [{key: minimum_rows, number: 2}, {key: share, number: 0.9}]
    staging.order_version:
      - {sequence: 1, version_status: superseded, order_id: o1}
      - {sequence: 1, version_status: superseded, order_id: o2}
      - {sequence: 2, version_status: accepted, order_id: o1, premium_yuan: 0}
      - {sequence: 2, version_status: accepted, order_id: o2, premium_yuan: 0}
      - {sequence: 2, version_status: accepted, order_id: o3}
      - {sequence: 1, version_status: superseded, order_id: o1, province_code: 320000}
      - {sequence: 1, version_status: superseded, order_id: o2, province_code: 320000}
      - {sequence: 2, version_status: accepted, order_id: o1, province_code: 320000, premium_yuan: 0}
      - {sequence: 2, version_status: accepted, order_id: o2, province_code: 320000, premium_yuan: 0}
      - {sequence: 1, version_status: superseded, order_id: o1, business_date: 2025-10-02}
      - {sequence: 2, version_status: accepted, order_id: o1, business_date: 2025-10-02, premium_yuan: 0}
      - {sequence: 1, version_status: superseded, order_id: o9, platform_code: P04}
      - {sequence: 2, version_status: accepted, order_id: o9, platform_code: P04, premium_yuan: 0}
    expect:
      - {province_code: 320000, order_id: o1, business_date: 2025-10-01}
      - {province_code: 320000, order_id: o2, business_date: 2025-10-01}
--- */
-- grain: order of a resubmitted unit that the current version changed against the first version that knew it: one that carries a
-- claim, or any favourable one where the unit's changes go one way. A running order that found its end, and an order added
-- with no harm to anyone, are no such changes (added ones count as unfavourable: more premium).
with first_version as (
    select
        platform_code,
        province_code,
        business_date,
        sequence,
        order_id,
        worker_id,
        industry,
        city_code,
        accepted_at,
        picked_up_at,
        finished_at,
        status,
        distance_m,
        worker_income_yuan,
        premium_yuan,
        row_number() over (
            partition by platform_code, province_code, business_date, order_id
            order by sequence, row_no
        ) as version_no,
    from staging.order_version
    where version_status = 'superseded'
        and order_id is not null
),

current_unit as (
    select platform_code, province_code, business_date, max(sequence) as sequence, max(submission) as submission,
    from staging.order_version
    where version_status = 'accepted'
    group by platform_code, province_code, business_date
),

current_row as (
    select
        platform_code,
        province_code,
        business_date,
        order_id,
        worker_id,
        industry,
        city_code,
        accepted_at,
        picked_up_at,
        finished_at,
        status,
        distance_m,
        worker_income_yuan,
        premium_yuan,
        row_number() over (
            partition by platform_code, province_code, business_date, order_id
            order by row_no
        ) as row_of_key,
    from staging.order_version
    where version_status = 'accepted'
        and order_id is not null
),

changed as (
    select
        first_version.platform_code,
        first_version.province_code,
        first_version.business_date,
        current_unit.submission,
        first_version.order_id,
        current_unit.sequence,
        first_version.sequence as earlier_sequence,
        case
            when current_row.order_id is null then 'deleted'
            when first_version.status = 'completed' and current_row.status = 'cancelled' then 'cancelled'
            when coalesce(current_row.premium_yuan, 0) < coalesce(first_version.premium_yuan, 0) then 'less premium'
            when first_version.status = 'running' then null
            when first_version.status = 'cancelled' and current_row.status = 'completed' then 'completed'
            when coalesce(current_row.premium_yuan, 0) > coalesce(first_version.premium_yuan, 0) then 'more premium'
            when current_row.worker_id is distinct from first_version.worker_id
                or current_row.industry is distinct from first_version.industry
                or current_row.city_code is distinct from first_version.city_code
                or current_row.accepted_at is distinct from first_version.accepted_at
                or current_row.picked_up_at is distinct from first_version.picked_up_at
                or current_row.finished_at is distinct from first_version.finished_at
                or current_row.distance_m is distinct from first_version.distance_m
                or current_row.worker_income_yuan is distinct from first_version.worker_income_yuan then 'other'
        end as change,
    from first_version
    join current_unit
        on current_unit.platform_code = first_version.platform_code
        and current_unit.province_code = first_version.province_code
        and current_unit.business_date = first_version.business_date
    left join current_row
        on current_row.platform_code = first_version.platform_code
        and current_row.province_code = first_version.province_code
        and current_row.business_date = first_version.business_date
        and current_row.order_id = first_version.order_id
        and current_row.row_of_key = 1
    where first_version.version_no = 1
),

added as (
    select current_row.platform_code, current_row.province_code, current_row.business_date, count(*) as orders_added,
    from current_row
    left join first_version
        on first_version.platform_code = current_row.platform_code
        and first_version.province_code = current_row.province_code
        and first_version.business_date = current_row.business_date
        and first_version.order_id = current_row.order_id
        and first_version.version_no = 1
    where first_version.order_id is null
        and current_row.row_of_key = 1
    group by current_row.platform_code, current_row.province_code, current_row.business_date
),

revised as (
    select
        changed.platform_code,
        changed.province_code,
        changed.business_date,
        count(case when changed.change in ('deleted', 'cancelled', 'less premium') then 1 end) as favourable,
        count(*) + coalesce(max(added.orders_added), 0) as revised,
    from changed
    left join added
        on added.platform_code = changed.platform_code
        and added.province_code = changed.province_code
        and added.business_date = changed.business_date
    where changed.change is not null
    group by changed.platform_code, changed.province_code, changed.business_date
),

one_sided as (
    select revised.platform_code, revised.province_code, revised.business_date,
    from revised
    join ref.parameter as minimum
        on minimum.parameter = 'revision_favour'
        and minimum.key = 'minimum_rows'
        and minimum.valid_from <= revised.business_date
        and (minimum.valid_to is null or minimum.valid_to > revised.business_date)
    join ref.parameter as share
        on share.parameter = 'revision_favour'
        and share.key = 'share'
        and share.valid_from <= revised.business_date
        and (share.valid_to is null or share.valid_to > revised.business_date)
    where revised.revised >= minimum.number
        and revised.favourable >= share.number * revised.revised
)

select
    changed.platform_code,
    changed.province_code,
    changed.business_date,
    changed.submission,
    case when claim.order_id is not null then 'claimed' else 'one-sided' end as problem,
    changed.order_id,
    changed.sequence,
    changed.earlier_sequence,
    changed.change,
from changed
left join (
    select distinct platform_code, order_id,
    from core.claims
) as claim
    on claim.platform_code = changed.platform_code
    and claim.order_id = changed.order_id
left join one_sided
    on one_sided.platform_code = changed.platform_code
    and one_sided.province_code = changed.province_code
    and one_sided.business_date = changed.business_date
where changed.change is not null
    and (
        claim.order_id is not null
        or (one_sided.platform_code is not null and changed.change in ('deleted', 'cancelled', 'less premium'))
    )
