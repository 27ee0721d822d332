-- grain: platform × province × business_date × cause × rule_id that keeps an accepted unit from being certified
-- kept: view
-- finding: an open defect, for a row rule from row_defect_share of its rows on, for a package rule always. quarantine: rows
-- that could not be typed. error: a rule that crashed. unjudged: no rule has spoken yet. A breach never stands here.
with share as (
    select number, valid_from, valid_to,
    from ref.parameter
    where parameter = 'row_defect_share'
),
defect as (
    select f.*,
    from checks.finding f
    where f.consequence = 'defect' and f.status in ('open', 'explained', 'confirmed')
),
blocked as (
    select
        u.platform_code, u.province_code, u.business_date, 'finding' as cause, d.rule_id, d.finding_id, d.violations, d.checked,
    from defect d
    join core.unit u
        on u.platform_code = d.platform_code
        and u.province_code = d.province_code
        and u.business_date between d.period_from and d.period_to
    union all
    select
        u.platform_code, u.province_code, u.business_date, 'finding' as cause, d.rule_id, d.finding_id, d.violations, d.checked,
    from defect d
    join core.unit u
        on u.business_date between d.period_from and d.period_to
        and (d.platform_code is null or u.platform_code = d.platform_code)
        and (d.province_code is null or u.province_code = d.province_code)
    where d.platform_code is null or d.province_code is null
),
untyped as (
    select
        q.platform_code, q.province_code, q.business_date, q.rule_id,
        count(distinct concat(q.extract, '-', cast(q.line_no as varchar), '-', cast(q.row_no as varchar))) as violations,
        max(case q.extract when 'orders' then u.orders when 'enrollment' then u.enrollment else u.claims end) as checked,
    from staging.quarantine q
    join core.unit u on u.version_id = q.version_id
    group by q.platform_code, q.province_code, q.business_date, q.rule_id
)
select b.platform_code, b.province_code, b.business_date, b.cause, b.rule_id, b.finding_id, b.violations, b.checked,
from blocked b
join share s on s.valid_from <= b.business_date and (s.valid_to is null or s.valid_to > b.business_date)
where coalesce(b.checked, 0) = 0 or cast(b.violations as double) >= cast(s.number as double) * b.checked
union all
select q.platform_code, q.province_code, q.business_date, 'quarantine' as cause, q.rule_id, f.finding_id, q.violations, q.checked,
from untyped q
left join checks.finding f
    on f.rule_id = q.rule_id
    and f.platform_code = q.platform_code
    and f.province_code = q.province_code
    and f.period_from = q.business_date
where f.status is null or f.status not in ('dismissed', 'waived')
union all
select
    v.platform_code, v.province_code, v.business_date, 'error' as cause, v.rule_id, cast(null as varchar) as finding_id,
    v.violations, v.checked,
from checks.verdict v
join core.unit u on u.platform_code = v.platform_code and u.province_code = v.province_code and u.business_date = v.business_date
where v.outcome = 'error'
union all
select
    u.platform_code, u.province_code, u.business_date, 'unjudged' as cause, cast(null as varchar) as rule_id,
    cast(null as varchar) as finding_id, cast(null as bigint) as violations, cast(null as bigint) as checked,
from core.unit u
where not exists (
    select 1
    from checks.verdict v
    where v.platform_code = u.platform_code and v.province_code = u.province_code and v.business_date = u.business_date
)
