/* ---
id: V04
version: 1
title_zh: 未来时间
title_en: event later than its submission, or submission later than now
consequence: quarantine
dimension: validity
responsible: platform
basis: {text: "校验惯例（项目约定）：事件不得晚于发送时间（保障起止除外），发送时间不得晚于当前时间10分钟以上", grade: A}
effective: [null, null]
needs: [package, orders, enrollment, claims]
checked: package
evidence: [submission, extract, row_no, record_id, event_at, submitted_at]
message_zh: 请核对服务器时钟与所列记录的时间：报送时尚未发生的事件不得报送；更正后重报。
message_en: Check the servers' clock and the listed times. What had not happened when the package was sent cannot be in it; correct and resubmit.
defaults:
  staging.submission: {version_id: a, platform_code: P02, province_code: 310000, business_date: 2025-10-01, sequence: 1, status: accepted, submitted_at: 2025-10-02 02:00:00}
  staging.orders: {version_id: a, platform_code: P02, province_code: 310000, business_date: 2025-10-01, order_id: o1, accepted_at: 2025-10-01 10:00:00}
  staging.enrollment: {version_id: a, platform_code: P02, province_code: 310000, business_date: 2025-10-01, coverage_id: c1, registered_at: 2025-10-01 10:00:00}
  staging.claims: {version_id: a, platform_code: P02, province_code: 310000, business_date: 2025-10-01, claim_id: k1, injured_at: 2025-10-01 10:00:00, reported_at: 2025-10-01 11:00:00}
  staging.package_reason: {version_id: a, platform_code: P02, province_code: 310000, business_date: 2025-10-01, rule_id: V04}
cases:
  - when: 订单结束、参保登记、待遇支付晚于发送
    staging.submission: [{}]
    staging.orders: [{finished_at: 2025-10-02 02:00:01}]
    staging.enrollment: [{registered_at: 2025-10-02 03:00:00}]
    staging.claims: [{paid_at: 2025-10-05 09:00:00, applied_at: 2025-10-04 09:00:00}]
    expect:
      - {extract: orders, record_id: o1, event_at: 2025-10-02 02:00:01, consequence: quarantine}
      - {extract: enrollment, record_id: c1}
      - {extract: claims, record_id: k1, event_at: 2025-10-05 09:00:00}
  - when: 事件均早于发送；保障起止在将来不算
    staging.submission: [{}]
    staging.orders: [{finished_at: 2025-10-01 10:30:00}]
    staging.enrollment: [{covered_from: 2025-10-03 00:00:00, covered_to: 2026-10-03 00:00:00}]
    staging.claims: [{}]
    expect: []
  - when: 恰在发送的那一秒（边界）
    staging.submission: [{}]
    staging.orders: [{finished_at: 2025-10-02 02:00:00}]
    staging.claims: [{confirmed_at: 2025-10-02 02:00:00}]
    expect: []
  - when: 发送时间晚于当前时间的批次 → 拒收
    staging.submission: [{status: refused}]
    staging.package_reason: [{}]
    expect: [{extract: manifest, consequence: refuse, submitted_at: 2025-10-02 02:00:00}]
--- */
-- grain: row with an event later than its package was sent, or package sent later than the clock allows
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
),

orders_late as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.row_no,
        orders.order_id as record_id,
        greatest(orders.accepted_at, orders.picked_up_at, orders.finished_at) as event_at,
        submission.submitted_at,
    from staging.orders as orders
    join staging.submission as submission on submission.version_id = orders.version_id
    where greatest(orders.accepted_at, orders.picked_up_at, orders.finished_at) > submission.submitted_at
),

enrollment_late as (
    select
        enrollment.platform_code,
        enrollment.province_code,
        enrollment.business_date,
        enrollment.submission,
        enrollment.row_no,
        enrollment.coverage_id as record_id,
        enrollment.registered_at as event_at,
        submission.submitted_at,
    from staging.enrollment as enrollment
    join staging.submission as submission on submission.version_id = enrollment.version_id
    where enrollment.registered_at > submission.submitted_at
),

claims_event as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        version_id,
        row_no,
        claim_id as record_id,
        greatest(
            injured_at, reported_at, applied_at, confirmed_at, appraised_at, decided_at, paid_at
        ) as event_at,
    from staging.claims
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    'orders' as extract,
    row_no,
    record_id,
    event_at,
    submitted_at,
    'quarantine' as consequence,
from orders_late
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'enrollment' as extract,
    row_no,
    record_id,
    event_at,
    submitted_at,
    'quarantine' as consequence,
from enrollment_late
union all
select
    claims_event.platform_code,
    claims_event.province_code,
    claims_event.business_date,
    claims_event.submission,
    'claims' as extract,
    claims_event.row_no,
    claims_event.record_id,
    claims_event.event_at,
    submission.submitted_at,
    'quarantine' as consequence,
from claims_event
join staging.submission as submission on submission.version_id = claims_event.version_id
where claims_event.event_at > submission.submitted_at
union all
select
    reason.platform_code,
    reason.province_code,
    reason.business_date,
    reason.submission,
    'manifest' as extract,
    cast(null as bigint) as row_no,
    cast(null as varchar) as record_id,
    cast(null as timestamp) as event_at,
    submission.submitted_at,
    'refuse' as consequence,
from staging.package_reason as reason
join staging.submission as submission on submission.version_id = reason.version_id
where reason.rule_id = 'V04'
    and not exists (select 1 from answered where answered.version_id = reason.version_id)
