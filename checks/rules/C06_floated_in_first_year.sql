/* ---
id: C06
version: 1
title_zh: 首年浮动
title_en: floated within the first 12 months
consequence: breach
dimension: validity
responsible: platform
basis: {text: "贵州：纳入后首12个月不浮动；浮动系数未查到（未核实）", grade: V}
effective: [2025-07-01, null]
needs: [orders]
parameters: [premium_rate, early_platform_until, first_year_months, float_factor]
evidence: [submission, order_id, worker_id, industry, premium_yuan, base_yuan, joined_on]
message_zh: 纳入职业伤害保障的首12个月内按基准额缴费，不得浮动；请更正并补缴不足部分。
message_en: No float applies within the first 12 months of a platform; correct to the base amount and pay what is short.
defaults:
  staging.orders: {platform_code: P09, province_code: 310000, business_date: 2025-10-01, industry: instant_delivery}
cases:
  - when: 首年内按0.07的80%缴
    staging.orders: [{order_id: o1, premium_yuan: 0.056}]
    expect: [{order_id: o1, base_yuan: 0.07, joined_on: 2025-07-01}]
  - when: 首年内按基准额缴；先行平台不在首年；不是任何系数的倍数归C04
    staging.orders:
      - {order_id: o1, premium_yuan: 0.07}
      - {order_id: o2, premium_yuan: 0.056, platform_code: P02}
      - {order_id: o3, premium_yuan: 0.06}
    expect: []
  - when: 首年最后一日与满一年（边界）
    staging.orders:
      - {order_id: o1, premium_yuan: 0.056, business_date: 2026-06-30}
      - {order_id: o2, premium_yuan: 0.056, business_date: 2026-07-01}
    expect: [{order_id: o1}]
  - when: 各平台、省份、行业、金额互不相干；范围外不看；高档金额不是新平台的基准
    staging.orders:
      - {order_id: o1, premium_yuan: 0.056}
      - {order_id: o2, premium_yuan: 0.07}
      - {order_id: o3, premium_yuan: 0.056, platform_code: P02}
      - {order_id: o4, premium_yuan: 0.056, province_code: 140000}
      - {order_id: o5, premium_yuan: 0.07, province_code: 320000}
      - {order_id: o6, premium_yuan: 0.056, platform_code: P08, industry: ride_hailing}
      - {order_id: o7, premium_yuan: 0.01, platform_code: P08, industry: ride_hailing}
      - {order_id: o8, premium_yuan: 0.2, platform_code: P09}
      - {order_id: o9, premium_yuan: 0.144, platform_code: P10, industry: intracity_freight}
    expect: [{order_id: o1}, {order_id: o9, base_yuan: 0.18}]
--- */
-- grain: in-scope order whose premium is a floated base amount in its platform's first year. C04 prices it.
with paid as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.industry,
        orders.premium_yuan,
    from (
        select distinct platform_code, province_code, business_date, industry, premium_yuan,
        from staging.orders
        where premium_yuan > 0
    ) as orders
    join ref.scope as scope
        on scope.platform_code = orders.platform_code
        and scope.province_code = orders.province_code
        and scope.industry = orders.industry
        and scope.valid_from <= orders.business_date
        and (scope.valid_to is null or scope.valid_to > orders.business_date)
),

platform as (
    select platform_code, min(joined_on) as joined_on,
    from ref.platform
    group by platform_code
),

aged as (
    select
        paid.platform_code,
        paid.province_code,
        paid.business_date,
        paid.industry,
        paid.premium_yuan,
        platform.joined_on,
        platform.joined_on < cast(early.value as date) as is_early,
        (extract(year from paid.business_date) - extract(year from platform.joined_on)) * 12
            + extract(month from paid.business_date) - extract(month from platform.joined_on)
            - case
                when extract(day from paid.business_date) < extract(day from platform.joined_on) then 1 else 0
            end as months_joined,
    from paid
    join platform on platform.platform_code = paid.platform_code
    join ref.parameter as early
        on early.parameter = 'early_platform_until'
        and early.valid_from <= paid.business_date
        and (early.valid_to is null or early.valid_to > paid.business_date)
),

base as (
    select
        aged.platform_code,
        aged.province_code,
        aged.business_date,
        aged.industry,
        aged.premium_yuan,
        aged.joined_on,
        cast(rate.number as decimal(12, 4)) as base_yuan,
    from aged
    join ref.parameter as first_year
        on first_year.parameter = 'first_year_months'
        and first_year.valid_from <= aged.business_date
        and (first_year.valid_to is null or first_year.valid_to > aged.business_date)
        and aged.months_joined < first_year.number
    join ref.parameter as rate
        on rate.parameter = 'premium_rate'
        and split_part(rate.key, '/', 1) = aged.industry
        and rate.valid_from <= aged.business_date
        and (rate.valid_to is null or rate.valid_to > aged.business_date)
        and (
            split_part(rate.key, '/', 2) = 'all'
            or (split_part(rate.key, '/', 2) in ('early', 'early_high') and aged.is_early)
            or (split_part(rate.key, '/', 2) = 'new' and not aged.is_early)
        )
),

floated as (
    select
        base.platform_code,
        base.province_code,
        base.business_date,
        base.industry,
        base.premium_yuan,
        max(base.joined_on) as joined_on,
        min(base.base_yuan) as base_yuan,
    from base
    join ref.parameter as factor
        on factor.parameter = 'float_factor'
        and factor.valid_from <= base.business_date
        and (factor.valid_to is null or factor.valid_to > base.business_date)
        and cast(base.base_yuan * factor.number as decimal(12, 4)) = base.premium_yuan
    where not exists (
        select 1
        from base as plain
        where plain.platform_code = base.platform_code
            and plain.province_code = base.province_code
            and plain.business_date = base.business_date
            and plain.industry = base.industry
            and plain.base_yuan = base.premium_yuan
    )
    group by base.platform_code, base.province_code, base.business_date, base.industry, base.premium_yuan
)

select
    orders.platform_code,
    orders.province_code,
    orders.business_date,
    orders.submission,
    orders.order_id,
    orders.worker_id,
    orders.industry,
    orders.premium_yuan,
    floated.base_yuan,
    floated.joined_on,
from staging.orders as orders
join floated
    on floated.platform_code = orders.platform_code
    and floated.province_code = orders.province_code
    and floated.business_date = orders.business_date
    and floated.industry = orders.industry
    and floated.premium_yuan = orders.premium_yuan
where orders.order_id is not null
    and not exists (
        select 1
        from core.duplicate_order as twin
        where twin.version_id = orders.version_id
            and twin.row_no = orders.row_no
    )
