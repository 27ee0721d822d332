-- grain: window × place: days, premiums, subsidies and interruptions of cover, of whole months (oip, or each programme)
select
    w.window_no, p.region, p.province, p.platform, case when $by_programme then m.programme end as programme,
    sum(m.person_days) as cover_days,
    sum(m.spells_began) as spells_began,
    sum(m.lapses) as cover_lapses,
    sum(m.resumed) as cover_resumed,
    sum(m.premium_yuan) as cover_premium_yuan,
    sum(m.subsidy_yuan) as subsidy_yuan,
    sum(m.worker_paid_yuan) as worker_paid_yuan,
from marts.programme_month m
join asked_pair p on p.platform_code = m.platform_code and p.province_code = m.province_code
join asked_window w on m.month >= date_trunc('month', w.start_date) and m.month < w.end_date
where m.platform_code <> '' and m.province_code <> '' and (m.programme = 'oip' or $by_programme)
group by 1, 2, 3, 4, 5
