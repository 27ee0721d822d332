/* ---
id: X05
version: 1
title_zh: 出险在单外
title_en: injured outside the order's window
consequence: suspect
dimension: consistency
responsible: platform
basis: {text: "项目约定（参数 injury_window：结束后30分钟），未核实", grade: A}
effective: [null, null]
needs: [claims, orders]
parameters: [injury_window]
evidence: [submission, claim_id, order_id, worker_id, accepted_at, finished_at, injured_at]
message_zh: 请核实事故时间与所列订单的接单、结束时间；订单填写有误的请更正。
message_en: Verify the time of the injury against the order named; correct the order number or the times.
defaults:
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-02, claim_id: k1, order_id: o1}
  core.known_order: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, order_id: o1, accepted_at: 2025-10-01 10:00:00, finished_at: 2025-10-01 10:30:00}
cases:
  - when: 接单之前受伤；结束一小时后受伤
    core.claims: [{injured_at: 2025-10-01 09:00:00}, {claim_id: k2, injured_at: 2025-10-01 11:30:00}]
    core.known_order: [{}]
    expect: [{claim_id: k1}, {claim_id: k2}]
  - when: 途中受伤；订单尚未结束；订单不在订单中归X04
    core.claims: [{injured_at: 2025-10-01 10:10:00}, {claim_id: k2, order_id: o2, injured_at: 2025-10-01 23:00:00}, {claim_id: k3, order_id: o3, injured_at: 2025-10-01 10:10:00}]
    core.known_order: [{}, {order_id: o2, finished_at: null}]
    expect: []
  - when: 接单当刻、结束后恰30分钟、再晚一秒（边界）
    core.claims:
      - {claim_id: k1, injured_at: 2025-10-01 10:00:00}
      - {claim_id: k2, injured_at: 2025-10-01 11:00:00}
      - {claim_id: k3, injured_at: 2025-10-01 11:00:01}
    core.known_order: [{}]
    expect: [{claim_id: k3}]
--- */
-- grain: claim whose injury lies before its order was accepted or too long after it was finished
select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    claims.claim_id,
    claims.order_id,
    claims.worker_id,
    known.accepted_at,
    known.finished_at,
    claims.injured_at,
from core.claims as claims
join core.known_order as known
    on known.platform_code = claims.platform_code
    and known.order_id = claims.order_id
join ref.parameter as bound
    on bound.parameter = 'injury_window'
    and bound.valid_from <= cast(claims.injured_at as date)
    and (bound.valid_to is null or bound.valid_to > cast(claims.injured_at as date))
where claims.injured_at < known.accepted_at
    or date_diff('second', known.finished_at, claims.injured_at) > bound.number * 60
