/* ---
id: X07
version: 1
title_zh: 事故后补录
title_en: order or cover that appears only after its accident
consequence: defect
dimension: credibility
responsible: platform
basis: {text: "论文所列篡改关键指标；参保在先、接单即录", grade: S}
effective: [null, null]
needs: [orders, enrollment, claims]
parameters: [submission_deadline]
checked: claims
evidence: [submission, problem, record_id, worker_id, injured_at, reported_at, appeared_at]
message_zh: 所列订单或参保在事故之后才出现；请提交原始系统日志说明，不得倒填参保、选择性补报订单。
message_en: The listed order or cover appears only after its accident; hand in the original system logs. Cover is not dated back, orders are not added selectively.
defaults:
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-02, claim_id: k1, order_id: o1, worker_id: w1, programme: oip, injured_at: 2025-10-01 12:00:00, reported_at: 2025-10-01 13:00:00}
  core.known_order: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, order_id: o1, worker_id: w1}
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, sequence: 1, status: accepted}
  core.added_order: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  core.cover: {platform_code: P02, province_code: 310000, business_date: 2025-10-02, worker_id: w1, programme: oip, coverage_id: c1, covered_from: 2025-10-01 00:00:00}
cases:
  - when: 首报没有该单，报案后的重报才出现
    core.claims: [{}]
    core.known_order: [{version_id: b}]
    staging.submission:
      - {version_id: a, submission: A, status: superseded, submitted_at: 2025-10-02 02:00:00, known_at: 2025-10-02 02:00:00}
      - {version_id: b, submission: B, sequence: 2, submitted_at: 2025-10-03 02:00:00, known_at: 2025-10-03 02:00:00}
    core.added_order: [{version_id: b, order_id: o1}]
    expect: [{problem: order, record_id: o1, business_date: 2025-10-01, submission: B, appeared_at: 2025-10-03 02:00:00}]
  - when: 当日报案，当夜按时首报（平常情形）；首报即有，重报只改金额；重报先于报案
    core.claims: [{}, {claim_id: k2, order_id: o2, worker_id: w2}, {claim_id: k3, order_id: o3, worker_id: w3, reported_at: 2025-10-09 09:00:00}]
    core.known_order: [{version_id: a}, {version_id: c, order_id: o2, worker_id: w2, business_date: 2025-10-02}, {version_id: c, order_id: o3, worker_id: w3, business_date: 2025-10-02}]
    staging.submission:
      - {version_id: a, submitted_at: 2025-10-02 02:00:00, known_at: 2025-10-02 02:00:00}
      - {version_id: b, business_date: 2025-10-02, status: superseded, submitted_at: 2025-10-03 02:00:00, known_at: 2025-10-03 02:00:00}
      - {version_id: c, business_date: 2025-10-02, sequence: 2, submitted_at: 2025-10-04 02:00:00, known_at: 2025-10-04 02:00:00}
    core.added_order: [{version_id: c, order_id: o3, business_date: 2025-10-02}]
    expect: []
  - when: 首报恰在截止时刻（不算迟）；迟一秒的首报（边界）
    core.claims: [{}, {claim_id: k2, order_id: o2, worker_id: w2}]
    core.known_order: [{version_id: a}, {version_id: b, order_id: o2, worker_id: w2, province_code: 320000}]
    staging.submission:
      - {version_id: a, submitted_at: 2025-10-02 06:00:00, known_at: 2025-10-02 06:00:00}
      - {version_id: b, submitted_at: 2025-10-02 06:00:01, known_at: 2025-10-02 06:00:01, province_code: 320000}
    expect: [{problem: order, record_id: o2, province_code: 320000}]
  - when: 受伤之后才登记、倒填起保
    core.claims: [{order_id: null}]
    core.cover: [{registered_at: 2025-10-01 12:00:01}]
    expect: [{problem: cover, record_id: c1, business_date: 2025-10-02, appeared_at: 2025-10-01 12:00:01}]
  - when: 受伤同一秒登记；另有早已登记、或何时登记不详的期间；补登的期间不覆盖事故（边界）
    core.claims: [{order_id: null}, {claim_id: k2, worker_id: w2, order_id: null}, {claim_id: k3, worker_id: w3, order_id: null}, {claim_id: k4, worker_id: w4, order_id: null}]
    core.cover:
      - {registered_at: 2025-10-01 12:00:00}
      - {worker_id: w2, coverage_id: c2, registered_at: 2025-09-01 12:00:00, covered_from: 2025-09-01 12:00:00}
      - {worker_id: w2, coverage_id: c3, registered_at: 2025-10-05 12:00:00}
      - {worker_id: w3, coverage_id: c4, registered_at: 2025-10-01 15:00:00, covered_from: 2025-10-01 15:00:00}
      - {worker_id: w4, coverage_id: c5, registered_at: 2025-10-05 12:00:00}
      - {worker_id: w4, coverage_id: c6, registered_at: null}
    expect: []
--- */
-- grain: order (at its own unit) that first came in a repeated or late submission sent after its accident was reported, or
-- spell (at the unit that reported it) that was registered after an injury which it, and no earlier one, covers.
-- A first submission in time is sent after the day's accidents as a rule: it proves nothing.
with reported as (
    select platform_code, order_id, min(injured_at) as injured_at, min(reported_at) as reported_at,
    from core.claims
    where order_id is not null
    group by platform_code, order_id
),

first_version as (
    select
        platform_code,
        province_code,
        business_date,
        version_id,
        known_at,
        row_number() over (
            partition by platform_code, province_code, business_date
            order by known_at, sequence
        ) as place,
    from staging.submission
    where status <> 'refused'
),

added_order as (
    select
        known.platform_code,
        known.province_code,
        known.business_date,
        submission.submission,
        known.order_id,
        known.worker_id,
        reported.injured_at,
        reported.reported_at,
        submission.submitted_at,
    from core.known_order as known
    join reported
        on reported.platform_code = known.platform_code
        and reported.order_id = known.order_id
    join first_version
        on first_version.platform_code = known.platform_code
        and first_version.province_code = known.province_code
        and first_version.business_date = known.business_date
        and first_version.place = 1
    left join core.added_order as added
        on added.platform_code = known.platform_code
        and added.province_code = known.province_code
        and added.business_date = known.business_date
        and added.order_id = known.order_id
    join staging.submission as submission
        on submission.version_id = coalesce(added.version_id, first_version.version_id)
    join ref.parameter as deadline
        on deadline.parameter = 'submission_deadline'
        and deadline.valid_from <= known.business_date
        and (deadline.valid_to is null or deadline.valid_to > known.business_date)
    where submission.submitted_at > reported.reported_at
        and (
            submission.known_at > first_version.known_at
            or date_diff('second', cast(known.business_date as timestamp), submission.known_at)
                > (24 + deadline.number) * 3600
        )
),

covering as (
    select
        cover.platform_code,
        cover.province_code,
        cover.business_date,
        cover.submission,
        cover.coverage_id,
        cover.worker_id,
        cover.registered_at,
        claims.claim_id,
        claims.injured_at,
        claims.reported_at,
        min(cover.registered_at) over (
            partition by claims.platform_code, claims.claim_id
        ) as first_registered_at,
        count(*) over (partition by claims.platform_code, claims.claim_id)
            - count(cover.registered_at) over (partition by claims.platform_code, claims.claim_id) as undated,
    from core.claims as claims
    join core.cover as cover
        on cover.platform_code = claims.platform_code
        and cover.worker_id = claims.worker_id
        and cover.programme = claims.programme
        and cover.covered_from <= claims.injured_at
        and (cover.covered_to is null or cover.covered_to > claims.injured_at)
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    'order' as problem,
    order_id as record_id,
    worker_id,
    injured_at,
    reported_at,
    submitted_at as appeared_at,
from added_order
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'cover' as problem,
    coverage_id as record_id,
    worker_id,
    min(injured_at) as injured_at,
    min(reported_at) as reported_at,
    registered_at as appeared_at,
from covering
where first_registered_at > injured_at
    and undated = 0
group by platform_code, province_code, business_date, submission, coverage_id, worker_id, registered_at
