/* ---
id: C01
version: 1
title_zh: 地区未启动
title_en: province not in the scheme on the event date
consequence: defect
dimension: validity
responsible: platform
basis: {text: "人社部发〔2025〕24号：职业伤害保障试点地区与启动时间", grade: V}
effective: [null, null]
needs: [orders, enrollment, claims]
evidence: [submission, extract, record_id, event_on, scheme_from]
message_zh: 该省当日尚未启动职业伤害保障；请核对省份与日期，撤回误报的缴费、参保或申领后重报。
message_en: The scheme was not in force in that province on that date; check province and date, take back what was reported in error and resubmit.
defaults:
  core.unit: {platform_code: P02, province_code: 140000, business_date: 2025-10-01}
  core.orders: {platform_code: P02, province_code: 140000, business_date: 2025-10-01, premium_yuan: 0.07}
  staging.enrollment: {platform_code: P02, province_code: 140000, business_date: 2025-10-01, programme: oip}
  staging.claims: {platform_code: P02, province_code: 140000, business_date: 2025-10-01, programme: oip}
cases:
  - when: 山西2026-07-01才启动，却有缴费订单、参保与申领
    core.unit: [{}]
    core.orders: [{order_id: o1}]
    staging.enrollment: [{coverage_id: c1, covered_from: 2025-10-01 00:00:00}]
    staging.claims: [{claim_id: k1, injured_at: 2025-10-01 12:00:00}]
    expect:
      - {extract: orders, record_id: o1, event_on: 2025-10-01, scheme_from: 2026-07-01}
      - {extract: enrollment, record_id: c1}
      - {extract: claims, record_id: k1}
  - when: 不适用地区（台湾）没有启动日
    core.unit: [{province_code: 710000}]
    core.orders: [{order_id: o1, province_code: 710000}]
    expect: [{extract: orders, scheme_from: null}]
  - when: 已启动地区；未启动地区的非职业伤害保障数据
    core.unit: [{province_code: 310000}, {}]
    core.orders: [{order_id: o1, province_code: 310000}, {order_id: o2, premium_yuan: 0}]
    staging.enrollment: [{coverage_id: c1, covered_from: 2025-10-01 00:00:00, programme: commercial_accident}]
    staging.claims: [{claim_id: k1, injured_at: 2025-10-01 12:00:00, programme: commercial_accident}]
    expect: []
  - when: 启动当日与前一日；提前登记、自启动日起保障（边界）
    core.unit: [{province_code: 330000, business_date: 2025-07-01}, {province_code: 330000, business_date: 2025-06-30}]
    core.orders:
      - {order_id: o1, province_code: 330000, business_date: 2025-07-01}
      - {order_id: o2, province_code: 330000, business_date: 2025-06-30}
    staging.enrollment: [{coverage_id: c1, province_code: 330000, business_date: 2025-06-30, covered_from: 2025-07-01 00:00:00}]
    expect: [{extract: orders, record_id: o2}]
  - when: 未启动的只是山西一省、某一日、某一平台的单元，别处不受牵连
    core.unit: [{}, {province_code: 310000}, {province_code: 330000, business_date: 2025-06-30}, {province_code: 330000, platform_code: P08, business_date: 2025-10-01}]
    core.orders:
      - {order_id: o1}
      - {order_id: o2, province_code: 310000}
      - {order_id: o3, province_code: 330000, platform_code: P08}
      - {order_id: o4, province_code: 330000, business_date: 2025-06-30}
      - {order_id: o5, province_code: 330000, platform_code: P08, business_date: 2025-06-30}
    staging.claims: [{claim_id: k1, province_code: 310000, injured_at: 2022-07-01 00:00:00}, {claim_id: k2, province_code: 310000, injured_at: 2022-06-30 23:59:59}]
    expect: [{record_id: o1}, {record_id: o4}, {record_id: k2}]
--- */
-- grain: row of oip (an order: one with a premium) whose province was not in the scheme on its date.
-- Event date: of an order its business date, of a spell the start of cover, of a claim the injury.
with unit as (
    select
        unit.platform_code,
        unit.province_code,
        unit.business_date,
        province.scheme_from,
    from core.unit as unit
    join ref.province as province on province.province_code = unit.province_code
    where province.scheme_from is null
        or province.scheme_from > unit.business_date
)

select
    orders.platform_code,
    orders.province_code,
    orders.business_date,
    orders.submission,
    'orders' as extract,
    orders.order_id as record_id,
    orders.business_date as event_on,
    unit.scheme_from,
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
    province.scheme_from,
from staging.enrollment as enrollment
join ref.province as province on province.province_code = enrollment.province_code
where enrollment.programme = 'oip'
    and (province.scheme_from is null or cast(enrollment.covered_from as date) < province.scheme_from)
union all
select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    'claims' as extract,
    claims.claim_id as record_id,
    cast(claims.injured_at as date) as event_on,
    province.scheme_from,
from staging.claims as claims
join ref.province as province on province.province_code = claims.province_code
where claims.programme = 'oip'
    and (province.scheme_from is null or cast(claims.injured_at as date) < province.scheme_from)
