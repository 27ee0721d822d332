/* ---
id: V14
version: 1
title_zh: 金额离群
title_en: amount implausible by unit (yuan against fen, ×10, ×100)
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "校验惯例（项目约定，参数 amount_bound、amount_outlier）", grade: A}
effective: [null, null]
needs: [orders, enrollment, claims]
parameters: [amount_bound, amount_outlier]
evidence: [submission, extract, record_id, column_name, value_yuan, bound_yuan, median_yuan]
message_zh: 请核对所列金额的单位（元，不是分）与小数位；确属大额的说明原因。
message_en: Check the unit of the listed amounts (yuan, not fen) and the decimal point; explain the truly large ones.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, industry: instant_delivery, status: completed}
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  staging.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  ref.parameter: {valid_from: 2019-01-01}
cases:
  - when: 收入一万零一元；月缴费基数二十万元；医疗费六百万元
    staging.orders: [{order_id: o1, worker_income_yuan: 10001}]
    staging.enrollment: [{coverage_id: c1, contribution_base_yuan: 200000}]
    staging.claims: [{claim_id: k1, medical_yuan: 6000000}]
    expect:
      - {extract: orders, record_id: o1, column_name: worker_income_yuan, bound_yuan: 10000}
      - {extract: enrollment, record_id: c1}
      - {extract: claims, record_id: k1}
  - when: 平常的金额；同一平台同一行业行数太少，不比中位数；取消的订单收入为零
    staging.orders: [{order_id: o1, worker_income_yuan: 5, customer_paid_yuan: 8}, {order_id: o2, worker_income_yuan: 600}, {order_id: o3, worker_income_yuan: 0, status: cancelled}]
    staging.enrollment: [{coverage_id: c1, premium_yuan: 0.4}]
    staging.claims: [{claim_id: k1, medical_yuan: 3000}]
    expect: []
  - when: 中位数5元，一单按分报成501元；恰50倍不算；不足五十分之一也算（边界）
    ref.parameter:
      - {parameter: amount_outlier, key: factor, number: 50}
      - {parameter: amount_outlier, key: minimum_rows, number: 5}
    staging.orders:
      - {order_id: o1, worker_income_yuan: 5}
      - {order_id: o2, worker_income_yuan: 5}
      - {order_id: o3, worker_income_yuan: 5}
      - {order_id: o4, worker_income_yuan: 250}
      - {order_id: o5, worker_income_yuan: 250.01}
      - {order_id: o6, worker_income_yuan: 0.10}
      - {order_id: o7, worker_income_yuan: 0.09}
    expect: [{record_id: o5, median_yuan: 5}, {record_id: o7, median_yuan: 5}]
--- */
-- grain: amount above its absolute bound, or (workers' income of completed orders) too many times above or below the median
-- of its platform, industry and date
with bound as (
    select key, number, valid_from, valid_to,
    from ref.parameter
    where parameter = 'amount_bound'
),

typical as (
    select platform_code, business_date, industry, median(worker_income_yuan) as median_yuan, count(*) as rows_counted,
    from staging.orders
    where status = 'completed'
        and worker_income_yuan > 0
    group by platform_code, business_date, industry
),

judged as (
    select
        typical.platform_code,
        typical.business_date,
        typical.industry,
        typical.median_yuan,
        typical.median_yuan * factor.number as most_yuan,
        typical.median_yuan / cast(factor.number as double) as least_yuan,
    from typical
    join ref.parameter as factor
        on factor.parameter = 'amount_outlier'
        and factor.key = 'factor'
        and factor.valid_from <= typical.business_date
        and (factor.valid_to is null or factor.valid_to > typical.business_date)
    join ref.parameter as minimum
        on minimum.parameter = 'amount_outlier'
        and minimum.key = 'minimum_rows'
        and minimum.valid_from <= typical.business_date
        and (minimum.valid_to is null or minimum.valid_to > typical.business_date)
    where typical.rows_counted >= minimum.number
)

select
    orders.platform_code,
    orders.province_code,
    orders.business_date,
    orders.submission,
    'orders' as extract,
    orders.order_id as record_id,
    'worker_income_yuan' as column_name,
    orders.worker_income_yuan as value_yuan,
    bound.number as bound_yuan,
    judged.median_yuan,
from staging.orders as orders
left join judged
    on judged.platform_code = orders.platform_code
    and judged.business_date = orders.business_date
    and judged.industry = orders.industry
left join bound
    on bound.key = 'orders/worker_income_yuan'
    and bound.valid_from <= orders.business_date
    and (bound.valid_to is null or bound.valid_to > orders.business_date)
where orders.worker_income_yuan > bound.number
    or (
        orders.status = 'completed'
        and orders.worker_income_yuan > 0
        and (orders.worker_income_yuan > judged.most_yuan or orders.worker_income_yuan < judged.least_yuan)
    )
union all
select
    orders.platform_code,
    orders.province_code,
    orders.business_date,
    orders.submission,
    'orders' as extract,
    orders.order_id as record_id,
    'customer_paid_yuan' as column_name,
    orders.customer_paid_yuan as value_yuan,
    bound.number as bound_yuan,
    cast(null as double) as median_yuan,
from staging.orders as orders
join bound
    on bound.key = 'orders/customer_paid_yuan'
    and bound.valid_from <= orders.business_date
    and (bound.valid_to is null or bound.valid_to > orders.business_date)
where orders.customer_paid_yuan > bound.number
union all
select
    enrollment.platform_code,
    enrollment.province_code,
    enrollment.business_date,
    enrollment.submission,
    'enrollment' as extract,
    enrollment.coverage_id as record_id,
    case
        when bound.key = 'enrollment/premium_yuan' then 'premium_yuan' else 'contribution_base_yuan'
    end as column_name,
    case
        when bound.key = 'enrollment/premium_yuan' then enrollment.premium_yuan else enrollment.contribution_base_yuan
    end as value_yuan,
    bound.number as bound_yuan,
    cast(null as double) as median_yuan,
from staging.enrollment as enrollment
join bound
    on bound.key in ('enrollment/premium_yuan', 'enrollment/contribution_base_yuan')
    and bound.valid_from <= enrollment.business_date
    and (bound.valid_to is null or bound.valid_to > enrollment.business_date)
where (bound.key = 'enrollment/premium_yuan' and enrollment.premium_yuan > bound.number)
    or (bound.key = 'enrollment/contribution_base_yuan' and enrollment.contribution_base_yuan > bound.number)
union all
select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    'claims' as extract,
    claims.claim_id as record_id,
    'medical_yuan' as column_name,
    claims.medical_yuan as value_yuan,
    bound.number as bound_yuan,
    cast(null as double) as median_yuan,
from staging.claims as claims
join bound
    on bound.key = 'claims/medical_yuan'
    and bound.valid_from <= claims.business_date
    and (bound.valid_to is null or bound.valid_to > claims.business_date)
where claims.medical_yuan > bound.number
