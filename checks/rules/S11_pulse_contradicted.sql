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
  core.unit: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  staging.pulse_night: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, orders: 2, last_serial: 11, rows_hash: aa, rows_hash_open: bb}
cases:
  - when: 单数、末号、摘要不符；自愿只发几个小时的，其余不算缺
    core.unit: [{}]
    staging.pulse_night: [{hour_no: 20}, {hour_no: 21}, {hour_no: 22}, {hour_no: 23}]
    staging.pulse:
      - {hour: "2025100120", orders: 3, last_serial: 11}
      - {hour: "2025100121", orders: 2, last_serial: 12}
      - {hour: "2025100123", orders: 2, last_serial: 11, rows_hash: cc}
    expect:
      - {hour: "2025100120", problem: count, pulse_orders: 3, night_orders: 2}
      - {hour: "2025100121", problem: serial, pulse_serial: 12, night_serial: 11}
      - {hour: "2025100123", problem: hash}
  - when: 一致（摘要末行换行与否均可，大小写不论，可不报摘要）；别的平台、省、日期各对各的
    core.unit: [{}, {province_code: 320000}, {platform_code: P03}]
    staging.pulse_night:
      - {hour_no: 21}
      - {hour_no: 22}
      - {hour_no: 23}
      - {hour_no: 23, province_code: 320000, orders: 5, last_serial: 20}
      - {hour_no: 23, platform_code: P03, orders: 0, last_serial: null}
    staging.pulse:
      - {hour: "2025100121", orders: 2, last_serial: 11, rows_hash: AA}
      - {hour: "2025100122", orders: 2, last_serial: 11, rows_hash: bb}
      - {hour: "2025100123", orders: 2, last_serial: 11}
      - {hour: "2025100123", orders: 5, last_serial: 20, province_code: 320000}
      - {hour: "2025100123", orders: 0, platform_code: P03, rows_hash: dd}
    expect: []
  - when: 发了半日以上的日子，缺的小时都算；首次时报之前的不算（边界）
    core.unit: [{business_date: 2025-10-02}]
    staging.pulse_night:
      - {hour_no: 0, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 1, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 2, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 3, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 4, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 5, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 6, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 7, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 8, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 9, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 10, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 11, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 12, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 13, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 14, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 15, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 16, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 17, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 18, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 19, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 20, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 21, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 22, business_date: 2025-10-02, orders: 0, last_serial: null}
      - {hour_no: 23, business_date: 2025-10-02, orders: 0, last_serial: null}
    staging.pulse:
      - {hour: "2025100202", orders: 0, last_serial: null}
      - {hour: "2025100203", orders: 0, last_serial: null}
      - {hour: "2025100204", orders: 0, last_serial: null}
      - {hour: "2025100205", orders: 0, last_serial: null}
      - {hour: "2025100206", orders: 0, last_serial: null}
      - {hour: "2025100207", orders: 0, last_serial: null}
      - {hour: "2025100208", orders: 0, last_serial: null}
      - {hour: "2025100209", orders: 0, last_serial: null}
      - {hour: "2025100210", orders: 0, last_serial: null}
      - {hour: "2025100211", orders: 0, last_serial: null}
      - {hour: "2025100212", orders: 0, last_serial: null}
      - {hour: "2025100213", orders: 0, last_serial: null}
      - {hour: "2025100214", orders: 0, last_serial: null}
      - {hour: "2025100215", orders: 0, last_serial: null}
      - {hour: "2025100216", orders: 0, last_serial: null}
      - {hour: "2025100218", orders: 0, last_serial: null}
      - {hour: "2025100219", orders: 0, last_serial: null}
      - {hour: "2025100220", orders: 0, last_serial: null}
      - {hour: "2025100221", orders: 0, last_serial: null}
      - {hour: "2025100222", orders: 0, last_serial: null}
      - {hour: "2025100223", orders: 0, last_serial: null}
    expect: [{hour: "2025100217", problem: missing}]
  - when: 整日删成零报送，时报却有单
    core.unit: [{}]
    staging.pulse_night: [{hour_no: 23, orders: 0, last_serial: null}]
    staging.pulse: [{hour: "2025100123", orders: 1, last_serial: 10}]
    expect: [{problem: count, night_orders: 0}]
--- */
-- grain: hour whose pulse the night contradicts, or that has none.
-- What the night says of each hour is hashed when it is loaded (staging.pulse_night): SQL cannot go on with a hash.
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

first_pulse as (
    select platform_code, province_code, min(hour) as first_hour,
    from pulse
    group by platform_code, province_code
),

hourly_sender as (
    select platform_code, province_code, business_date,
    from pulse
    group by platform_code, province_code, business_date
    having count(distinct hour_no) >= 12
),

compared as (
    select
        night.platform_code,
        night.province_code,
        night.business_date,
        concat(
            replace(cast(night.business_date as varchar), '-', ''),
            lpad(cast(night.hour_no as varchar), 2, '0')
        ) as hour,
        case
            when pulse.hour is null and hourly_sender.platform_code is not null then 'missing'
            when pulse.orders <> night.orders then 'count'
            when pulse.orders > 0 and coalesce(pulse.last_serial, -1) <> coalesce(night.last_serial, -1) then 'serial'
            when pulse.orders > 0 and pulse.rows_hash not in (night.rows_hash, night.rows_hash_open) then 'hash'
        end as problem,
        pulse.last_serial as pulse_serial,
        night.last_serial as night_serial,
        pulse.orders as pulse_orders,
        night.orders as night_orders,
        pulse.rows_hash as pulse_hash,
        night.rows_hash as night_hash,
    from staging.pulse_night as night
    left join pulse
        on pulse.platform_code = night.platform_code
        and pulse.province_code = night.province_code
        and pulse.business_date = night.business_date
        and pulse.hour_no = night.hour_no
    left join hourly_sender
        on hourly_sender.platform_code = night.platform_code
        and hourly_sender.province_code = night.province_code
        and hourly_sender.business_date = night.business_date
)

select
    compared.platform_code,
    compared.province_code,
    compared.business_date,
    unit.submission,
    compared.hour,
    compared.problem,
    compared.pulse_serial,
    compared.night_serial,
    compared.pulse_orders,
    compared.night_orders,
    compared.pulse_hash,
    compared.night_hash,
from compared
join core.unit as unit
    on unit.platform_code = compared.platform_code
    and unit.province_code = compared.province_code
    and unit.business_date = compared.business_date
join first_pulse
    on first_pulse.platform_code = compared.platform_code
    and first_pulse.province_code = compared.province_code
    and first_pulse.first_hour <= compared.hour
where compared.problem is not null
