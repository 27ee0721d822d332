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
programme as (
    select programme, row_number() over (order by programme) as programme_no,
    from (select distinct programme from ref.programme) known
),
held as (
    select
        v.province_code, v.person, g.programme_no, m.month,
        greatest(v.first_date, m.month) as first_date,
        least(coalesce(v.last_date, k.night), k.night, cast(m.next_month - interval 1 day as date)) as last_date,
    from marts.cover v
    join programme g on g.programme = v.programme
    cross join clock k
    join month m on m.month <= coalesce(v.last_date, k.night) and m.next_month > v.first_date
    where v.first_date <= k.night
),
-- programmes as bits, so that a person is one row and a union of places is an or
here as (
    select province_code, month, person, bit_or(cast(1 as integer) << cast(programme_no - 1 as integer)) as bits,
    from held
    group by province_code, month, person
),
person as (
    select province_code, month, person, bits,
    from here
    union all
    select '' as province_code, month, person, bit_or(bits) as bits,
    from here
    group by month, person
),
-- spells, not their outer dates: two programmes may take turns within a month
at_once as (
    select distinct p.province_code, p.month, p.person,
    from person p
    join held a on a.person = p.person and a.month = p.month and (p.province_code = '' or a.province_code = p.province_code)
    join held b
        on b.person = p.person
        and b.month = p.month
        and (p.province_code = '' or b.province_code = p.province_code)
        and b.programme_no > a.programme_no
        and b.first_date <= a.last_date
        and b.last_date >= a.first_date
    where bit_count(p.bits) > 1
),
counted as (
    select p.province_code, p.month, p.bits, count(*) as persons, count(o.person) as persons_at_once,
    from person p
    left join at_once o on o.province_code = p.province_code and o.month = p.month and o.person = p.person
    group by p.province_code, p.month, p.bits
)
select
    c.province_code, c.month,
    string_agg(g.programme, '+' order by g.programme) as programmes,
    count(*) as programme_count,
    max(c.persons) as persons,
    max(c.persons_at_once) as persons_at_once,
from counted c
join programme g on c.bits & (cast(1 as integer) << cast(g.programme_no - 1 as integer)) <> 0
group by c.province_code, c.month, c.bits
