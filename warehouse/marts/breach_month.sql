-- grain: platform_code × province_code × month × rule_id: what the findings with a price come to, in yuan
-- kept: view
-- amount_yuan: of findings neither resolved, dismissed nor waived, each order, spell or claim priced once (price: contribution short,
-- benefit to recover, refund to workers, terms of a programme). late_fee_yuan: of a contribution, from the end of the month in which
-- it was to be paid (month + contribution_lag_months) to the night, at late_fee_rate a day (grade A).
with priced as (
    select
        finding.platform_code,
        finding.province_code,
        cast(date_trunc('month', finding.period_from) as date) as month,
        finding.rule_id,
        rule.price,
        finding.violations,
        finding.amount_yuan,
    from checks.finding finding
    join checks.rule rule on rule.rule_id = finding.rule_id and rule.rule_version = finding.rule_version
    where finding.amount_yuan is not null
        and finding.status not in ('resolved', 'dismissed', 'waived')
),

summed as (
    select
        platform_code,
        province_code,
        month,
        rule_id,
        price,
        count(*) as findings,
        cast(sum(violations) as bigint) as violations,
        sum(amount_yuan) as amount_yuan,
    from priced
    group by platform_code, province_code, month, rule_id, price
),

due as (
    select
        summed.month,
        cast(max(summed.month + (cast(lag.number as integer) + 1) * interval 1 month) as date) as late_from,
    from summed
    join ref.parameter lag
        on lag.parameter = 'contribution_lag_months'
        and lag.valid_from <= summed.month
        and (lag.valid_to is null or lag.valid_to > summed.month)
    group by summed.month
)

select
    summed.platform_code,
    summed.province_code,
    summed.month,
    summed.rule_id,
    summed.price,
    summed.findings,
    summed.violations,
    summed.amount_yuan,
    case
        when summed.price = 'contribution'
            then summed.amount_yuan * fee.number * greatest(date_diff('day', due.late_from, clock.night), 0)
    end as late_fee_yuan,
from summed
cross join checks.clock clock
left join due on due.month = summed.month
left join ref.parameter fee
    on fee.parameter = 'late_fee_rate'
    and fee.valid_from <= due.late_from
    and (fee.valid_to is null or fee.valid_to > due.late_from)
