/* ---
id: T04
version: 1
title_zh: 重编序号
title_en: serial or order id of a known order changed on resubmission
consequence: defect
dimension: credibility
responsible: platform
basis: {text: "论文所列篡改关键指标；报送规范1.0 第3节：序号接单时给定、订单编号永久唯一", grade: S}
effective: [null, null]
needs: [orders, vintages]
evidence: [submission, order_id, serial, earlier_order_id, earlier_serial, earlier_sequence, sequence]
message_zh: 序号与订单编号在接单时确定，重报时不得更改；请恢复首次报送时的编号，并说明更改原因。
message_en: Serial and order id are given at acceptance and never change; restore the ones first reported and explain the change.
defaults:
  staging.order_version: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 删一单后其余顺次前移；换了订单编号
    staging.order_version:
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o1, serial: 1}
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o2, serial: 2}
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o3, serial: 3}
      - {version_id: b, sequence: 2, version_status: accepted, order_id: o1, serial: 1}
      - {version_id: b, sequence: 2, version_status: accepted, order_id: o3, serial: 2}
      - {version_id: b, sequence: 2, version_status: accepted, order_id: o9, serial: 3}
    expect:
      - {order_id: o3, serial: 2, earlier_serial: 3, earlier_order_id: o2, earlier_sequence: 1, sequence: 2}
      - {order_id: o9, serial: 3, earlier_serial: null, earlier_order_id: o3}
  - when: 重报补了一单、改了金额，编号不变；读不出的序号不算更改
    staging.order_version:
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o1, serial: 1, premium_yuan: 0}
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o2}
      - {version_id: b, sequence: 2, version_status: accepted, order_id: o1, serial: 1, premium_yuan: 0.07}
      - {version_id: b, sequence: 2, version_status: accepted, order_id: o2, serial: 2}
    expect: []
  - when: 第2次改号、第3次恢复 → 现行版本无误（边界）
    staging.order_version:
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o1, serial: 1}
      - {version_id: b, sequence: 2, version_status: superseded, order_id: o1, serial: 2}
      - {version_id: c, sequence: 3, version_status: accepted, order_id: o1, serial: 1}
    expect: []
  - when: 别的平台、省、日期的同号互不相干；以最早知道该单的版本为准
    staging.order_version:
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o1, serial: 1}
      - {version_id: b, sequence: 2, version_status: superseded, order_id: o1, serial: 7}
      - {version_id: b, sequence: 2, version_status: superseded, order_id: o2, serial: 1}
      - {version_id: c, sequence: 3, version_status: accepted, order_id: o1, serial: 1}
      - {version_id: d, sequence: 1, version_status: superseded, order_id: o1, serial: 5, province_code: 320000}
      - {version_id: e, sequence: 2, version_status: accepted, order_id: o1, serial: 5, province_code: 320000}
      - {version_id: f, sequence: 1, version_status: superseded, order_id: o8, serial: 1, business_date: 2025-10-02}
      - {version_id: g, sequence: 2, version_status: accepted, order_id: o8, serial: 1, business_date: 2025-10-02}
      - {version_id: h, sequence: 1, version_status: superseded, order_id: o1, serial: 9, platform_code: P03}
      - {version_id: i, sequence: 2, version_status: accepted, order_id: o1, serial: 9, platform_code: P03}
    expect: []
  - when: 首报自己就有重号，重报原样照旧 → 什么也没改（边界）
    staging.order_version:
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o1, serial: 1}
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o1, serial: 2}
      - {version_id: a, sequence: 1, version_status: superseded, order_id: o2, serial: 2}
      - {version_id: b, sequence: 2, version_status: accepted, order_id: o1, serial: 1}
      - {version_id: b, sequence: 2, version_status: accepted, order_id: o1, serial: 2}
      - {version_id: b, sequence: 2, version_status: accepted, order_id: o2, serial: 2}
    expect: []
--- */
-- grain: row of a current version whose serial or order id differs from the first accepted version that knew the order.
-- A later version that restores the first numbering is in order again.
with earlier as (
    select distinct
        platform_code,
        province_code,
        business_date,
        order_id,
        serial,
        sequence,
    from staging.order_version
    where version_status = 'superseded'
        and order_id is not null
        and serial is not null
),

placed as (
    select
        platform_code,
        province_code,
        business_date,
        order_id,
        serial,
        sequence,
        min(sequence) over (partition by platform_code, province_code, business_date, order_id) as order_sequence,
        min(sequence) over (partition by platform_code, province_code, business_date, serial) as serial_sequence,
    from earlier
),

first_of_order as (
    select platform_code, province_code, business_date, order_id, sequence, min(serial) as serial,
    from placed
    where sequence = order_sequence
    group by platform_code, province_code, business_date, order_id, sequence
),

first_of_serial as (
    select platform_code, province_code, business_date, serial, sequence, min(order_id) as order_id,
    from placed
    where sequence = serial_sequence
    group by platform_code, province_code, business_date, serial, sequence
)

select
    current.platform_code,
    current.province_code,
    current.business_date,
    current.submission,
    current.order_id,
    current.serial,
    by_serial.order_id as earlier_order_id,
    by_order.serial as earlier_serial,
    coalesce(by_order.sequence, by_serial.sequence) as earlier_sequence,
    current.sequence,
from staging.order_version as current
left join first_of_order as by_order
    on by_order.platform_code = current.platform_code
    and by_order.province_code = current.province_code
    and by_order.business_date = current.business_date
    and by_order.order_id = current.order_id
left join first_of_serial as by_serial
    on by_serial.platform_code = current.platform_code
    and by_serial.province_code = current.province_code
    and by_serial.business_date = current.business_date
    and by_serial.serial = current.serial
left join placed as same_order
    on same_order.platform_code = current.platform_code
    and same_order.province_code = current.province_code
    and same_order.business_date = current.business_date
    and same_order.order_id = current.order_id
    and same_order.serial = current.serial
    and same_order.sequence = by_order.sequence
left join placed as same_serial
    on same_serial.platform_code = current.platform_code
    and same_serial.province_code = current.province_code
    and same_serial.business_date = current.business_date
    and same_serial.order_id = current.order_id
    and same_serial.serial = current.serial
    and same_serial.sequence = by_serial.sequence
where current.version_status = 'accepted'
    and current.order_id is not null
    and current.serial is not null
    and (
        (by_order.serial is not null and same_order.serial is null)
        or (by_serial.serial is not null and same_serial.serial is null)
    )
