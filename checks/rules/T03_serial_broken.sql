/* ---
id: T03
version: 1
title_zh: 序号断号
title_en: serial gap, repeat, or time order broken
consequence: defect
dimension: completeness
responsible: platform
basis: {text: "报送规范1.0 第3节 serial：平台×省连续、接单时按时间顺序给号、不断号不复用（项目约定）", grade: S}
effective: [null, null]
needs: [orders]
evidence: [problem, first_serial, last_serial, accepted_at, previous_accepted_at]
message_zh: 请补报缺号对应的订单（含已取消订单），更正重号与时间顺序，以新序号重报该业务日。
message_en: Report the orders behind the missing serials (cancelled ones too), mend repeats and time order, and resubmit the date.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-02}
  core.unit: {platform_code: P02, province_code: 310000, orders: 3}
cases:
  - when: 缺11、12两号；14号重复；15号早于14号
    staging.orders:
      - {order_id: o1, serial: 10, accepted_at: 2025-10-02 08:00:00}
      - {order_id: o2, serial: 13, accepted_at: 2025-10-02 08:03:00}
      - {order_id: o3, serial: 14, accepted_at: 2025-10-02 08:04:00}
      - {order_id: o4, serial: 14, accepted_at: 2025-10-02 08:04:00}
      - {order_id: o5, serial: 15, accepted_at: 2025-10-02 08:03:59}
    expect:
      - {problem: gap, first_serial: 11, last_serial: 12, violations: 2}
      - {problem: repeat, first_serial: 14, violations: 1}
      - {problem: time_order, first_serial: 15, violations: 1}
  - when: 日间缺号：前一日末号9，当日首号12；隔零报送日仍须衔接
    staging.orders: [{order_id: o1, serial: 12, accepted_at: 2025-10-02 08:00:00}, {order_id: o9, serial: 14, accepted_at: 2025-10-04 08:00:00, business_date: 2025-10-04}]
    core.unit:
      - {business_date: 2025-10-01, first_serial: 1, last_serial: 9}
      - {business_date: 2025-10-02, first_serial: 12, last_serial: 12}
      - {business_date: 2025-10-03, orders: 0}
      - {business_date: 2025-10-04, first_serial: 14, last_serial: 14}
    expect:
      - {business_date: 2025-10-02, problem: gap, first_serial: 10, last_serial: 11, violations: 2}
      - {business_date: 2025-10-04, problem: gap, first_serial: 13, last_serial: 13, violations: 1}
  - when: 日间复用：当日首号不大于前一日末号
    staging.orders: [{order_id: o1, serial: 8, accepted_at: 2025-10-02 08:00:00}]
    core.unit:
      - {business_date: 2025-10-01, first_serial: 1, last_serial: 9}
      - {business_date: 2025-10-02, first_serial: 8, last_serial: 8}
    expect: [{problem: repeat, first_serial: 8, last_serial: 8, violations: 1}]
  - when: 连续，且与前一日衔接；首日从任意号起；另一省自成一列
    staging.orders:
      - {order_id: o1, serial: 10, accepted_at: 2025-10-02 08:00:00}
      - {order_id: o2, serial: 11, accepted_at: 2025-10-02 08:01:00}
      - {order_id: o3, serial: 500, accepted_at: 2025-10-02 07:00:00, province_code: 320000}
    core.unit:
      - {business_date: 2025-10-01, first_serial: 1, last_serial: 9}
      - {business_date: 2025-10-02, first_serial: 10, last_serial: 11}
      - {business_date: 2025-10-02, first_serial: 500, last_serial: 500, province_code: 320000}
    expect: []
  - when: 前一日缺报（归T01）则日间不判；其他日期的日间断号不在本次重算之列
    staging.orders: [{order_id: o1, serial: 30, accepted_at: 2025-10-02 08:00:00}]
    core.unit:
      - {business_date: 2025-09-29, first_serial: 1, last_serial: 3}
      - {business_date: 2025-09-30, first_serial: 8, last_serial: 9}
      - {business_date: 2025-10-02, first_serial: 30, last_serial: 30}
    expect: []
  - when: 同一秒的订单任意排序；序号读不出的行不留缺口也不补缺口（边界）
    staging.orders:
      - {order_id: o1, serial: 10, accepted_at: 2025-10-02 08:00:00}
      - {order_id: o2, serial: 11, accepted_at: 2025-10-02 08:00:00}
      - {order_id: o3, serial: 12}
      - {order_id: o4, accepted_at: 2025-10-02 07:00:00}
    expect: []
  - when: 只重算手上的平台与日期；缺号与时间颠倒在同一处合计（边界）
    staging.orders:
      - {order_id: o1, serial: 10, accepted_at: 2025-10-02 08:00:00, platform_code: P03}
      - {order_id: o2, serial: 13, accepted_at: 2025-10-02 07:00:00, platform_code: P03}
    core.unit:
      - {business_date: 2025-10-01, first_serial: 1, last_serial: 9}
      - {business_date: 2025-10-02, first_serial: 50, last_serial: 51}
    expect: [{platform_code: P03, problem: gap, first_serial: 11, last_serial: 12, violations: 3}]
  - when: 日间恰好衔接；首号等于前一日末号即复用；整段复用（边界）
    staging.orders: [{order_id: o1, serial: 10, accepted_at: 2025-10-02 08:00:00}, {order_id: o2, serial: 10, accepted_at: 2025-10-03 08:00:00, business_date: 2025-10-03}, {order_id: o3, serial: 4, accepted_at: 2025-10-04 08:00:00, business_date: 2025-10-04}, {order_id: o4, serial: 5, accepted_at: 2025-10-04 08:00:00, business_date: 2025-10-04}]
    core.unit:
      - {business_date: 2025-10-01, first_serial: 1, last_serial: 9}
      - {business_date: 2025-10-02, first_serial: 10, last_serial: 10}
      - {business_date: 2025-10-03, first_serial: 10, last_serial: 10}
      - {business_date: 2025-10-04, first_serial: 4, last_serial: 5}
    expect:
      - {business_date: 2025-10-03, problem: repeat, first_serial: 10, last_serial: 10, violations: 1}
      - {business_date: 2025-10-04, problem: repeat, first_serial: 4, last_serial: 5, violations: 2}
--- */
-- grain: break in the serials of a platform × province: numbers missing or repeated, or a number whose order was
-- accepted before its predecessor's (only what is ordered by is carried along:
-- 10 million rows are sorted). Within a date from its rows; between dates from core.unit, for the dates at hand.
with numbered as (
    select
        platform_code,
        province_code,
        business_date,
        serial,
        accepted_at,
        lag(serial) over unit as previous_serial,
        lag(accepted_at) over unit as previous_accepted_at,
    from staging.orders
    where serial is not null
    window unit as (
        partition by platform_code, province_code, business_date
        order by serial, accepted_at
    )
),

broken as (
    select
        platform_code,
        province_code,
        business_date,
        serial,
        accepted_at,
        previous_serial,
        previous_accepted_at,
    from numbered
    where serial <> previous_serial + 1
        or accepted_at < previous_accepted_at
),

frame as (
    select distinct platform_code, business_date,
    from staging.orders
),

unit as (
    select
        platform_code,
        province_code,
        business_date,
        first_serial,
        last_serial,
        row_number() over (partition by platform_code, province_code order by business_date) as unit_no,
    from core.unit
),

following as (
    select
        platform_code,
        province_code,
        business_date,
        first_serial,
        last_serial,
        unit_no,
        lag(business_date) over pair as previous_date,
        lag(unit_no) over pair as previous_unit_no,
        lag(last_serial) over pair as previous_serial,
    from unit
    where first_serial is not null
    window pair as (
        partition by platform_code, province_code
        order by business_date
    )
),

joint as (
    select
        following.platform_code,
        following.province_code,
        following.business_date,
        following.first_serial,
        following.last_serial,
        following.previous_serial,
    from following
    join frame
        on frame.platform_code = following.platform_code
        and frame.business_date = following.business_date
    where following.first_serial <= following.previous_serial
        or (
            following.first_serial > following.previous_serial + 1
            -- every date between was reported (as nil): else the missing date explains the missing numbers
            and date_diff('day', following.previous_date, following.business_date)
                = following.unit_no - following.previous_unit_no
        )
)

select
    platform_code,
    province_code,
    business_date,
    case
        when serial > previous_serial + 1 then 'gap'
        when serial = previous_serial then 'repeat'
        else 'time_order'
    end as problem,
    case when serial > previous_serial + 1 then previous_serial + 1 else serial end as first_serial,
    case when serial > previous_serial + 1 then serial - 1 else serial end as last_serial,
    accepted_at,
    previous_accepted_at,
    greatest(serial - previous_serial - 1, 0)
        + case when serial = previous_serial or accepted_at < previous_accepted_at then 1 else 0 end as violations,
from broken
union all
select
    platform_code,
    province_code,
    business_date,
    case when first_serial > previous_serial then 'gap' else 'repeat' end as problem,
    least(previous_serial + 1, first_serial) as first_serial,
    case when first_serial > previous_serial then first_serial - 1 else least(previous_serial, last_serial) end
        as last_serial,
    cast(null as timestamp) as accepted_at,
    cast(null as timestamp) as previous_accepted_at,
    case
        when first_serial > previous_serial then first_serial - previous_serial - 1
        else least(previous_serial, last_serial) - first_serial + 1
    end as violations,
from joint
