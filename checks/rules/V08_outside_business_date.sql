/* ---
id: V08
version: 1
title_zh: 业务日不符
title_en: accepted outside the business date, or city outside the province
consequence: quarantine
dimension: validity
responsible: platform
basis: {text: "报送规范1.0 第1、3节：一批次一省一业务日（00:00至24:00），市归属以行政区划登记表为准（项目约定）", grade: S}
effective: [null, null]
needs: [orders]
evidence: [submission, order_id, row_no, accepted_at, city_code, city_province_code]
message_zh: 请将所列订单报入其接单日与接单地所在省的批次，并以新序号重报本批次。
message_en: Report the listed orders in the package of their own date and province, and resubmit this one.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, city_code: 310100}
cases:
  - when: 次日零点接单；市属江苏
    staging.orders:
      - {order_id: o1, accepted_at: 2025-10-02 00:00:00}
      - {order_id: o2, accepted_at: 2025-10-01 10:00:00, city_code: 320500}
    expect: [{order_id: o1}, {order_id: o2, city_province_code: 320000}]
  - when: 当日本市
    staging.orders: [{order_id: o1, accepted_at: 2025-10-01 10:00:00}]
    expect: []
  - when: 当日首秒与末秒；市未登记或读不出归S08、S06（边界）
    staging.orders:
      - {order_id: o1, accepted_at: 2025-10-01 00:00:00}
      - {order_id: o2, accepted_at: 2025-10-01 23:59:59}
      - {order_id: o3, accepted_at: 2025-10-01 10:00:00, city_code: 999999}
      - {order_id: o4}
    expect: []
  - when: 兵团城市属660000，不属650000（边界）
    staging.orders:
      - {order_id: o1, accepted_at: 2025-10-01 10:00:00, city_code: 659001, province_code: 660000}
      - {order_id: o2, accepted_at: 2025-10-01 10:00:00, city_code: 659001, province_code: 650000}
    expect: [{order_id: o2, province_code: 650000, city_province_code: 660000}]
--- */
-- grain: order that does not belong to its package's date or province
select
    orders.platform_code,
    orders.province_code,
    orders.business_date,
    orders.submission,
    orders.order_id,
    orders.row_no,
    orders.accepted_at,
    orders.city_code,
    city.province_code as city_province_code,
from staging.orders as orders
left join ref.city as city on city.city_code = orders.city_code
where cast(orders.accepted_at as date) <> orders.business_date
    or city.province_code <> orders.province_code
