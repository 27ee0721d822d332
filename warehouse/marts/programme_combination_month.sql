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
each as (
    select distinct province_code, month, person, programme,
    from held
),
placed as (
    select province_code, month, person, programme,
    from each
    union all
    select distinct '' as province_code, month, person, programme,
    from each
),
person as (
    select province_code, month, person, count(*) as programme_count, min(programme) as programme,
    from placed
    group by province_code, month, person
),
several as (
    select p.province_code, p.month, p.person, string_agg(e.programme, '+' order by e.programme) as programmes,
    from person p
    join placed e on e.province_code = p.province_code and e.month = p.month and e.person = p.person
    where p.programme_count > 1
    group by p.province_code, p.month, p.person
),
-- spells, not their outer dates: two programmes may take turns within a month
at_once as (
    select distinct s.province_code, s.month, s.person,
    from several s
    join held a on a.person = s.person and a.month = s.month and (s.province_code = '' or a.province_code = s.province_code)
    join held b
        on b.person = s.person
        and b.month = s.month
        and (s.province_code = '' or b.province_code = s.province_code)
        and b.programme > a.programme
        and b.first_date <= a.last_date
        and b.last_date >= a.first_date
)
select
    p.province_code, p.month,
    coalesce(s.programmes, p.programme) as programmes,
    max(p.programme_count) as programme_count,
    count(*) as persons,
    count(o.person) as persons_at_once,
from person p
left join several s on s.province_code = p.province_code and s.month = p.month and s.person = p.person
left join at_once o on o.province_code = p.province_code and o.month = p.month and o.person = p.person
group by p.province_code, p.month, coalesce(s.programmes, p.programme)
