-- grain: platform × province × month: pension subsidies due, paid, missing and undue
-- kept: view
select
    platform_code, province_code, month,
    count(*) as workers,
    count(case when is_due then 1 end) as due,
    count(case when is_paid then 1 end) as paid,
    count(case when outcome = 'missing' then 1 end) as missing,
    count(case when outcome = 'undue' then 1 end) as undue,
    count(case when outcome = 'amount' then 1 end) as wrong_amount,
    count(case when outcome = 'unknown' then 1 end) as unknown,
    cast(sum(due_yuan) as decimal(18, 4)) as due_yuan,
    cast(sum(paid_yuan) as decimal(18, 4)) as paid_yuan,
    cast(sum(case when outcome = 'missing' then due_yuan else 0 end) as decimal(18, 4)) as missing_yuan,
    cast(sum(case when outcome = 'undue' then paid_yuan else 0 end) as decimal(18, 4)) as undue_yuan,
from marts.pension_subsidy
group by platform_code, province_code, month
