/* ---
id: C05
version: 1
title_zh: 高档误用
title_en: premium is not the registered tier's, or the high tier in the first year
consequence: breach
price: contribution
dimension: validity
responsible: platform
basis: {text: "上海：先行平台支缴率达200%及以上的按每单0.25元；缴费档次以主管部门登记为准", grade: S}
effective: [2025-07-01, null]
needs: [orders, platform_tiers]
parameters: [premium_rate, first_year_months]
evidence: [submission, order_id, worker_id, industry, premium_yuan, tier_yuan]
message_zh: 请按主管部门登记的本平台在该省的每单缴费额缴纳，不足部分补缴；登记有误的请申请更正。
message_en: Pay the amount per order that the bureau registered for your platform there, with what is short; ask for a correction if the register is wrong.
defaults:
  core.unit: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  core.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, industry: instant_delivery, is_in_scope: true, status: completed}
cases:
  - when: 登记0.25而按0.07缴
    core.unit: [{}]
    core.orders: [{order_id: o1, premium_yuan: 0.07}]
    ref.platform_tiers: [{platform_code: P02, province_code: 310000, premium_yuan: 0.25, valid_from: 2025-07-01}]
    expect: [{order_id: o1, tier_yuan: 0.25, amount_yuan: 0.18}]
  - when: 与登记一致；没有登记的省份不适用；未缴费归C07
    core.unit: [{}, {province_code: 320000}]
    core.orders: [{order_id: o1, premium_yuan: 0.25}, {order_id: o2, premium_yuan: 0.07, province_code: 320000}, {order_id: o3, premium_yuan: 0}]
    ref.platform_tiers: [{platform_code: P02, province_code: 310000, premium_yuan: 0.25, valid_from: 2025-07-01}]
    expect: []
  - when: 登记的档次只管平台登记的行业
    core.unit: [{}]
    core.orders: [{order_id: o1, premium_yuan: 0.01, industry: ride_hailing}]
    ref.platform_tiers: [{platform_code: P02, province_code: 310000, premium_yuan: 0.25}]
    expect: []
  - when: 首年内登记并按0.25缴
    core.unit: [{platform_code: P09}]
    core.orders: [{order_id: o1, premium_yuan: 0.25, platform_code: P09}]
    ref.platform_tiers: [{platform_code: P09, province_code: 310000, premium_yuan: 0.25, valid_from: 2025-07-01}]
    expect: [{order_id: o1, amount_yuan: null}]
  - when: 登记变更的前一日与当日；首年最后一日与满一年（边界）
    core.unit: [{business_date: 2025-12-31}, {business_date: 2026-01-01}, {platform_code: P09, business_date: 2026-06-30}, {platform_code: P09, business_date: 2026-07-01}]
    core.orders:
      - {order_id: o1, premium_yuan: 0.07, business_date: 2025-12-31}
      - {order_id: o2, premium_yuan: 0.07, business_date: 2026-01-01}
      - {order_id: o3, premium_yuan: 0.25, platform_code: P09, business_date: 2026-06-30}
      - {order_id: o4, premium_yuan: 0.25, platform_code: P09, business_date: 2026-07-01}
    ref.platform_tiers:
      - {platform_code: P02, province_code: 310000, premium_yuan: 0.07, valid_from: 2025-07-01, valid_to: 2026-01-01}
      - {platform_code: P02, province_code: 310000, premium_yuan: 0.25, valid_from: 2026-01-01}
      - {platform_code: P09, province_code: 310000, premium_yuan: 0.25, valid_from: 2025-07-01}
    expect: [{order_id: o2, amount_yuan: 0.18}, {order_id: o3}]
  - when: 另一平台、省份的登记不相干；范围外不看
    core.unit: [{}, {platform_code: P03}]
    core.orders:
      - {order_id: o1, premium_yuan: 0.25}
      - {order_id: o2, premium_yuan: 0.07, platform_code: P03}
      - {order_id: o3, premium_yuan: 0.07, is_in_scope: false}
    ref.platform_tiers: [{platform_code: P02, province_code: 310000, premium_yuan: 0.25}, {platform_code: P03, province_code: 310000, premium_yuan: 0.07}]
    expect: []
--- */
-- grain: in-scope order with a premium, where a tier is registered, that is not the tier's or that is the high one too early.
-- Price: what is short of the tier.
with platform as (
    select platform_code, min(joined_on) as joined_on,
    from ref.platform
    group by platform_code
),

tiered as (
    select
        unit.platform_code,
        unit.province_code,
        unit.business_date,
        registered.industry,
        tier.premium_yuan as tier_yuan,
        (extract(year from unit.business_date) - extract(year from platform.joined_on)) * 12
            + extract(month from unit.business_date) - extract(month from platform.joined_on)
            - case
                when extract(day from unit.business_date) < extract(day from platform.joined_on) then 1 else 0
            end as months_joined,
    from core.unit as unit
    join ref.platform_tiers as tier
        on tier.platform_code = unit.platform_code
        and tier.province_code = unit.province_code
        and (tier.valid_from is null or tier.valid_from <= unit.business_date)
        and (tier.valid_to is null or tier.valid_to > unit.business_date)
    join ref.platform as registered
        on registered.platform_code = unit.platform_code
        and (registered.valid_from is null or registered.valid_from <= unit.business_date)
        and (registered.valid_to is null or registered.valid_to > unit.business_date)
    join platform on platform.platform_code = unit.platform_code
),

cell as (
    select
        tiered.platform_code,
        tiered.province_code,
        tiered.business_date,
        tiered.industry,
        tiered.tier_yuan,
        case when tiered.months_joined < first_year.number then cast(high.number as decimal(12, 4)) end as too_high_yuan,
    from tiered
    left join ref.parameter as first_year
        on first_year.parameter = 'first_year_months'
        and first_year.valid_from <= tiered.business_date
        and (first_year.valid_to is null or first_year.valid_to > tiered.business_date)
    left join ref.parameter as high
        on high.parameter = 'premium_rate'
        and high.key = concat(tiered.industry, '/early_high')
        and high.valid_from <= tiered.business_date
        and (high.valid_to is null or high.valid_to > tiered.business_date)
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
    cell.tier_yuan,
    case when orders.premium_yuan < cell.tier_yuan then cell.tier_yuan - orders.premium_yuan end as amount_yuan,
from core.orders as orders
join cell
    on cell.platform_code = orders.platform_code
    and cell.province_code = orders.province_code
    and cell.business_date = orders.business_date
    and cell.industry = orders.industry
where orders.is_in_scope
    and orders.premium_yuan > 0
    and (orders.premium_yuan <> cell.tier_yuan or orders.premium_yuan = cell.too_high_yuan)
