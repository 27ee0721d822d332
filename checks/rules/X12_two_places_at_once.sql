/* ---
id: X12
version: 1
title_zh: 跨平台同时段
title_en: one person's orders on two platforms in prefectures too far apart for the time between them
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "一人不能同时在两地；中心间距离按每小时120公里计（项目约定，未核实）", grade: A}
effective: [null, null]
needs: [orders, enrollment, city_centres]
parameters: [relocation_speed]
evidence: [submission, person, worker_id, city_code, accepted_at, other_platform_code, other_city_code, other_accepted_at, distance_km, seconds]
message_zh: 同一身份在两地接单的间隔短于路程所需：请核实是否租借账号、冒用身份或城市填报有误。
message_en: One identity took orders in two prefectures within less time than the way takes; verify rented accounts, borrowed identities or wrong city codes.
defaults:
  ref.city_centre: {grade: A}
  core.worker: {person: p1}
  core.worker_day: {business_date: 2025-10-01, first_accepted_at: 2025-10-01 08:00:00, last_accepted_at: 2025-10-01 18:00:00}
cases:
  - when: 上午在上海接单，同时在另一平台的北京接单；两边各报一处
    ref.city_centre: [{city_code: "310100", longitude: 121.47, latitude: 31.23}, {city_code: "110100", longitude: 116.4, latitude: 39.9}]
    core.worker: [{platform_code: P02, worker_id: w1}, {platform_code: P03, worker_id: x1}]
    core.worker_day:
      - {platform_code: P02, province_code: "310000", worker_id: w1, city_code: "310100", industry: instant_delivery}
      - {platform_code: P03, province_code: "110000", worker_id: x1, city_code: "110100", industry: instant_delivery, first_accepted_at: 2025-10-01 09:00:00, last_accepted_at: 2025-10-01 09:00:00}
    expect:
      - {platform_code: P02, worker_id: w1, other_platform_code: P03, other_city_code: "110100", seconds: 3600}
      - {platform_code: P03, worker_id: x1, other_platform_code: P02, other_city_code: "310100", seconds: 3600}
  - when: 同城两平台；同一平台两城；间隔够走；不是同一人；没有中心坐标
    ref.city_centre: [{city_code: "310100", longitude: 121.47, latitude: 31.23}, {city_code: "320500", longitude: 120.58, latitude: 31.3}]
    core.worker: [{platform_code: P02, worker_id: w1}, {platform_code: P03, worker_id: x1}, {platform_code: P04, worker_id: y1, person: p2}, {platform_code: P02, worker_id: w3, person: p3}]
    core.worker_day:
      - {platform_code: P02, province_code: "310000", worker_id: w1, city_code: "310100"}
      - {platform_code: P03, province_code: "310000", worker_id: x1, city_code: "310100"}
      - {platform_code: P02, province_code: "310000", worker_id: w3, city_code: "310100"}
      - {platform_code: P02, province_code: "320000", worker_id: w3, city_code: "320500"}
      - {platform_code: P04, province_code: "320000", worker_id: y1, city_code: "320500"}
      - {platform_code: P03, province_code: "320000", worker_id: x1, city_code: "320400"}
      - {platform_code: P03, province_code: "320000", worker_id: x1, city_code: "320500", business_date: 2025-10-02, first_accepted_at: 2025-10-02 08:00:00, last_accepted_at: 2025-10-02 08:00:00}
    expect: []
  - when: 赤道上相距一经度（111.195公里），需3335.8秒：间隔3336秒够，3335秒不够，跨零点亦然（边界）
    ref.city_centre: [{city_code: "310100", longitude: 1, latitude: 0}, {city_code: "320500", longitude: 2, latitude: 0}]
    core.worker: [{platform_code: P02, worker_id: w1}, {platform_code: P03, worker_id: x1}]
    core.worker_day:
      - {platform_code: P02, province_code: "310000", worker_id: w1, city_code: "310100", first_accepted_at: 2025-10-01 08:00:00, last_accepted_at: 2025-10-01 08:00:00}
      - {platform_code: P03, province_code: "320000", worker_id: x1, city_code: "320500", first_accepted_at: 2025-10-01 08:55:36, last_accepted_at: 2025-10-01 23:59:59}
      - {platform_code: P02, province_code: "310000", worker_id: w1, city_code: "310100", business_date: 2025-10-02, first_accepted_at: 2025-10-02 00:55:34, last_accepted_at: 2025-10-02 00:55:34}
    expect: [{platform_code: P03, business_date: 2025-10-01, seconds: 3335}, {platform_code: P02, business_date: 2025-10-02, seconds: 3335}]
--- */
-- grain: worker-day and prefecture whose first or last order stands too close in time to one of the same person on another
-- platform in another prefecture (the closest). Only acceptances count: where somebody finished is not known.
-- Distance: great circle between the registered centres on a sphere of 6371 km (IUGG mean radius).
with several as (
    select person,
    from core.worker
    group by person
    having min(platform_code) <> max(platform_code)
),

placed as (
    select
        day.platform_code,
        day.province_code,
        day.business_date,
        day.worker_id,
        worker.person,
        day.city_code,
        day.first_accepted_at,
        day.last_accepted_at,
        centre.longitude,
        centre.latitude,
    from core.worker_day as day
    join ref.city_centre as centre on centre.city_code = day.city_code
    join core.worker as worker
        on worker.platform_code = day.platform_code
        and worker.worker_id = day.worker_id
    join several on several.person = worker.person
    where day.first_accepted_at is not null
),

event as (
    select platform_code, province_code, business_date, worker_id, person, city_code, longitude, latitude, first_accepted_at as accepted_at,
    from placed
    union
    select platform_code, province_code, business_date, worker_id, person, city_code, longitude, latitude, last_accepted_at as accepted_at,
    from placed
),

pair as (
    select
        one.platform_code,
        one.province_code,
        one.business_date,
        one.worker_id,
        one.person,
        one.city_code,
        one.accepted_at,
        other.platform_code as other_platform_code,
        other.city_code as other_city_code,
        other.accepted_at as other_accepted_at,
        abs(date_diff('second', one.accepted_at, other.accepted_at)) as seconds,
        2 * 6371 * asin(
            least(
                1,
                sqrt(
                    sin(radians(cast(other.latitude - one.latitude as double)) / cast(2 as double))
                    * sin(radians(cast(other.latitude - one.latitude as double)) / cast(2 as double))
                    + cos(radians(cast(one.latitude as double))) * cos(radians(cast(other.latitude as double)))
                    * sin(radians(cast(other.longitude - one.longitude as double)) / cast(2 as double))
                    * sin(radians(cast(other.longitude - one.longitude as double)) / cast(2 as double))
                )
            )
        ) as distance_km,
    from event as one
    join event as other
        on other.person = one.person
        and other.platform_code <> one.platform_code
        and other.city_code <> one.city_code
        and abs(date_diff('day', one.business_date, other.business_date)) <= 2
),

judged as (
    select
        pair.platform_code,
        pair.province_code,
        pair.business_date,
        pair.worker_id,
        pair.person,
        pair.city_code,
        pair.accepted_at,
        pair.other_platform_code,
        pair.other_city_code,
        pair.other_accepted_at,
        pair.distance_km,
        pair.seconds,
        row_number() over (
            partition by pair.platform_code, pair.province_code, pair.business_date, pair.worker_id, pair.city_code
            order by pair.seconds, pair.accepted_at, pair.other_platform_code, pair.other_city_code, pair.other_accepted_at
        ) as place,
    from pair
    join ref.parameter as speed
        on speed.parameter = 'relocation_speed'
        and speed.valid_from <= pair.business_date
        and (speed.valid_to is null or speed.valid_to > pair.business_date)
    where pair.seconds * cast(speed.number as double) < pair.distance_km * 3600
)

select
    judged.platform_code,
    judged.province_code,
    judged.business_date,
    unit.submission,
    judged.person,
    judged.worker_id,
    judged.city_code,
    judged.accepted_at,
    judged.other_platform_code,
    judged.other_city_code,
    judged.other_accepted_at,
    judged.distance_km,
    judged.seconds,
from judged
left join core.unit as unit
    on unit.platform_code = judged.platform_code
    and unit.province_code = judged.province_code
    and unit.business_date = judged.business_date
where judged.place = 1
