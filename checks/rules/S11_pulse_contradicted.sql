/* ---
id: S11
version: 1
title_zh: 时报不符
title_en: the night contradicts the hourly pulses (serial, count, hash), or pulses are missing
consequence: defect
dimension: credibility
responsible: platform
basis: {text: "报送规范1.0 第5节 时报（项目约定）", grade: S}
effective: [null, null]
needs: [pulses, orders]
checked: pulses
evidence: [submission, hour, problem, pulse_serial, night_serial, pulse_orders, night_orders, pulse_hash, night_hash]
message_zh: 夜间报送须与当日各小时的时报一致；请查明差异（删单、改号、改时间或漏发时报），更正后重报。
message_en: The night's orders must agree with the hourly pulses; find what differs (deleted, renumbered, re-timed, or a pulse not sent) and resubmit.
defaults:
  staging.pulse: {platform_code: P02, province_code: 310000}
  core.unit: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, orders: 2}
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 23时的时报说3单，夜间只有2单；22时末号不符；21时摘要不符
    core.unit: [{}]
    staging.orders:
      - {order_id: o1, serial: 10, worker_id: w1, accepted_at: 2025-10-01 08:10:00}
      - {order_id: o2, serial: 11, worker_id: w2, accepted_at: 2025-10-01 09:10:00}
    staging.pulse:
      - {hour: "2025100121", orders: 2, last_serial: 11, rows_hash: 00}
      - {hour: "2025100122", orders: 2, last_serial: 12}
      - {hour: "2025100123", orders: 3, last_serial: 11}
    expect:
      - {hour: "2025100121", problem: hash, night_hash: af11ec1fe308489de226bcde25408e16dc3341be420e6a0a9f8620e5831fe4aa}
      - {hour: "2025100122", problem: serial, pulse_serial: 12, night_serial: 11}
      - {hour: "2025100123", problem: count, pulse_orders: 3, night_orders: 2}
  - when: 各小时一致（摘要的末行换行与否均可，大小写不论）；从22时开始发时报的首日，此前不算缺
    core.unit: [{}]
    staging.orders:
      - {order_id: o1, serial: 10, worker_id: w1, accepted_at: 2025-10-01 22:10:00}
      - {order_id: o2, serial: 11, worker_id: w2, accepted_at: 2025-10-01 23:10:00}
    staging.pulse:
      - {hour: "2025100122", orders: 1, last_serial: 10, rows_hash: 39da951f95c97acba5c4bd150710a7d5c2a591bb7870077f9a0215a96e0b3e51}
      - {hour: "2025100123", orders: 2, last_serial: 11, rows_hash: 3CAD5C8A07A87AE39EDF68C2E4C37C90DFD37ED95478F503DFBEB7DB613FCDAF}
    expect: []
  - when: 次日缺22时的时报；整日删成零报送
    core.unit: [{}, {business_date: 2025-10-02, orders: 0}]
    staging.orders: [{order_id: o1, serial: 10, worker_id: w1, accepted_at: 2025-10-01 23:10:00}]
    staging.pulse:
      - {hour: "2025100123", orders: 1, last_serial: 10}
      - {hour: "2025100200", orders: 0}
      - {hour: "2025100201", orders: 0}
      - {hour: "2025100202", orders: 0}
      - {hour: "2025100203", orders: 0}
      - {hour: "2025100204", orders: 0}
      - {hour: "2025100205", orders: 0}
      - {hour: "2025100206", orders: 0}
      - {hour: "2025100207", orders: 0}
      - {hour: "2025100208", orders: 0}
      - {hour: "2025100209", orders: 0}
      - {hour: "2025100210", orders: 0}
      - {hour: "2025100211", orders: 0}
      - {hour: "2025100212", orders: 0}
      - {hour: "2025100213", orders: 0}
      - {hour: "2025100214", orders: 0}
      - {hour: "2025100215", orders: 0}
      - {hour: "2025100216", orders: 0}
      - {hour: "2025100217", orders: 0}
      - {hour: "2025100218", orders: 0}
      - {hour: "2025100219", orders: 0}
      - {hour: "2025100220", orders: 0}
      - {hour: "2025100221", orders: 0}
      - {hour: "2025100223", orders: 1, last_serial: 12}
    expect: [{hour: "2025100222", problem: missing}, {hour: "2025100223", problem: count, night_orders: 0}]
  - when: 只发了两个小时的时报（自愿），其余不算缺
    core.unit: [{}]
    staging.orders: [{order_id: o1, serial: 10, worker_id: w1, accepted_at: 2025-10-01 08:10:00}]
    staging.pulse: [{hour: "2025100108", orders: 1, last_serial: 10}, {hour: "2025100112", orders: 1, last_serial: 10}]
    expect: []
  - when: 没有夜间报送的日子归T01；没有时报的平台不适用
    core.unit: [{platform_code: P03}]
    staging.orders: [{platform_code: P03, order_id: o1, serial: 10, accepted_at: 2025-10-01 22:10:00}]
    staging.pulse: [{hour: "2025100123", orders: 5, last_serial: 12}]
    expect: []
  - when: 小时末整点的订单属下一小时（边界）
    core.unit: [{}]
    staging.orders:
      - {order_id: o1, serial: 10, worker_id: w1, accepted_at: 2025-10-01 22:59:59}
      - {order_id: o2, serial: 11, worker_id: w2, accepted_at: 2025-10-01 23:00:00}
    staging.pulse: [{hour: "2025100122", orders: 1, last_serial: 10}, {hour: "2025100123", orders: 2, last_serial: 11}]
    expect: []
  - when: 各平台、省、日期的时报各对各的夜间订单
    core.unit: [{}, {province_code: 320000}, {platform_code: P03}, {business_date: 2025-10-02}]
    staging.orders:
      - {order_id: o1, serial: 10, worker_id: w1, accepted_at: 2025-10-01 23:10:00}
      - {order_id: o2, serial: 20, worker_id: w1, accepted_at: 2025-10-01 23:10:00, province_code: 320000}
      - {order_id: o3, serial: 30, worker_id: w1, accepted_at: 2025-10-01 23:10:00, platform_code: P03}
    staging.pulse:
      - {hour: "2025100123", orders: 1, last_serial: 10}
      - {hour: "2025100123", orders: 1, last_serial: 20, province_code: 320000}
      - {hour: "2025100123", orders: 1, last_serial: 31, platform_code: P03}
    expect: [{platform_code: P03, problem: serial, night_serial: 30}]
--- */
-- grain: hour whose pulse the night contradicts, or that has none.
-- Pulses are optional: a platform that sends a few owes no others. One that sent half of a date's hours sends by the hour
-- and owes all of them, from the hour of its very first pulse. Lines of the hash are serial,order_id,worker_id,accepted_at by serial, each ended by a
-- line feed; one without the last line feed is taken too.
with pulse as (
    select
        platform_code,
        province_code,
        cast(concat_ws('-', substr(hour, 1, 4), substr(hour, 5, 2), substr(hour, 7, 2)) as date) as business_date,
        cast(substr(hour, 9, 2) as integer) as hour_no,
        hour,
        last_serial,
        orders,
        lower(rows_hash) as rows_hash,
    from staging.pulse
),

unit as (
    select distinct unit.platform_code, unit.province_code, unit.business_date, unit.submission,
    from core.unit as unit
    join pulse
        on pulse.platform_code = unit.platform_code
        and pulse.province_code = unit.province_code
        and pulse.business_date = unit.business_date
),

taken as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.serial,
        extract(hour from orders.accepted_at) as hour_no,
        concat_ws(
            ',',
            cast(orders.serial as varchar),
            coalesce(orders.order_id, ''),
            coalesce(orders.worker_id, ''),
            cast(orders.accepted_at as varchar)
        ) as line,
    from staging.orders as orders
    join unit
        on unit.platform_code = orders.platform_code
        and unit.province_code = orders.province_code
        and unit.business_date = orders.business_date
    where cast(orders.accepted_at as date) = orders.business_date
),

judged as (
    select distinct platform_code, province_code, business_date,
    from taken
    union
    select platform_code, province_code, business_date,
    from core.unit
    where orders = 0
),

hourly as (
    select platform_code, province_code, business_date, hour_no, count(*) as orders, max(serial) as last_serial,
    from taken
    group by platform_code, province_code, business_date, hour_no
),

counted as (
    select
        pulse.platform_code,
        pulse.province_code,
        pulse.business_date,
        pulse.hour_no,
        coalesce(sum(hourly.orders), 0) as orders,
        max(hourly.last_serial) as last_serial,
    from pulse
    join judged
        on judged.platform_code = pulse.platform_code
        and judged.province_code = pulse.province_code
        and judged.business_date = pulse.business_date
    left join hourly
        on hourly.platform_code = pulse.platform_code
        and hourly.province_code = pulse.province_code
        and hourly.business_date = pulse.business_date
        and hourly.hour_no <= pulse.hour_no
    group by pulse.platform_code, pulse.province_code, pulse.business_date, pulse.hour_no
),

hashed as (
    select
        pulse.platform_code,
        pulse.province_code,
        pulse.business_date,
        pulse.hour_no,
        sha256(concat(string_agg(taken.line, chr(10) order by taken.serial, taken.line), chr(10))) as rows_hash,
        sha256(string_agg(taken.line, chr(10) order by taken.serial, taken.line)) as rows_hash_open,
    from pulse
    join taken
        on taken.platform_code = pulse.platform_code
        and taken.province_code = pulse.province_code
        and taken.business_date = pulse.business_date
        and taken.hour_no <= pulse.hour_no
    where pulse.rows_hash is not null
    group by pulse.platform_code, pulse.province_code, pulse.business_date, pulse.hour_no
),

contradicted as (
    select
        pulse.platform_code,
        pulse.province_code,
        pulse.business_date,
        pulse.hour,
        case
            when pulse.orders <> counted.orders then 'count'
            when coalesce(pulse.last_serial, -1) <> coalesce(counted.last_serial, -1) and pulse.orders > 0 then 'serial'
            when pulse.rows_hash not in (hashed.rows_hash, hashed.rows_hash_open) then 'hash'
        end as problem,
        pulse.last_serial as pulse_serial,
        counted.last_serial as night_serial,
        pulse.orders as pulse_orders,
        counted.orders as night_orders,
        pulse.rows_hash as pulse_hash,
        hashed.rows_hash as night_hash,
    from pulse
    join counted
        on counted.platform_code = pulse.platform_code
        and counted.province_code = pulse.province_code
        and counted.business_date = pulse.business_date
        and counted.hour_no = pulse.hour_no
    left join hashed
        on hashed.platform_code = pulse.platform_code
        and hashed.province_code = pulse.province_code
        and hashed.business_date = pulse.business_date
        and hashed.hour_no = pulse.hour_no
),

hour_of_day as (
    select hour_no,
    from (
        values
            (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11),
            (12), (13), (14), (15), (16), (17), (18), (19), (20), (21), (22), (23)
    ) as hours (hour_no)
),

hourly_sender as (
    select platform_code, province_code, business_date,
    from pulse
    group by platform_code, province_code, business_date
    having count(distinct hour_no) >= 12
),

first_pulse as (
    select platform_code, province_code, min(hour) as first_hour,
    from pulse
    group by platform_code, province_code
),

missing as (
    select
        unit.platform_code,
        unit.province_code,
        unit.business_date,
        concat(
            replace(cast(unit.business_date as varchar), '-', ''),
            lpad(cast(hour_of_day.hour_no as varchar), 2, '0')
        ) as hour,
    from unit
    join judged
        on judged.platform_code = unit.platform_code
        and judged.province_code = unit.province_code
        and judged.business_date = unit.business_date
    cross join hour_of_day
    left join pulse
        on pulse.platform_code = unit.platform_code
        and pulse.province_code = unit.province_code
        and pulse.business_date = unit.business_date
        and pulse.hour_no = hour_of_day.hour_no
    where pulse.hour_no is null
),

found as (
    select
        platform_code,
        province_code,
        business_date,
        hour,
        problem,
        pulse_serial,
        night_serial,
        pulse_orders,
        night_orders,
        pulse_hash,
        night_hash,
    from contradicted
    where problem is not null
    union all
    select
        missing.platform_code,
        missing.province_code,
        missing.business_date,
        missing.hour,
        'missing' as problem,
        cast(null as bigint) as pulse_serial,
        cast(null as bigint) as night_serial,
        cast(null as bigint) as pulse_orders,
        cast(null as bigint) as night_orders,
        cast(null as varchar) as pulse_hash,
        cast(null as varchar) as night_hash,
    from missing
    join hourly_sender
        on hourly_sender.platform_code = missing.platform_code
        and hourly_sender.province_code = missing.province_code
        and hourly_sender.business_date = missing.business_date
    join first_pulse
        on first_pulse.platform_code = missing.platform_code
        and first_pulse.province_code = missing.province_code
        and first_pulse.first_hour < missing.hour
)

select
    found.platform_code,
    found.province_code,
    found.business_date,
    unit.submission,
    found.hour,
    found.problem,
    found.pulse_serial,
    found.night_serial,
    found.pulse_orders,
    found.night_orders,
    found.pulse_hash,
    found.night_hash,
from found
join unit
    on unit.platform_code = found.platform_code
    and unit.province_code = found.province_code
    and unit.business_date = found.business_date
