-- grain: platform that insures employees × province × month × engagement: how its workers with orders stand covered
-- kept: whole
-- The promise concerns full-timers: five insurances without a gap. workers: with an order in the month (engagement from the spell that
-- began last, any programme). insured_throughout: employee_insurance covers every day from the first of the month (or the first day ever
-- insured) to the last day worked or insured, no break; insured_with_gap: some days of it only; else oip, commercial (accident cover alone), none. both: also
-- on the oip roll while insured as an employee. bases: spells in force whose contribution base is told.
with clock as (
    select last_date as night, from marts.horizon
),
promising as (
    select distinct platform_code,
    from marts.cover
    where programme = 'employee_insurance'
),
month as (
    select
        c.date as month, cast(c.date + interval 1 month as date) as next_month,
        least(cast(c.date + interval 1 month - interval 1 day as date), k.night) as last_day,
    from ref.calendar c
    cross join clock k
    where extract(day from c.date) = 1 and c.date <= k.night
),
spell as (
    select
        v.platform_code, v.worker_id, v.person, v.programme, v.engagement, v.first_date, v.coverage_id, v.covered_from,
        coalesce(v.last_date, cast('9999-12-31' as date)) as last_date, v.contribution_base_yuan, m.month, m.last_day,
        greatest(v.first_date, m.month) as from_date,
        least(coalesce(v.last_date, m.last_day), m.last_day) as to_date,
    from marts.cover v
    join promising p on p.platform_code = v.platform_code
    join month m on m.last_day >= v.first_date and (v.last_date is null or v.last_date >= m.month)
),
engaged as (
    select
        platform_code, worker_id, month, engagement,
        row_number() over (
            partition by platform_code, worker_id, month order by covered_from desc, case programme when 'employee_insurance' then 0 else 1 end, coverage_id
        ) as place,
    from spell
),
employed as (
    select
        *,
        max(to_date) over (
            partition by platform_code, worker_id, month order by from_date, to_date, coverage_id
            rows between unbounded preceding and 1 preceding
        ) as reached_date,
    from spell
    where programme = 'employee_insurance'
),
insured as (
    select
        platform_code, worker_id, month,
        sum(
            case
                when reached_date is null then date_diff('day', from_date, to_date) + 1
                when to_date > reached_date
                then date_diff('day', greatest(from_date, cast(reached_date + interval 1 day as date)), to_date) + 1
                else 0
            end
        ) as days,
        min(from_date) as first_day,
        max(to_date) as last_day,
        count(contribution_base_yuan) as bases,
        min(contribution_base_yuan) as base_yuan,
    from employed
    group by platform_code, worker_id, month
),
started as (
    select platform_code, worker_id, min(first_date) as first_insured,
    from spell
    where programme = 'employee_insurance'
    group by platform_code, worker_id
),
other as (
    select
        platform_code, worker_id, month,
        max(case when programme = 'oip' then 1 else 0 end) as is_oip,
        max(case when programme = 'commercial_accident' then 1 else 0 end) as is_commercial,
    from spell
    group by platform_code, worker_id, month
),
overlap as (
    select distinct a.platform_code, a.worker_id, a.month,
    from spell a
    join spell b
        on b.platform_code = a.platform_code and b.worker_id = a.worker_id and b.month = a.month
        and b.programme = 'oip' and b.from_date <= a.to_date and b.to_date >= a.from_date
    where a.programme = 'employee_insurance'
),
work as (
    select w.platform_code, w.province_code, w.worker_id, w.month, sum(w.orders) as orders, max(w.last_date) as last_worked,
    from core.worker_month w
    join promising p on p.platform_code = w.platform_code
    group by w.platform_code, w.province_code, w.worker_id, w.month
),
stand as (
    select
        w.platform_code, w.province_code, w.month, w.worker_id, w.orders, coalesce(e.engagement, '') as engagement,
        case
            when i.worker_id is null and coalesce(o.is_oip, 0) = 1 then 'oip'
            when i.worker_id is null and coalesce(o.is_commercial, 0) = 1 then 'commercial'
            when i.worker_id is null then 'none'
            when i.days >= date_diff(
                'day', case when s.first_insured < w.month then w.month else i.first_day end, greatest(w.last_worked, i.last_day)
            ) + 1
            then 'throughout'
            else 'gap'
        end as standing,
        v.worker_id is not null as is_both,
        i.base_yuan,
        coalesce(i.days, 0) as insured_days,
    from work w
    left join engaged e on e.platform_code = w.platform_code and e.worker_id = w.worker_id and e.month = w.month and e.place = 1
    left join insured i on i.platform_code = w.platform_code and i.worker_id = w.worker_id and i.month = w.month
    left join started s on s.platform_code = w.platform_code and s.worker_id = w.worker_id
    left join other o on o.platform_code = w.platform_code and o.worker_id = w.worker_id and o.month = w.month
    left join overlap v on v.platform_code = w.platform_code and v.worker_id = w.worker_id and v.month = w.month
)
select
    platform_code, province_code, month, engagement,
    count(*) as workers,
    count(case when standing = 'throughout' then 1 end) as insured_throughout,
    count(case when standing = 'gap' then 1 end) as insured_with_gap,
    count(case when standing = 'oip' then 1 end) as oip,
    count(case when standing = 'commercial' then 1 end) as commercial_only,
    count(case when standing = 'none' then 1 end) as uncovered,
    count(case when is_both then 1 end) as insured_and_on_oip_roll,
    cast(sum(insured_days) as bigint) as insured_days,
    count(base_yuan) as bases,
    median(cast(base_yuan as double)) as base_yuan_median,
    cast(sum(orders) as bigint) as orders,
from stand
group by platform_code, province_code, month, engagement
