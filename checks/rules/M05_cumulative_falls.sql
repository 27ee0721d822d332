/* ---
id: M05
version: 1
title_zh: 累计倒退
title_en: cumulative figure falls, or parts do not add up to their total
consequence: defect
dimension: consistency
responsible: agency
basis: {text: "累计人数只增不减；部分之和等于（去重后不超过）总体；由定义推出", grade: V}
effective: [null, null]
needs: [package]
checked: package
evidence: [problem, scope, figure, earlier_on, total, part]
message_zh: 累计数不应减少，部分不应超过总体、合计应等于各部分之和；请核对公布数据或汇总过程。
message_en: A cumulative figure does not fall, no part exceeds its whole, and a total is the sum of its parts; reconcile the published figures or the aggregation.
defaults:
  ref.coverage_published: {scope: 全国, scope_version: 17省, is_lower_bound: false, as_of_precision: day, grade: V, source: x, qualifier: cumulative}
  core.worker_day: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  marts.order_day: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 公布的累计数比前一期少；一省多于全国
    ref.coverage_published:
      - {as_of: 2025-10-31, cumulative_insured_10k: 2325}
      - {as_of: 2025-12-31, cumulative_insured_10k: 2310}
      - {as_of: 2025-11-30, cumulative_insured_10k: 2400, scope: 上海, province_code: "310000"}
    expect:
      - {problem: falls, scope: 全国, business_date: 2025-12-31, total: 2325, part: 2310}
      - {problem: part exceeds whole, scope: 上海, province_code: "310000", total: 2310, part: 2400}
  - when: 按日汇总与逐人合计不一致
    core.worker_day: [{orders: 3, orders_valid: 3, premium_yuan: 0.21}, {orders: 2, orders_valid: 1, premium_yuan: 0.07}]
    marts.order_day: [{orders: 5, orders_valid: 3, premium_yuan: 0.28}]
    expect: [{problem: parts differ, figure: orders_valid, total: 3, part: 4}]
  - when: 累计递增；后一期只说“超过”；部分之和相符；没有人的单元
    ref.coverage_published:
      - {as_of: 2025-10-31, cumulative_insured_10k: 2325}
      - {as_of: 2025-12-31, cumulative_insured_10k: 2510}
      - {as_of: 2026-03-07, cumulative_insured_10k: 2500, is_lower_bound: true}
      - {as_of: 2025-10-31, cumulative_insured_10k: 176, scope: 上海, province_code: "310000"}
    core.worker_day: [{orders: 3, orders_valid: 3, premium_yuan: null}]
    marts.order_day: [{orders: 3, orders_valid: 3, premium_yuan: 0}]
    expect: []
  - when: 与前一期恰相等；“超过2000”之后恰为2000（边界）
    ref.coverage_published:
      - {as_of: 2025-08-31, cumulative_insured_10k: 2000, is_lower_bound: true}
      - {as_of: 2025-09-30, cumulative_insured_10k: 2000}
      - {as_of: 2025-10-31, cumulative_insured_10k: 2000}
    expect: []
--- */
-- grain: published cumulative figure below the highest before it, or above the next figure of the whole country; or additive
-- measure of a platform × province × business_date whose day total differs from the sum over its workers
with series as (
    select
        scope,
        province_code,
        as_of,
        cumulative_insured_10k,
        is_lower_bound,
        max(cumulative_insured_10k) over (
            partition by scope
            order by as_of
            rows between unbounded preceding and 1 preceding
        ) as highest_10k,
        lag(as_of) over (partition by scope order by as_of) as earlier_on,
    from ref.coverage_published
),

whole as (
    select
        part.scope,
        part.province_code,
        part.as_of,
        part.cumulative_insured_10k,
        min(nation.cumulative_insured_10k) as nation_10k,
    from ref.coverage_published as part
    join ref.coverage_published as nation
        on nation.province_code is null
        and nation.as_of >= part.as_of
        and not nation.is_lower_bound
    where part.province_code is not null
    group by part.scope, part.province_code, part.as_of, part.cumulative_insured_10k
),

by_worker as (
    select
        platform_code,
        province_code,
        business_date,
        sum(orders) as orders,
        sum(orders_valid) as orders_valid,
        coalesce(sum(premium_yuan), 0) as premium_yuan,
    from core.worker_day
    group by platform_code, province_code, business_date
),

by_day as (
    select
        platform_code,
        province_code,
        business_date,
        sum(orders) as orders,
        sum(orders_valid) as orders_valid,
        coalesce(sum(premium_yuan), 0) as premium_yuan,
    from marts.order_day
    group by platform_code, province_code, business_date
),

compared as (
    select
        coalesce(by_day.platform_code, by_worker.platform_code) as platform_code,
        coalesce(by_day.province_code, by_worker.province_code) as province_code,
        coalesce(by_day.business_date, by_worker.business_date) as business_date,
        coalesce(by_day.orders, 0) as day_orders,
        coalesce(by_worker.orders, 0) as worker_orders,
        coalesce(by_day.orders_valid, 0) as day_valid,
        coalesce(by_worker.orders_valid, 0) as worker_valid,
        coalesce(by_day.premium_yuan, 0) as day_yuan,
        coalesce(by_worker.premium_yuan, 0) as worker_yuan,
    from by_day
    full join by_worker
        on by_worker.platform_code = by_day.platform_code
        and by_worker.province_code = by_day.province_code
        and by_worker.business_date = by_day.business_date
)

select
    cast(null as varchar) as platform_code,
    province_code,
    as_of as business_date,
    'falls' as problem,
    scope,
    'cumulative_insured_10k' as figure,
    earlier_on,
    cast(highest_10k as double) as total,
    cast(cumulative_insured_10k as double) as part,
from series
where not is_lower_bound
    and cumulative_insured_10k < highest_10k
union all
select
    cast(null as varchar) as platform_code,
    province_code,
    as_of as business_date,
    'part exceeds whole' as problem,
    scope,
    'cumulative_insured_10k' as figure,
    cast(null as date) as earlier_on,
    cast(nation_10k as double) as total,
    cast(cumulative_insured_10k as double) as part,
from whole
where cumulative_insured_10k > nation_10k
union all
select
    platform_code,
    province_code,
    business_date,
    'parts differ' as problem,
    cast(null as varchar) as scope,
    'orders' as figure,
    cast(null as date) as earlier_on,
    cast(day_orders as double) as total,
    cast(worker_orders as double) as part,
from compared
where day_orders <> worker_orders
union all
select
    platform_code,
    province_code,
    business_date,
    'parts differ' as problem,
    cast(null as varchar) as scope,
    'orders_valid' as figure,
    cast(null as date) as earlier_on,
    cast(day_valid as double) as total,
    cast(worker_valid as double) as part,
from compared
where day_valid <> worker_valid
union all
select
    platform_code,
    province_code,
    business_date,
    'parts differ' as problem,
    cast(null as varchar) as scope,
    'premium_yuan' as figure,
    cast(null as date) as earlier_on,
    cast(day_yuan as double) as total,
    cast(worker_yuan as double) as part,
from compared
where day_yuan <> worker_yuan
