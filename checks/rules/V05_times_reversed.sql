/* ---
id: V05
version: 1
title_zh: 时序颠倒
title_en: accepted, picked up and finished out of order
consequence: quarantine
dimension: consistency
responsible: platform
basis: {text: "校验惯例：接单 ≤ 取货（接到乘客）≤ 结束（项目约定）", grade: A}
effective: [null, null]
needs: [orders]
evidence: [submission, order_id, row_no, accepted_at, picked_up_at, finished_at]
message_zh: 请核对所列订单的接单、取货与结束时间，更正后以新序号重报。
message_en: Check acceptance, pick-up and finish of the listed orders and resubmit.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, order_id: o1, accepted_at: 2025-10-01 10:00:00}
cases:
  - when: 取货早于接单；结束早于取货；无取货时结束早于接单
    staging.orders:
      - {order_id: o1, picked_up_at: 2025-10-01 09:59:59, finished_at: 2025-10-01 10:30:00}
      - {order_id: o2, picked_up_at: 2025-10-01 10:10:00, finished_at: 2025-10-01 10:09:59}
      - {order_id: o3, finished_at: 2025-10-01 09:00:00}
    expect: [{order_id: o1}, {order_id: o2}, {order_id: o3}]
  - when: 顺序正确，或尚未取货、结束
    staging.orders: [{picked_up_at: 2025-10-01 10:10:00, finished_at: 2025-10-01 10:30:00}, {order_id: o2}]
    expect: []
  - when: 三个时间在同一秒（边界）
    staging.orders: [{picked_up_at: 2025-10-01 10:00:00, finished_at: 2025-10-01 10:00:00}]
    expect: []
--- */
-- grain: order whose times run backwards
select
    platform_code,
    province_code,
    business_date,
    submission,
    order_id,
    row_no,
    accepted_at,
    picked_up_at,
    finished_at,
from staging.orders
where accepted_at > picked_up_at
    or picked_up_at > finished_at
    or accepted_at > finished_at
