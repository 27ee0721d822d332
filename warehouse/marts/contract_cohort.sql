-- grain: platform × province × party left × month: the most workers who left it together and went on working
-- kept: whole
-- Together: within cohort_days (parameter contracting_pattern) up to a day; the day with the most workers of each month stands.
-- Only who keeps working counts: signed with another party, or with orders on the platform after leaving. to_party: where most
-- of them signed ('' = the platform itself, null = nowhere). is_cohort: at least cohort_workers of them.
with clock as (
    select last_date as night, from marts.horizon
),
active as (
    select platform_code, worker_id, max(last_date) as last_date,
    from core.worker_month
    group by platform_code, worker_id
),
departure as (
    select
        s.platform_code, s.province_code, s.party, s.worker_id, s.ended_on, s.next_party,
        coalesce(a.last_date > s.ended_on, false) as is_seen_later,
    from core.contract s
    cross join clock k
    left join active a on a.platform_code = s.platform_code and a.worker_id = s.worker_id
    where s.ended_on <= k.night and (s.next_party is not null or a.last_date > s.ended_on)
),
day as (
    select distinct platform_code, province_code, party, ended_on,
    from departure
),
counted as (
    select
        d.platform_code, d.province_code, d.party, d.ended_on, cast(p.number as integer) as cohort_days,
        count(distinct e.worker_id) as workers,
    from day d
    join ref.parameter p
        on p.parameter = 'contracting_pattern' and p.key = 'cohort_days'
        and p.valid_from <= d.ended_on and (p.valid_to is null or p.valid_to > d.ended_on)
    join departure e
        on e.platform_code = d.platform_code and e.province_code = d.province_code and e.party = d.party
        and e.ended_on <= d.ended_on and date_diff('day', e.ended_on, d.ended_on) < p.number
    group by d.platform_code, d.province_code, d.party, d.ended_on, p.number
),
peak as (
    select
        *, cast(date_trunc('month', ended_on) as date) as month,
        row_number() over (
            partition by platform_code, province_code, party, cast(date_trunc('month', ended_on) as date)
            order by workers desc, ended_on
        ) as place,
    from counted
),
leaver as (
    select
        p.platform_code, p.province_code, p.party, p.month, p.ended_on as last_left_on, p.workers,
        e.worker_id, e.ended_on, e.next_party, e.is_seen_later,
    from peak p
    join departure e
        on e.platform_code = p.platform_code and e.province_code = p.province_code and e.party = p.party
        and e.ended_on <= p.ended_on and date_diff('day', e.ended_on, p.ended_on) < p.cohort_days
    where p.place = 1
),
destination as (
    select
        platform_code, province_code, party, month, next_party, count(distinct worker_id) as workers,
        row_number() over (
            partition by platform_code, province_code, party, month order by count(distinct worker_id) desc, next_party
        ) as place,
    from leaver
    where next_party is not null
    group by platform_code, province_code, party, month, next_party
),
summed as (
    select
        platform_code, province_code, party, month, min(ended_on) as first_left_on, max(last_left_on) as last_left_on,
        max(workers) as workers,
        count(distinct case when next_party is not null then worker_id end) as moved,
        count(distinct case when is_seen_later then worker_id end) as seen_working,
    from leaver
    group by platform_code, province_code, party, month
)
select
    s.platform_code, s.province_code, s.party as contracting_party, s.month, s.first_left_on, s.last_left_on,
    s.workers, s.moved, s.seen_working, d.next_party as to_party, coalesce(d.workers, 0) as to_party_workers,
    s.workers >= c.number as is_cohort,
from summed s
join ref.parameter c
    on c.parameter = 'contracting_pattern' and c.key = 'cohort_workers'
    and c.valid_from <= s.last_left_on and (c.valid_to is null or c.valid_to > s.last_left_on)
left join destination d
    on d.platform_code = s.platform_code and d.province_code = s.province_code and d.party = s.party
    and d.month = s.month and d.place = 1
