/* ---
id: X13
version: 1
title_zh: 核验单缺失
title_en: an order known to others is not in the orders
consequence: defect
dimension: completeness
responsible: platform
basis: {text: "人社部发〔2025〕24号：每单必保；报送规范1.0 第5节 worker-checks", grade: V}
effective: [null, null]
needs: [orders, worker_checks]
checked: worker_checks
evidence: [order_id, worker_id, serial, accepted_at, checked_at, draw]
message_zh: 所列订单经他人证实已发生，却不在报送的订单中；请补报该业务日的全部订单并说明原因。
message_en: The listed orders are known to have happened and were not reported; resubmit all orders of the date and say why.
defaults:
  staging.worker_check: {platform_code: P02, worker_id: w1, checked_at: 2025-10-01 20:00:00, accepted_at: 2025-10-01 10:00:00, draw: sampled}
  core.known_order: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  core.unit: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  core.cover: {platform_code: P02, province_code: 310000, worker_id: w1, programme: oip, coverage_id: c1, covered_from: 2025-09-01 00:00:00}
cases:
  - when: 测试单不在订单中；省份取劳动者最近参保地，不明则空
    core.unit: [{}]
    core.cover: [{}, {coverage_id: c2, province_code: 320000, covered_from: 2025-09-20 00:00:00}]
    staging.worker_check: [{order_id: o1, draw: test}, {order_id: o2, worker_id: w9}]
    expect:
      - {order_id: o1, province_code: 320000, business_date: 2025-10-01, draw: test}
      - {order_id: o2, province_code: null}
  - when: 订单已报送（记在哪一省、哪一日都算）
    core.unit: [{}]
    core.known_order: [{order_id: o1, province_code: 320000, business_date: 2025-09-30}]
    staging.worker_check: [{order_id: o1}]
    expect: []
  - when: 同一订单被查两次只算一次；另一平台的同号订单不算
    core.unit: [{}]
    core.known_order: [{order_id: o2, platform_code: P03}]
    staging.worker_check: [{order_id: o2}, {order_id: o2, checked_at: 2025-10-05 20:00:00, accepted_at: null, draw: self}]
    expect: [{order_id: o2, draw: sampled}]
  - when: 该平台当日尚未报送 → 无从核对；没有接单时间的按核验日（边界）
    core.unit: [{}]
    staging.worker_check:
      - {order_id: o1, accepted_at: 2025-10-02 00:00:00}
      - {order_id: o2, accepted_at: null, draw: null}
    expect: [{order_id: o2, draw: self, business_date: 2025-10-01}]
--- */
-- grain: order that someone outside knows and the platform did not report, although it reported on that date (any province)
with checked as (
    select
        platform_code,
        order_id,
        max(worker_id) as worker_id,
        max(serial) as serial,
        min(accepted_at) as accepted_at,
        min(checked_at) as checked_at,
        cast(coalesce(min(accepted_at), min(checked_at)) as date) as business_date,
        arg_min(coalesce(draw, 'self'), checked_at) as draw,
    from staging.worker_check
    where order_id is not null
    group by platform_code, order_id
),

reported as (
    select distinct platform_code, business_date,
    from core.unit
),

place as (
    select
        platform_code,
        worker_id,
        arg_max(province_code, concat(cast(covered_from as varchar), coverage_id)) as province_code,
    from core.cover
    group by platform_code, worker_id
)

select
    checked.platform_code,
    place.province_code,
    checked.business_date,
    checked.order_id,
    checked.worker_id,
    checked.serial,
    checked.accepted_at,
    checked.checked_at,
    checked.draw,
from checked
join reported
    on reported.platform_code = checked.platform_code
    and reported.business_date = checked.business_date
left join place
    on place.platform_code = checked.platform_code
    and place.worker_id = checked.worker_id
where not exists (
    select 1
    from core.known_order as known
    where known.platform_code = checked.platform_code
        and known.order_id = checked.order_id
)
