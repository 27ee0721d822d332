-- grain: platform × province × month: commercial accident cover, which is never oip cover, and where injuries go
-- kept: whole
-- persons_without_oip: covered commercially and by no oip spell of any platform that touches the month. claims by month of the first
-- report; on_scheme_orders: commercial claims of an injury on an in-scope order (for the auditor: oip should have had it);
-- claimed_twice: of these, an oip claim for the same order exists too.
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
    select distinct v.platform_code, v.province_code, v.person, v.engagement, m.month, m.next_month,
    from marts.cover v
    cross join clock k
    join month m on m.next_month > v.first_date and (v.last_date is null or v.last_date >= m.month)
    where v.programme = 'commercial_accident' and v.first_date <= k.night
),
also as (
    select distinct h.person, h.month,
    from held h
    join marts.cover v
        on v.person = h.person and v.programme = 'oip' and v.first_date < h.next_month
        and (v.last_date is null or v.last_date >= h.month)
),
person as (
    select
        h.platform_code, h.province_code, h.month,
        count(distinct h.person) as persons,
        count(distinct case when h.engagement in ('part_time', 'crowdsourced') then h.person end) as persons_part_time,
        count(distinct case when a.person is null then h.person end) as persons_without_oip,
    from held h
    left join also a on a.person = h.person and a.month = h.month
    group by h.platform_code, h.province_code, h.month
),
twice as (
    select distinct platform_code, order_id,
    from marts.claim
    where programme = 'oip' and order_id is not null
),
claimed as (
    select
        c.platform_code, c.province_code, cast(date_trunc('month', c.reported_at) as date) as month,
        count(*) as claims,
        count(case when c.is_order_in_scope then 1 end) as on_scheme_orders,
        count(case when c.is_order_in_scope and t.order_id is not null then 1 end) as claimed_twice,
        coalesce(sum(case when c.paid_at is not null then c.benefit_yuan end), 0) as benefit_yuan,
    from marts.claim c
    left join twice t on t.platform_code = c.platform_code and t.order_id = c.order_id
    where c.programme = 'commercial_accident' and c.reported_at is not null
    group by c.platform_code, c.province_code, cast(date_trunc('month', c.reported_at) as date)
)
select
    coalesce(p.platform_code, c.platform_code) as platform_code,
    coalesce(p.province_code, c.province_code) as province_code,
    coalesce(p.month, c.month) as month,
    coalesce(p.persons, 0) as persons,
    coalesce(p.persons_part_time, 0) as persons_part_time,
    coalesce(p.persons_without_oip, 0) as persons_without_oip,
    coalesce(c.claims, 0) as claims,
    coalesce(c.on_scheme_orders, 0) as on_scheme_orders,
    coalesce(c.claimed_twice, 0) as claimed_twice,
    cast(coalesce(c.benefit_yuan, 0) as decimal(18, 2)) as benefit_yuan,
from person p
full join claimed c on c.platform_code = p.platform_code and c.province_code = p.province_code and c.month = p.month
