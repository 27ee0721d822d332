-- grain: window × place: worker-months by contracting party (whole months)
select
    w.window_no, p.region, p.province, p.platform,
    sum(c.workers) as contract_months,
    sum(case when not c.is_platform then c.workers else 0 end) as contracted_months,
    sum(case when c.is_individual then c.workers else 0 end) as individual_months,
    sum(c.moved) as contracts_moved,
    sum(c.levels * c.workers) as contract_levels,
from marts.contract_month c
join asked_pair p on p.platform_code = c.platform_code and p.province_code = c.province_code
join asked_window w on c.month >= date_trunc('month', w.start_date) and c.month < w.end_date
group by 1, 2, 3, 4
