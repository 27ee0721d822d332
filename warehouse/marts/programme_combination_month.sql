-- grain: province ('' = all) × month × programmes held in it: distinct persons, each counted once
-- kept: whole
-- programmes: the codes, alphabetical, joined by +. The rows of a province and month add up to its persons under any programme;
-- a programme's own persons are the rows that name it. Held in the month: a spell that touches it; persons_at_once: persons with spells
-- of two programmes in force on one and the same day of it.
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
        v.province_code, v.person, v.programme, m.month,
        greatest(v.first_date, m.month) as first_date,
        least(coalesce(v.last_date, k.night), k.night, cast(m.next_month - interval 1 day as date)) as last_date,
    from marts.cover v
    cross join clock k
    join month m on m.month <= coalesce(v.last_date, k.night) and m.next_month > v.first_date
    where v.first_date <= k.night and v.programme is not null
),
placed as (
    select province_code, person, programme, month, first_date, last_date,
    from held
    union all
    select '' as province_code, person, programme, month, first_date, last_date,
    from held
),
told as (
    select
        *,
        min(programme) over (partition by province_code, month, person) as least_programme,
        max(programme) over (partition by province_code, month, person) as greatest_programme,
    from placed
),
several as (
    select distinct a.province_code, a.month, a.person,
    from told a
    join told b
        on b.province_code = a.province_code
        and b.month = a.month
        and b.person = a.person
        and b.programme > a.programme
        and b.first_date <= a.last_date
        and b.last_date >= a.first_date
    where a.least_programme <> a.greatest_programme
),
person as (
    select province_code, month, person, string_agg(programme, '+' order by programme) as programmes, count(*) as programme_count,
    from (select distinct province_code, month, person, programme from placed) each
    group by province_code, month, person
)
select
    p.province_code, p.month, p.programmes,
    max(p.programme_count) as programme_count,
    count(*) as persons,
    count(s.person) as persons_at_once,
from person p
left join several s on s.province_code = p.province_code and s.month = p.month and s.person = p.person
group by p.province_code, p.month, p.programmes
