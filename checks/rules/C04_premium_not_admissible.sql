/* ---
id: C04
version: 1
title_zh: 基准额不符
title_en: premium is none of the admissible amounts
consequence: breach
price: contribution
dimension: validity
responsible: platform
basis: {text: "人社部发〔2025〕24号；渝人社规〔2025〕14号 二（一）；四川九部门扩大试点通知 二（浮动系数未查到，未核实）", grade: V}
effective: [2022-07-01, null]
needs: [orders]
parameters: [premium_rate, early_platform_until, first_year_months, float_in_force, float_base_window, float_factor]
evidence: [submission, order_id, worker_id, industry, premium_yuan, lowest_yuan]
message_zh: 请按行业、省份、日期与本平台适用的每单缴费额更正（不足部分补缴）；适用浮动或高档的，请提供核定文件。
message_en: Correct the premium to the amount in force for the industry, province, date and platform, paying what is short; where a float or tier applies, hand in its decision.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, industry: instant_delivery, status: completed}
cases:
  - when: 0.06不是即时配送的任何一档；出行缴了0.04
    staging.orders:
      - {order_id: o1, premium_yuan: 0.06}
      - {order_id: o2, premium_yuan: 0.04, industry: ride_hailing, platform_code: P01}
    expect:
      - {order_id: o1, lowest_yuan: 0.07, amount_yuan: 0.01, consequence: breach}
      - {order_id: o2, lowest_yuan: 0.01, amount_yuan: null}
  - when: 负的缴费也不是任何一档，差额由C07计；同一订单重复的行只算一次
    staging.orders:
      - {order_id: o1, premium_yuan: -0.07}
      - {order_id: o2, premium_yuan: 0.06, version_id: a, row_no: 2}
      - {order_id: o2, premium_yuan: 0.06, version_id: a, row_no: 3}
    core.duplicate_order: [{version_id: a, row_no: 3}]
    expect: [{order_id: o1, amount_yuan: null}, {order_id: o2, amount_yuan: 0.01}]
  - when: 先行平台0.07或0.25；新纳入平台0.07；未缴费归C07；范围外归C01至C03
    staging.orders:
      - {order_id: o1, premium_yuan: 0.07}
      - {order_id: o2, premium_yuan: 0.25}
      - {order_id: o3, premium_yuan: 0.07, platform_code: P09}
      - {order_id: o4, premium_yuan: 0}
      - {order_id: o5, premium_yuan: 0.06, province_code: 140000}
    expect: []
  - when: 新纳入平台缴0.25不可接受
    staging.orders: [{order_id: o1, premium_yuan: 0.25, platform_code: P09}]
    expect: [{order_id: o1, lowest_yuan: 0.07, amount_yuan: null}]
  - when: 新旧标准交接：2025-06-30为0.04，2025-07-01为0.07（边界）
    staging.orders:
      - {order_id: o1, premium_yuan: 0.04, business_date: 2025-06-30}
      - {order_id: o2, premium_yuan: 0.04, business_date: 2025-07-01}
      - {order_id: o3, premium_yuan: 0.07, business_date: 2025-06-30}
    expect: [{order_id: o2, amount_yuan: 0.03}, {order_id: o3, amount_yuan: null}]
  - when: 重庆有浮动：0.07×0.8可接受，0.06仅为疑点；登记了档次后为违规且由C05计价
    staging.orders:
      - {order_id: o1, premium_yuan: 0.056, province_code: 500000}
      - {order_id: o2, premium_yuan: 0.06, province_code: 500000}
      - {order_id: o3, premium_yuan: 0.06, province_code: 500000, platform_code: P03}
      - {order_id: o4, premium_yuan: 0.066, province_code: 500000, platform_code: P03}
    ref.platform_tiers: [{platform_code: P03, province_code: 500000, premium_yuan: 0.066}]
    expect:
      - {order_id: o2, consequence: suspect}
      - {order_id: o3, consequence: breach, amount_yuan: null}
  - when: 重庆的浮动到2026-12-31为止，只及先行平台（边界）
    staging.orders:
      - {order_id: o1, premium_yuan: 0.056, province_code: 500000, business_date: 2026-12-31}
      - {order_id: o2, premium_yuan: 0.056, province_code: 500000, business_date: 2027-01-01}
      - {order_id: o3, premium_yuan: 0.056, province_code: 500000, business_date: 2026-12-31, platform_code: P09}
    expect: [{order_id: o2, consequence: breach}, {order_id: o3, consequence: breach}]
  - when: 各平台、省份、行业、日期各按各的标准
    staging.orders:
      - {order_id: o1, premium_yuan: 0.18}
      - {order_id: o2, premium_yuan: 0.18, platform_code: P06, industry: intracity_freight}
      - {order_id: o3, premium_yuan: 0.18, platform_code: P06, industry: intracity_freight, province_code: 500000}
      - {order_id: o4, premium_yuan: 0.01, platform_code: P06, industry: ride_hailing}
      - {order_id: o5, premium_yuan: 0.25, platform_code: P09, province_code: 500000}
      - {order_id: o6, premium_yuan: 0.25, province_code: 500000}
      - {order_id: o7, premium_yuan: 0.056, province_code: 310000}
    expect: [{order_id: o1}, {order_id: o5}, {order_id: o7}]
  - when: 登记的档次只在其期间、其省份、其平台、其行业可接受（边界）
    staging.orders:
      - {order_id: o1, premium_yuan: 0.1, business_date: 2025-10-31}
      - {order_id: o2, premium_yuan: 0.1, business_date: 2025-11-01}
      - {order_id: o3, premium_yuan: 0.1, business_date: 2025-09-30}
      - {order_id: o4, premium_yuan: 0.1, business_date: 2025-10-31, province_code: 320000}
      - {order_id: o5, premium_yuan: 0.1, business_date: 2025-10-31, platform_code: P03}
      - {order_id: o6, premium_yuan: 0.1, business_date: 2025-10-31, industry: ride_hailing}
    ref.platform_tiers: [{platform_code: P02, province_code: 310000, premium_yuan: 0.1, valid_from: 2025-10-01, valid_to: 2025-11-01}]
    expect: [{order_id: o2}, {order_id: o3}, {order_id: o4}, {order_id: o5}, {order_id: o6}]
  - when: 山东2027年起浮动，满首年的平台均可；首年内不可（边界）
    staging.orders:
      - {order_id: o1, premium_yuan: 0.056, province_code: 370000, business_date: 2026-12-31}
      - {order_id: o2, premium_yuan: 0.056, province_code: 370000, business_date: 2027-01-01}
      - {order_id: o3, premium_yuan: 0.056, province_code: 370000, business_date: 2027-01-01, platform_code: P09}
      - {order_id: o4, premium_yuan: 0.056, province_code: 370000, business_date: 2027-06-30, platform_code: P21}
      - {order_id: o5, premium_yuan: 0.056, province_code: 370000, business_date: 2027-07-01, platform_code: P21}
    expect: [{order_id: o1, consequence: breach}, {order_id: o4, consequence: breach}]
--- */
-- grain: in-scope order with a premium that no rate, float or tier explains.
-- Few amounts occur: they are judged once a platform, province, date and industry, then their orders are fetched
-- (at 10 million orders the distinct amounts take 0.1 s, a join of every order 8 s).
-- An order counts once, whatever its repeated rows. Price: what is short of the lowest admissible amount; where a tier is registered C05 prices the order instead.
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
        where premium_yuan <> 0
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
        registered.industry = paid.industry as is_own_industry,
        platform.joined_on < cast(early.value as date) as is_early,
        (extract(year from paid.business_date) - extract(year from platform.joined_on)) * 12
            + extract(month from paid.business_date) - extract(month from platform.joined_on)
            - case
                when extract(day from paid.business_date) < extract(day from platform.joined_on) then 1 else 0
            end as months_joined,
    from (select distinct platform_code, province_code, business_date, industry from paid) as paid
    join platform on platform.platform_code = paid.platform_code
    left join ref.platform as registered
        on registered.platform_code = paid.platform_code
        and (registered.valid_from is null or registered.valid_from <= paid.business_date)
        and (registered.valid_to is null or registered.valid_to > paid.business_date)
    join ref.parameter as early
        on early.parameter = 'early_platform_until'
        and early.valid_from <= paid.business_date
        and (early.valid_to is null or early.valid_to > paid.business_date)
),

cell as (
    select
        aged.platform_code,
        aged.province_code,
        aged.business_date,
        aged.industry,
        aged.is_early,
        coalesce(aged.months_joined < first_year.number, false) as is_first_year,
        tier.premium_yuan as tier_yuan,
        coalesce(floating.number = 1, false)
            and (aged.is_early or window_from.value is null)
            and not coalesce(aged.months_joined < first_year.number, false) as is_floating,
    from aged
    left join ref.parameter as first_year
        on first_year.parameter = 'first_year_months'
        and first_year.valid_from <= aged.business_date
        and (first_year.valid_to is null or first_year.valid_to > aged.business_date)
    left join ref.parameter as floating
        on floating.parameter = 'float_in_force'
        and floating.key = aged.province_code
        and floating.valid_from <= aged.business_date
        and (floating.valid_to is null or floating.valid_to > aged.business_date)
    left join ref.parameter as window_from
        on window_from.parameter = 'float_base_window'
        and window_from.key = 'from'
        and window_from.valid_from <= aged.business_date
        and (window_from.valid_to is null or window_from.valid_to > aged.business_date)
    left join ref.platform_tiers as tier
        on tier.platform_code = aged.platform_code
        and tier.province_code = aged.province_code
        and aged.is_own_industry
        and (tier.valid_from is null or tier.valid_from <= aged.business_date)
        and (tier.valid_to is null or tier.valid_to > aged.business_date)
),

base as (
    select
        cell.platform_code,
        cell.province_code,
        cell.business_date,
        cell.industry,
        cell.is_floating,
        rate.number as amount_yuan,
    from cell
    join ref.parameter as rate
        on rate.parameter = 'premium_rate'
        and split_part(rate.key, '/', 1) = cell.industry
        and rate.valid_from <= cell.business_date
        and (rate.valid_to is null or rate.valid_to > cell.business_date)
        and (
            split_part(rate.key, '/', 2) = 'all'
            or (split_part(rate.key, '/', 2) in ('early', 'early_high') and cell.is_early)
            or (split_part(rate.key, '/', 2) = 'new' and not cell.is_early)
        )
),

floated as (
    select
        base.platform_code,
        base.province_code,
        base.business_date,
        base.industry,
        cast(base.amount_yuan * factor.number as decimal(12, 4)) as amount_yuan,
    from base
    join ref.parameter as factor
        on factor.parameter = 'float_factor'
        and factor.valid_from <= base.business_date
        and (factor.valid_to is null or factor.valid_to > base.business_date)
    where base.is_floating
),

admissible as (
    select platform_code, province_code, business_date, industry, cast(amount_yuan as decimal(12, 4)) as amount_yuan,
    from base
    union
    select platform_code, province_code, business_date, industry, amount_yuan,
    from floated
    union
    select platform_code, province_code, business_date, industry, tier_yuan,
    from cell
    where tier_yuan is not null
),

lowest as (
    select platform_code, province_code, business_date, industry, min(amount_yuan) as lowest_yuan,
    from admissible
    group by platform_code, province_code, business_date, industry
),

wrong as (
    select
        paid.platform_code,
        paid.province_code,
        paid.business_date,
        paid.industry,
        paid.premium_yuan,
        lowest.lowest_yuan,
        cell.tier_yuan,
        cell.is_floating,
    from paid
    join cell
        on cell.platform_code = paid.platform_code
        and cell.province_code = paid.province_code
        and cell.business_date = paid.business_date
        and cell.industry = paid.industry
    join lowest
        on lowest.platform_code = paid.platform_code
        and lowest.province_code = paid.province_code
        and lowest.business_date = paid.business_date
        and lowest.industry = paid.industry
    left join admissible
        on admissible.platform_code = paid.platform_code
        and admissible.province_code = paid.province_code
        and admissible.business_date = paid.business_date
        and admissible.industry = paid.industry
        and admissible.amount_yuan = paid.premium_yuan
    where admissible.amount_yuan is null
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
    wrong.lowest_yuan,
    case
        when wrong.tier_yuan is null and orders.premium_yuan > 0 and orders.premium_yuan < wrong.lowest_yuan
            then wrong.lowest_yuan - orders.premium_yuan
    end as amount_yuan,
    case when wrong.is_floating and wrong.tier_yuan is null then 'suspect' else 'breach' end as consequence,
from staging.orders as orders
join wrong
    on wrong.platform_code = orders.platform_code
    and wrong.province_code = orders.province_code
    and wrong.business_date = orders.business_date
    and wrong.industry = orders.industry
    and wrong.premium_yuan = orders.premium_yuan
where orders.order_id is not null
    and not exists (
        select 1
        from core.duplicate_order as twin
        where twin.version_id = orders.version_id
            and twin.row_no = orders.row_no
    )
