-- grain: window × place: contributions payable from orders (whole months), at the least and the greatest admissible amount
select
    w.window_no, p.region, p.province, p.platform,
    sum(f.payable_yuan) as payable_yuan,
    sum(f.payable_high_yuan) as payable_high_yuan,
    sum(f.premium_yuan) as told_yuan,
from marts.fund_month f
join asked_pair p on p.platform_code = f.platform_code and p.province_code = f.province_code
join asked_window w on f.month >= date_trunc('month', w.start_date) and f.month < w.end_date
group by 1, 2, 3, 4
