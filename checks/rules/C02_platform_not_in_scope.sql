/* ---
id: C02
version: 1
title_zh: 平台未纳入
title_en: platform not in scope on the event date
consequence: defect
dimension: validity
responsible: platform
basis: {text: "人社部发〔2025〕24号：纳入试点的平台企业与起始时间（第三批依据弱，见平台登记表）", grade: V}
effective: [null, null]
needs: [orders, enrollment, claims]
evidence: [submission, extract, record_id, event_on, joined_on]
message_zh: 该平台当日尚未纳入职业伤害保障；请核对日期，撤回误报的缴费、参保或申领后重报。
message_en: The platform was not in the scheme on that date; check the date, take back what was reported in error and resubmit.
defaults:
  core.unit: {platform_code: P12, province_code: 310000, business_date: 2025-10-01}
  core.orders: {platform_code: P12, province_code: 310000, business_date: 2025-10-01, premium_yuan: 0.01}
  staging.enrollment: {platform_code: P12, province_code: 310000, business_date: 2025-10-01, programme: oip}
  staging.claims: {platform_code: P12, province_code: 310000, business_date: 2025-10-01, programme: oip}
cases:
  - when: 2026-07-01才纳入的平台已有缴费、参保与申领
    core.unit: [{}]
    core.orders: [{order_id: o1}]
    staging.enrollment: [{coverage_id: c1, covered_from: 2025-10-01 00:00:00}]
    staging.claims: [{claim_id: k1, injured_at: 2025-10-01 12:00:00}]
    expect:
      - {extract: orders, record_id: o1, joined_on: 2026-07-01}
      - {extract: enrollment, record_id: c1}
      - {extract: claims, record_id: k1}
  - when: 非平台报送单位（益鹭保）报送职业伤害保障参保
    staging.enrollment: [{coverage_id: c1, platform_code: Y01, covered_from: 2025-10-01 00:00:00}, {coverage_id: c2, platform_code: Y01, programme: yilubao, covered_from: 2025-10-01 00:00:00}]
    expect: [{record_id: c1, joined_on: null}]
  - when: 已纳入的平台；未纳入平台的零缴费订单
    core.unit: [{platform_code: P08}, {}]
    core.orders: [{order_id: o1, platform_code: P08}, {order_id: o2, premium_yuan: 0}]
    expect: []
  - when: 纳入当日与前一日（边界）
    core.unit: [{business_date: 2026-07-01}, {business_date: 2026-06-30}]
    core.orders: [{order_id: o1, business_date: 2026-07-01}, {order_id: o2, business_date: 2026-06-30}]
    staging.claims: [{claim_id: k1, injured_at: 2026-06-30 23:59:59}, {claim_id: k2, injured_at: 2026-07-01 00:00:00}]
    expect: [{record_id: o2}, {record_id: k1}]
  - when: 未纳入的只是某一平台的单元，同省别的平台不受牵连
    core.unit: [{}, {platform_code: P08}, {platform_code: P12, province_code: 320000, business_date: 2026-08-01}]
    core.orders:
      - {order_id: o1}
      - {order_id: o2, platform_code: P08}
      - {order_id: o3, province_code: 320000}
    staging.enrollment: [{coverage_id: c1, covered_from: 2026-07-01 00:00:00}, {coverage_id: c2, covered_from: 2026-06-30 23:59:59}]
    staging.claims: [{claim_id: k1, injured_at: 2025-10-01 12:00:00, programme: commercial_accident}]
    expect: [{record_id: o1}, {record_id: c2}]
--- */
-- grain: row of oip (an order: one with a premium) of a platform that was not in the scheme on its date.
-- Event date: of an order its business date, of a spell the start of cover, of a claim the injury.
with platform as (
    select platform_code, min(joined_on) as joined_on,
    from ref.platform
    group by platform_code
),

unit as (
    select
        unit.platform_code,
        unit.province_code,
        unit.business_date,
        platform.joined_on,
    from core.unit as unit
    left join platform on platform.platform_code = unit.platform_code
    where platform.joined_on is null
        or platform.joined_on > unit.business_date
)

select
    orders.platform_code,
    orders.province_code,
    orders.business_date,
    orders.submission,
    'orders' as extract,
    orders.order_id as record_id,
    orders.business_date as event_on,
    unit.joined_on,
from core.orders as orders
join unit
    on unit.platform_code = orders.platform_code
    and unit.province_code = orders.province_code
    and unit.business_date = orders.business_date
where orders.premium_yuan > 0
union all
select
    enrollment.platform_code,
    enrollment.province_code,
    enrollment.business_date,
    enrollment.submission,
    'enrollment' as extract,
    enrollment.coverage_id as record_id,
    cast(enrollment.covered_from as date) as event_on,
    platform.joined_on,
from staging.enrollment as enrollment
left join platform on platform.platform_code = enrollment.platform_code
where enrollment.programme = 'oip'
    and (platform.joined_on is null or cast(enrollment.covered_from as date) < platform.joined_on)
union all
select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    'claims' as extract,
    claims.claim_id as record_id,
    cast(claims.injured_at as date) as event_on,
    platform.joined_on,
from staging.claims as claims
left join platform on platform.platform_code = claims.platform_code
where claims.programme = 'oip'
    and (platform.joined_on is null or cast(claims.injured_at as date) < platform.joined_on)
