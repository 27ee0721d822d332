-- grain: rule_id × rule_version of the catalogue: what it says, what it rests on, and how often it fired
-- kept: view
-- weakest_grade: of the basis and of every parameter in force at the clock (S, V, W, A in this order): A is shown as 未核实.
-- Verdict counts are cells (platform × province × business_date) as last judged; amount_yuan: open findings only.
with grade_order as (
    select 'S' as grade, 1 as place
    union all
    select 'V', 2
    union all
    select 'W', 3
    union all
    select 'A', 4
),

weak as (
    select used.rule_id, used.rule_version, max(grade_order.place) as place,
    from checks.rule_parameter used
    cross join checks.clock clock
    join ref.parameter parameter
        on parameter.parameter = used.parameter
        and (parameter.valid_to is null or parameter.valid_to > clock.night)
    join grade_order on grade_order.grade = parameter.grade
    group by used.rule_id, used.rule_version
),

switched as (
    select distinct off.rule_id,
    from ref.rule_switches off
    cross join checks.clock clock
    where not off.enabled
        and (off.valid_from is null or off.valid_from <= clock.night)
        and (off.valid_to is null or off.valid_to > clock.night)
),

found as (
    select
        rule_id,
        rule_version,
        count(*) as findings,
        count(case when status in ('open', 'explained', 'confirmed') then 1 end) as findings_open,
        cast(sum(case when status in ('open', 'explained', 'confirmed') then violations end) as bigint) as violations_open,
        sum(case when status in ('open', 'explained', 'confirmed') then amount_yuan end) as amount_yuan,
        min(period_from) as first_hit_on,
        max(period_to) as last_hit_on,
    from checks.finding
    where kind = 'rule'
    group by rule_id, rule_version
),

judged as (
    select
        rule_id,
        rule_version,
        count(case when outcome = 'pass' then 1 end) as cells_pass,
        count(case when outcome = 'hit' then 1 end) as cells_hit,
        count(case when outcome = 'not_applicable' then 1 end) as cells_not_applicable,
        count(case when outcome = 'skipped' then 1 end) as cells_skipped,
        count(case when outcome = 'error' then 1 end) as cells_error,
    from checks.verdict
    group by rule_id, rule_version
)

select
    rule.rule_id,
    rule.rule_version,
    rule.file,
    rule.title_zh,
    rule.title_en,
    rule.consequence,
    rule.dimension,
    rule.responsible,
    rule.basis,
    rule.grade,
    rule.basis_url,
    weakest.grade as weakest_grade,
    rule.effective_from,
    rule.effective_to,
    switched.rule_id is null as is_on,
    rule.needs,
    rule.parameters,
    rule.evidence,
    rule.message_zh,
    rule.message_en,
    rule.cases,
    rule.price,
    coalesce(found.findings, 0) as findings,
    coalesce(found.findings_open, 0) as findings_open,
    coalesce(found.violations_open, 0) as violations_open,
    found.amount_yuan,
    found.first_hit_on,
    found.last_hit_on,
    coalesce(judged.cells_pass, 0) as cells_pass,
    coalesce(judged.cells_hit, 0) as cells_hit,
    coalesce(judged.cells_not_applicable, 0) as cells_not_applicable,
    coalesce(judged.cells_skipped, 0) as cells_skipped,
    coalesce(judged.cells_error, 0) as cells_error,
from checks.rule rule
join grade_order own on own.grade = rule.grade
left join weak on weak.rule_id = rule.rule_id and weak.rule_version = rule.rule_version
join grade_order weakest on weakest.place = greatest(own.place, coalesce(weak.place, 0))
left join switched on switched.rule_id = rule.rule_id
left join found on found.rule_id = rule.rule_id and found.rule_version = rule.rule_version
left join judged on judged.rule_id = rule.rule_id and judged.rule_version = rule.rule_version
