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
  - when: 顾客支付按分报；同一行两个金额都离群算一行（边界）
    ref.parameter:
      - {parameter: amount_outlier, key: factor, number: 50}
      - {parameter: amount_outlier, key: minimum_rows, number: 3}
    staging.orders:
      - {order_id: o1, worker_income_yuan: 5, customer_paid_yuan: 6}
      - {order_id: o2, worker_income_yuan: 5, customer_paid_yuan: 6}
      - {order_id: o3, worker_income_yuan: 5, customer_paid_yuan: 600}
      - {order_id: o4, worker_income_yuan: 500, customer_paid_yuan: 600}
      - {order_id: o5, worker_income_yuan: 5, customer_paid_yuan: 6}
    expect: [{record_id: o3, column_name: customer_paid_yuan}, {record_id: o4, column_name: worker_income_yuan}]
--- */
-- grain: row with an amount above its absolute bound, or (what was paid for completed orders, by and to whom) too many
-- times above or below the median of its platform, industry and date
with bound as (
    select key, number, valid_from, valid_to,
    from ref.parameter
    where parameter = 'amount_bound'
),

typical as (
    select
        platform_code,
        business_date,
        coalesce(industry, '') as industry,
        median(case when status = 'completed' and worker_income_yuan > 0 then worker_income_yuan end) as income_yuan,
        count(case when status = 'completed' and worker_income_yuan > 0 then 1 end) as incomes,
        median(case when status = 'completed' and customer_paid_yuan > 0 then customer_paid_yuan end) as paid_yuan,
        count(case when status = 'completed' and customer_paid_yuan > 0 then 1 end) as payments,
    from staging.orders
    group by platform_code, business_date, coalesce(industry, '')
),

judged as (
    select
        typical.platform_code,
        typical.business_date,
        typical.industry,
        case when typical.incomes >= minimum.number then typical.income_yuan end as income_yuan,
        case when typical.payments >= minimum.number then typical.paid_yuan end as paid_yuan,
        cast(factor.number as double) as factor,
        income_bound.number as income_bound_yuan,
        paid_bound.number as paid_bound_yuan,
    from typical
    left join ref.parameter as factor
        on factor.parameter = 'amount_outlier'
        and factor.key = 'factor'
        and factor.valid_from <= typical.business_date
        and (factor.valid_to is null or factor.valid_to > typical.business_date)
    left join ref.parameter as minimum
        on minimum.parameter = 'amount_outlier'
        and minimum.key = 'minimum_rows'
        and minimum.valid_from <= typical.business_date
        and (minimum.valid_to is null or minimum.valid_to > typical.business_date)
    left join bound as income_bound
        on income_bound.key = 'orders/worker_income_yuan'
        and income_bound.valid_from <= typical.business_date
        and (income_bound.valid_to is null or income_bound.valid_to > typical.business_date)
    left join bound as paid_bound
        on paid_bound.key = 'orders/customer_paid_yuan'
        and paid_bound.valid_from <= typical.business_date
        and (paid_bound.valid_to is null or paid_bound.valid_to > typical.business_date)
),

odd as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.order_id,
        orders.worker_income_yuan,
        orders.customer_paid_yuan,
        judged.income_bound_yuan,
        judged.paid_bound_yuan,
        judged.income_yuan,
        judged.paid_yuan,
        orders.worker_income_yuan > judged.income_bound_yuan
            or (
                orders.status = 'completed'
                and orders.worker_income_yuan > 0
                and (
                    orders.worker_income_yuan > judged.income_yuan * judged.factor
                    or orders.worker_income_yuan * judged.factor < judged.income_yuan
                )
            ) as is_income_odd,
        orders.customer_paid_yuan > judged.paid_bound_yuan
            or (
                orders.status = 'completed'
                and orders.customer_paid_yuan > 0
                and (
                    orders.customer_paid_yuan > judged.paid_yuan * judged.factor
                    or orders.customer_paid_yuan * judged.factor < judged.paid_yuan
                )
            ) as is_paid_odd,
    from staging.orders as orders
    join judged
        on judged.platform_code = orders.platform_code
        and judged.business_date = orders.business_date
        and judged.industry = coalesce(orders.industry, '')
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    'orders' as extract,
    order_id as record_id,
    case when is_income_odd then 'worker_income_yuan' else 'customer_paid_yuan' end as column_name,
    case when is_income_odd then worker_income_yuan else customer_paid_yuan end as value_yuan,
    case when is_income_odd then income_bound_yuan else paid_bound_yuan end as bound_yuan,
    case when is_income_odd then income_yuan else paid_yuan end as median_yuan,
from odd
where is_income_odd
    or is_paid_odd
union all
select
    enrollment.platform_code,
    enrollment.province_code,
    enrollment.business_date,
    enrollment.submission,
    'enrollment' as extract,
    enrollment.coverage_id as record_id,
    case when enrollment.premium_yuan > premium.number then 'premium_yuan' else 'contribution_base_yuan' end as column_name,
    case
        when enrollment.premium_yuan > premium.number then enrollment.premium_yuan else enrollment.contribution_base_yuan
    end as value_yuan,
    case when enrollment.premium_yuan > premium.number then premium.number else base.number end as bound_yuan,
    cast(null as double) as median_yuan,
from staging.enrollment as enrollment
left join bound as premium
    on premium.key = 'enrollment/premium_yuan'
    and premium.valid_from <= enrollment.business_date
    and (premium.valid_to is null or premium.valid_to > enrollment.business_date)
left join bound as base
    on base.key = 'enrollment/contribution_base_yuan'
    and base.valid_from <= enrollment.business_date
    and (base.valid_to is null or base.valid_to > enrollment.business_date)
where enrollment.premium_yuan > premium.number
    or enrollment.contribution_base_yuan > base.number
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
