/* ---
id: C07
version: 1
title_zh: 订单未缴费
title_en: completed in-scope order without premium
consequence: breach
price: contribution
dimension: completeness
responsible: platform
basis: {text: "人社部发〔2025〕24号：每单必保", grade: V}
effective: [2022-07-01, null]
needs: [orders]
parameters: [premium_rate, early_platform_until]
evidence: [submission, order_id, worker_id, industry, city_code, accepted_at, premium_yuan]
message_zh: 范围内每个完成的订单都应缴费（劳动者当时参加五险一金的除外）；请补缴并更正。
message_en: Every completed order in scope carries its premium unless its worker was then under employee insurance; pay and correct.
defaults:
  core.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, industry: instant_delivery, is_in_scope: true, work_class: order, status: completed, premium_yuan: 0}
  core.order_cover: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 完成而未缴费；缴费读不出视同没有；按可适用的最低额计价
    core.orders: [{order_id: o1}, {order_id: o2, premium_yuan: null}, {order_id: o3, platform_code: P01, industry: ride_hailing}]
    expect: [{order_id: o1, amount_yuan: 0.07}, {order_id: o2, amount_yuan: 0.07}, {order_id: o3, amount_yuan: 0.01}]
  - when: 已缴费；取消；进行中；范围外；班次
    core.orders:
      - {order_id: o1, premium_yuan: 0.07}
      - {order_id: o2, status: cancelled}
      - {order_id: o3, status: running}
      - {order_id: o4, is_in_scope: false}
      - {order_id: o5, work_class: shift}
    expect: []
  - when: 劳动者当时参加五险一金 → 豁免；只是未参保 → 不豁免
    core.orders: [{order_id: o1}, {order_id: o2}]
    core.order_cover: [{order_id: o1, is_employee: true}, {order_id: o2, is_employee: false, is_covered: false}]
    expect: [{order_id: o2}]
  - when: 另一平台同号订单的豁免不相干；登记了档次按档次计价
    core.orders: [{order_id: o1}]
    core.order_cover: [{order_id: o1, is_employee: true, platform_code: P03}]
    ref.platform_tiers: [{platform_code: P02, province_code: 310000, premium_yuan: 0.25}]
    expect: [{order_id: o1, amount_yuan: 0.25}]
  - when: 缴0.0001算已缴（金额归C04）；标准交接当日的价（边界）
    core.orders:
      - {order_id: o1, premium_yuan: 0.0001}
      - {order_id: o2, business_date: 2025-06-30}
      - {order_id: o3, business_date: 2025-07-01}
    expect: [{order_id: o2, amount_yuan: 0.04}, {order_id: o3, amount_yuan: 0.07}]
  - when: 各单元各按各的价：别的平台、省份、行业、日期的档次与标准不相干
    core.orders:
      - {order_id: o1}
      - {order_id: o2, province_code: 320000}
      - {order_id: o3, platform_code: P03}
      - {order_id: o4, industry: ride_hailing}
      - {order_id: o5, business_date: 2025-11-01}
      - {order_id: o6, platform_code: P09}
      - {order_id: o7, platform_code: P06, industry: intracity_freight}
    ref.platform_tiers: [{platform_code: P02, province_code: 310000, premium_yuan: 0.25, valid_from: 2025-10-01, valid_to: 2025-11-01}]
    expect:
      - {order_id: o1, amount_yuan: 0.25}
      - {order_id: o2, amount_yuan: 0.07}
      - {order_id: o3, amount_yuan: 0.07}
      - {order_id: o4, amount_yuan: 0.01}
      - {order_id: o5, amount_yuan: 0.07}
      - {order_id: o6, amount_yuan: 0.07}
      - {order_id: o7, amount_yuan: 0.18}
  - when: 新纳入平台按新平台的标准计价（参数改动以区分）
    core.orders: [{order_id: o1}, {order_id: o2, platform_code: P09}]
    ref.parameter:
      - {parameter: early_platform_until, key: "", value: 2025-07-01, valid_from: 2019-01-01}
      - {parameter: premium_rate, key: instant_delivery/new, number: 0.08, valid_from: 2025-07-01}
      - {parameter: premium_rate, key: instant_delivery/early, number: 0.09, valid_from: 2025-07-01}
      - {parameter: other, key: instant_delivery/all, number: 0.01, valid_from: 2025-07-01}
    expect: [{order_id: o1, amount_yuan: 0.09}, {order_id: o2, amount_yuan: 0.08}]
--- */
-- grain: completed in-scope order without premium, its worker not then under employee_insurance.
-- Price: the registered tier, else the lowest base amount admissible there; a float is no claim of an unpaid order.
with unpaid as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.order_id,
        orders.worker_id,
        orders.industry,
        orders.city_code,
        orders.accepted_at,
        orders.premium_yuan,
    from core.orders as orders
    where orders.is_in_scope
        and orders.status = 'completed'
        and orders.work_class = 'order'
        and coalesce(orders.premium_yuan, 0) <= 0
        and not exists (
            select 1
            from core.order_cover as exempt
            where exempt.platform_code = orders.platform_code
                and exempt.order_id = orders.order_id
                and exempt.is_employee
        )
),

platform as (
    select platform_code, min(joined_on) as joined_on,
    from ref.platform
    group by platform_code
),

cell as (
    select
        unpaid.platform_code,
        unpaid.province_code,
        unpaid.business_date,
        unpaid.industry,
        max(tier.premium_yuan) as tier_yuan,
        min(cast(rate.number as decimal(12, 4))) as lowest_yuan,
    from (select distinct platform_code, province_code, business_date, industry from unpaid) as unpaid
    join platform on platform.platform_code = unpaid.platform_code
    join ref.parameter as early
        on early.parameter = 'early_platform_until'
        and early.valid_from <= unpaid.business_date
        and (early.valid_to is null or early.valid_to > unpaid.business_date)
    join ref.parameter as rate
        on rate.parameter = 'premium_rate'
        and split_part(rate.key, '/', 1) = unpaid.industry
        and rate.valid_from <= unpaid.business_date
        and (rate.valid_to is null or rate.valid_to > unpaid.business_date)
        and (
            split_part(rate.key, '/', 2) = 'all'
            or (
                split_part(rate.key, '/', 2) in ('early', 'early_high')
                and platform.joined_on < cast(early.value as date)
            )
            or (split_part(rate.key, '/', 2) = 'new' and platform.joined_on >= cast(early.value as date))
        )
    left join ref.platform as registered
        on registered.platform_code = unpaid.platform_code
        and registered.industry = unpaid.industry
        and (registered.valid_from is null or registered.valid_from <= unpaid.business_date)
        and (registered.valid_to is null or registered.valid_to > unpaid.business_date)
    left join ref.platform_tiers as tier
        on tier.platform_code = registered.platform_code
        and tier.province_code = unpaid.province_code
        and (tier.valid_from is null or tier.valid_from <= unpaid.business_date)
        and (tier.valid_to is null or tier.valid_to > unpaid.business_date)
    group by unpaid.platform_code, unpaid.province_code, unpaid.business_date, unpaid.industry
)

select
    unpaid.platform_code,
    unpaid.province_code,
    unpaid.business_date,
    unpaid.submission,
    unpaid.order_id,
    unpaid.worker_id,
    unpaid.industry,
    unpaid.city_code,
    unpaid.accepted_at,
    unpaid.premium_yuan,
    coalesce(cell.tier_yuan, cell.lowest_yuan) as amount_yuan,
from unpaid
left join cell
    on cell.platform_code = unpaid.platform_code
    and cell.province_code = unpaid.province_code
    and cell.business_date = unpaid.business_date
    and cell.industry = unpaid.industry
