/* ---
id: X04
version: 1
title_zh: 出险无单
title_en: claim whose order is not among the orders
consequence: defect
dimension: completeness
responsible: platform
basis: {text: "海南经办规定：职业伤害确认须核对事发订单", grade: V}
effective: [null, null]
needs: [claims, orders]
evidence: [submission, claim_id, order_id, worker_id, programme, injured_at]
message_zh: 申领所列订单不在已报送的订单中；请补报该订单所在业务日的完整订单，或更正订单编号。
message_en: The order named by the claim was not reported; resubmit the complete orders of its day, or correct the number.
defaults:
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-02, claim_id: k1, injured_at: 2025-10-01 12:00:00}
  core.unit: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  core.known_order: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 事发订单不在订单中（另一平台有同号订单不算）
    core.unit: [{}]
    core.claims: [{order_id: o1}]
    core.known_order: [{order_id: o1, platform_code: P03}]
    expect: [{claim_id: k1, order_id: o1, business_date: 2025-10-02}]
  - when: 订单在其他省；申领没有填订单
    core.unit: [{}]
    core.claims: [{order_id: o1}, {claim_id: k2}]
    core.known_order: [{order_id: o1, province_code: 320000}]
    expect: []
  - when: 事发当日该平台尚无任何报送 → 无从核对（归T01）；有一省已报 → 可核对（边界）
    core.unit: [{province_code: 320000}]
    core.claims: [{order_id: o1, injured_at: 2025-09-30 23:59:59}, {claim_id: k2, order_id: o2, injured_at: 2025-10-01 00:00:00}]
    expect: [{claim_id: k2}]
--- */
-- grain: claim that names an order nobody reported, though its platform reported on the day of the injury
with reported as (
    select distinct platform_code, business_date,
    from core.unit
)

select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    claims.claim_id,
    claims.order_id,
    claims.worker_id,
    claims.programme,
    claims.injured_at,
from core.claims as claims
join reported
    on reported.platform_code = claims.platform_code
    and reported.business_date = cast(claims.injured_at as date)
where claims.order_id is not null
    and not exists (
        select 1
        from core.known_order as known
        where known.platform_code = claims.platform_code
            and known.order_id = claims.order_id
    )
