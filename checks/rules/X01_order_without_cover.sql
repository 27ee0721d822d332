/* ---
id: X01
version: 1
title_zh: 接单未参保
title_en: order accepted without cover
consequence: breach
dimension: completeness
responsible: platform
basis: {text: "人社部发〔2025〕24号：每人必保；何种工作由何项目保障见参数 cover_programmes", grade: V}
effective: [2022-07-01, null]
needs: [orders, enrollment]
evidence: [submission, order_id, worker_id, work_class, accepted_at, status]
message_zh: 请在接单前为劳动者办理参保登记；所列订单接单时无有效保障，请核实并补报依据。
message_en: Enrol workers before they accept orders. The listed ones were accepted without cover; verify and hand in what shows otherwise.
defaults:
  core.order_cover: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, worker_id: w1, work_class: order, needs_cover: true, is_employee: false}
cases:
  - when: 接单时没有任何保障
    core.order_cover: [{order_id: o1, accepted_at: 2025-10-01 10:00:00, is_covered: false}]
    expect: [{order_id: o1, worker_id: w1}]
  - when: 有保障；五险一金；不需保障（范围外）；人员或接单时间读不出（无从判断）
    core.order_cover:
      - {order_id: o1, accepted_at: 2025-10-01 10:00:00, is_covered: true}
      - {order_id: o2, accepted_at: 2025-10-01 10:00:00, is_covered: false, is_employee: true}
      - {order_id: o3, accepted_at: 2025-10-01 10:00:00, is_covered: false, needs_cover: false}
      - {order_id: o4, accepted_at: 2025-10-01 10:00:00, is_covered: false, worker_id: null}
      - {order_id: o5, is_covered: false}
    expect: []
  - when: 参保当刻接单已保障，终止当刻接单未保障（边界，半开区间由 core.order_cover 判定）
    core.order_cover:
      - {order_id: o1, accepted_at: 2025-10-01 10:00:00, is_covered: true}
      - {order_id: o2, accepted_at: 2025-10-01 18:00:00, is_covered: false}
    expect: [{order_id: o2}]
--- */
-- grain: order that needs cover and was accepted without. Orders that core.order_cover leaves out are covered; one whose worker
-- or time of acceptance cannot be read (S06, S07) proves neither.
select
    platform_code,
    province_code,
    business_date,
    submission,
    order_id,
    worker_id,
    work_class,
    accepted_at,
    status,
from core.order_cover
where needs_cover
    and not is_covered
    and not is_employee
    and worker_id is not null
    and accepted_at is not null
