-- grain: platform × province × month × programme (flexible_pension, flexible_medical, commercial_pension): how many hold it, and where from
-- kept: whole
-- active: persons with a valid order on the platform there; active_holding: of these, with the programme on any platform (应参尽参). outside_id_area: whose
-- identity number was issued in another province: a proxy of insurance at the place of work without hukou, no more (test area 99:
-- always outside). subsidised: with a subsidy told. lapses as in marts.programme_month.
with clock as (
    select last_date as night, from marts.horizon
),
month as (
    select
        c.date as month, cast(c.date + interval 1 month as date) as next_month,
    from ref.calendar c
    cross join clock k
    where extract(day from c.date) = 1 and c.date <= k.night
),
held as (
    select
        v.platform_code, v.province_code, v.programme, m.month, v.person,
        max(case when substr(v.id_area, 1, 2) <> substr(v.province_code, 1, 2) then 1 else 0 end) as is_outside,
        max(case when v.id_area is not null then 1 else 0 end) as is_area_known,
        max(case when v.subsidy_yuan > 0 then 1 else 0 end) as is_subsidised,
    from marts.cover v
    cross join clock k
    join month m on m.next_month > v.first_date and (v.last_date is null or v.last_date >= m.month)
    where v.programme in ('flexible_pension', 'flexible_medical', 'commercial_pension') and v.first_date <= k.night
    group by v.platform_code, v.province_code, v.programme, m.month, v.person
),
active as (
    select distinct
        w.platform_code, w.province_code, w.month, coalesce(p.person, concat(w.platform_code, ':', w.worker_id)) as person,
    from core.worker_month w
    left join core.worker p on p.platform_code = w.platform_code and p.worker_id = w.worker_id
    where w.orders_valid > 0
),
at_work as (
    select platform_code, province_code, month, count(*) as active,
    from active
    group by platform_code, province_code, month
),
holding as (
    select a.platform_code, a.province_code, a.month, h.programme, count(*) as active_holding,
    from active a
    join (select distinct programme, month, person from held) h on h.person = a.person and h.month = a.month
    group by a.platform_code, a.province_code, a.month, h.programme
),
counted as (
    select
        platform_code, province_code, month, programme, count(*) as persons, sum(is_area_known) as area_known,
        sum(case when is_area_known = 1 then is_outside else 0 end) as outside_id_area, sum(is_subsidised) as subsidised,
    from held
    group by platform_code, province_code, month, programme
)
select
    coalesce(c.platform_code, h.platform_code) as platform_code,
    coalesce(c.province_code, h.province_code) as province_code,
    coalesce(c.month, h.month) as month,
    coalesce(c.programme, h.programme) as programme,
    coalesce(c.persons, 0) as persons,
    cast(coalesce(c.area_known, 0) as bigint) as area_known,
    cast(coalesce(c.outside_id_area, 0) as bigint) as outside_id_area,
    cast(coalesce(c.subsidised, 0) as bigint) as subsidised,
    coalesce(w.active, 0) as active,
    coalesce(h.active_holding, 0) as active_holding,
    coalesce(m.lapses, 0) as lapses,
    coalesce(m.subsidy_yuan, 0) as subsidy_yuan,
from counted c
full join holding h
    on h.platform_code = c.platform_code and h.province_code = c.province_code and h.month = c.month and h.programme = c.programme
left join at_work w
    on w.platform_code = coalesce(c.platform_code, h.platform_code)
    and w.province_code = coalesce(c.province_code, h.province_code)
    and w.month = coalesce(c.month, h.month)
left join marts.programme_month m
    on m.platform_code = coalesce(c.platform_code, h.platform_code)
    and m.province_code = coalesce(c.province_code, h.province_code)
    and m.month = coalesce(c.month, h.month)
    and m.programme = coalesce(c.programme, h.programme)
