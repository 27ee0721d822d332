-- grain: platform × province × month × contracting party ('' = the platform itself): who signs with whom, through how many hands
-- kept: whole
-- workers: with a stint under the party that touches the month. joined, departed: stints that begin and end in it; moved: ended because
-- another party took over. levels: parties from this one to the top of the register's chain at the end of the month (1 = signs for
-- the platform directly; 0 = the platform itself), at most five. is_individual: an individual business (code begins with 92, a
-- project convention as in rule P06).
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
signed as (
    select
        s.platform_code, s.province_code, m.month, m.next_month, s.party,
        count(distinct s.worker_id) as workers,
        count(distinct case when s.began_on >= m.month then s.worker_id end) as joined,
        count(distinct case when s.ended_on < m.next_month then s.worker_id end) as departed,
        count(distinct case when s.ended_on < m.next_month and s.next_party is not null then s.worker_id end) as moved,
        count(distinct case when s.ended_on < m.next_month and s.next_party like '92%' and s.party not like '92%' then s.worker_id end)
            as moved_to_individual,
        count(distinct case when s.agreement = 'none' then s.worker_id end) as without_agreement,
    from core.contract s
    cross join clock k
    join month m on m.next_month > s.began_on and (s.ended_on is null or s.ended_on >= m.month)
    where s.began_on <= k.night
    group by s.platform_code, s.province_code, m.month, m.next_month, s.party
),
climbed as (
    select
        p.party, p.month,
        case when p.party = '' then 0 else 1 end
            + case when second.upstream_party is null then 0 else 1 end
            + case when third.upstream_party is null then 0 else 1 end
            + case when fourth.upstream_party is null then 0 else 1 end
            + case when fifth.upstream_party is null then 0 else 1 end as levels,
        coalesce(fifth.upstream_party, fourth.upstream_party, third.upstream_party, second.upstream_party, p.party) as top_party,
    from (select distinct party, month, next_month from signed) p
    left join ref.contracting_chain second
        on second.party = p.party and second.upstream_party <> p.party
        and (second.valid_from is null or second.valid_from < p.next_month)
        and (second.valid_to is null or second.valid_to >= p.next_month)
    left join ref.contracting_chain third
        on third.party = second.upstream_party and third.upstream_party not in (p.party, second.upstream_party)
        and (third.valid_from is null or third.valid_from < p.next_month)
        and (third.valid_to is null or third.valid_to >= p.next_month)
    left join ref.contracting_chain fourth
        on fourth.party = third.upstream_party
        and fourth.upstream_party not in (p.party, second.upstream_party, third.upstream_party)
        and (fourth.valid_from is null or fourth.valid_from < p.next_month)
        and (fourth.valid_to is null or fourth.valid_to >= p.next_month)
    left join ref.contracting_chain fifth
        on fifth.party = fourth.upstream_party
        and fifth.upstream_party not in (p.party, second.upstream_party, third.upstream_party, fourth.upstream_party)
        and (fifth.valid_from is null or fifth.valid_from < p.next_month)
        and (fifth.valid_to is null or fifth.valid_to >= p.next_month)
),
longest as (
    select
        party, month, max(levels) as levels, arg_max(top_party, concat(cast(levels as varchar), top_party)) as top_party,
    from climbed
    group by party, month
)
select
    s.platform_code, s.province_code, s.month, s.party as contracting_party,
    s.party = '' as is_platform,
    s.party like '92%' as is_individual,
    l.levels,
    l.top_party,
    s.workers, s.joined, s.departed, s.moved, s.moved_to_individual, s.without_agreement,
from signed s
join longest l on l.party = s.party and l.month = s.month
