/* ---
id: C03
version: 1
title_zh: 行业错期
title_en: industry code outside its period
consequence: defect
dimension: validity
responsible: platform
basis: {text: "人社部发〔2025〕24号：外卖与即时配送自2025-07-01合并为即时配送；行业登记表", grade: V}
effective: [null, null]
needs: [orders, enrollment]
evidence: [submission, extract, record_id, event_on, industry]
message_zh: 请按事发日有效的行业代码更正（外卖自2025-07-01起并入即时配送），以新序号重报。
message_en: Use the industry code in force on the date (food_delivery became part of instant_delivery on 2025-07-01) and resubmit.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, work_type: order, industry: food_delivery, premium_yuan: 0}
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, programme: oip, industry: food_delivery}
cases:
  - when: 合并后仍用外卖代码，即使不缴费；以其他行业参加职业伤害保障
    staging.orders: [{order_id: o1}, {order_id: o2, industry: other, premium_yuan: 0.07}]
    staging.enrollment: [{coverage_id: c1, covered_from: 2025-10-01 00:00:00}, {coverage_id: c2, covered_from: 2025-10-01 00:00:00, industry: other}]
    expect:
      - {extract: orders, record_id: o1, industry: food_delivery}
      - {extract: orders, record_id: o2}
      - {extract: enrollment, record_id: c1}
      - {extract: enrollment, record_id: c2}
  - when: 有效代码；其他行业不缴费；日结用工单位的班次；其他项目的参保
    staging.orders:
      - {order_id: o1, industry: instant_delivery}
      - {order_id: o2, industry: other}
      - {order_id: o3, platform_code: W01, work_type: shift}
    staging.enrollment: [{coverage_id: c1, covered_from: 2025-10-01 00:00:00, programme: commercial_accident}]
    expect: []
  - when: 未登记的代码归S08
    staging.orders: [{order_id: o1, industry: bikes, premium_yuan: 0.07}]
    staging.enrollment: [{coverage_id: c1, covered_from: 2025-10-01 00:00:00, industry: bikes}]
    expect: []
  - when: 合并前一日与当日；期间自合并前开始（边界）
    staging.orders: [{order_id: o1, business_date: 2025-06-30}, {order_id: o2, business_date: 2025-07-01}]
    staging.enrollment: [{coverage_id: c1, covered_from: 2025-06-30 23:59:59}]
    expect: [{record_id: o2}]
  - when: 同一代码在别的平台、别的日期有效；班次用旧代码而不缴费；期间横跨合并日（边界）
    staging.orders:
      - {order_id: o1, business_date: 2025-06-30}
      - {order_id: o2, platform_code: P03, business_date: 2025-06-30}
      - {order_id: o3, platform_code: P02}
      - {order_id: o4, platform_code: P03, work_type: shift}
      - {order_id: o5, platform_code: W01}
    staging.enrollment:
      - {coverage_id: c1, covered_from: 2022-07-01 00:00:00}
      - {coverage_id: c2, covered_from: 2022-06-30 23:59:59}
      - {coverage_id: c3}
      - {coverage_id: c4, covered_from: 2025-07-01 00:00:00}
    expect: [{record_id: o3}, {record_id: c2}, {record_id: c4}]
--- */
-- grain: order or oip spell under an industry code that the scheme did not have on its date.
-- An order counts without a premium too, where its platform is one of the scheme's: a dead code would take it out of scope.
with in_scheme as (
    select industry, valid_from, valid_to,
    from ref.industry
    where in_scheme
),

scheme_code as (
    select distinct industry,
    from in_scheme
),

scheme_platform as (
    select distinct platform_code,
    from ref.platform
),

used as (
    select distinct platform_code, business_date, industry,
    from staging.orders
    where industry is not null
),

misused as (
    select
        used.platform_code,
        used.business_date,
        used.industry,
        scheme_code.industry is not null and scheme_platform.platform_code is not null as is_dead_code,
    from used
    left join in_scheme
        on in_scheme.industry = used.industry
        and in_scheme.valid_from <= used.business_date
        and (in_scheme.valid_to is null or in_scheme.valid_to > used.business_date)
    left join scheme_code on scheme_code.industry = used.industry
    left join scheme_platform on scheme_platform.platform_code = used.platform_code
    where in_scheme.industry is null
        and used.industry in (select industry from ref.industry)
)

select
    orders.platform_code,
    orders.province_code,
    orders.business_date,
    orders.submission,
    'orders' as extract,
    orders.order_id as record_id,
    orders.business_date as event_on,
    orders.industry,
from staging.orders as orders
join misused
    on misused.platform_code = orders.platform_code
    and misused.business_date = orders.business_date
    and misused.industry = orders.industry
where orders.premium_yuan > 0
    or (misused.is_dead_code and orders.work_type = 'order')
union all
select
    enrollment.platform_code,
    enrollment.province_code,
    enrollment.business_date,
    enrollment.submission,
    'enrollment' as extract,
    enrollment.coverage_id as record_id,
    cast(enrollment.covered_from as date) as event_on,
    enrollment.industry,
from staging.enrollment as enrollment
left join in_scheme
    on in_scheme.industry = enrollment.industry
    and in_scheme.valid_from <= cast(enrollment.covered_from as date)
    and (in_scheme.valid_to is null or in_scheme.valid_to > cast(enrollment.covered_from as date))
where enrollment.programme = 'oip'
    and enrollment.industry in (select industry from ref.industry)
    and enrollment.covered_from is not null
    and in_scheme.industry is null
