-- grain: platform × province × industry × month with in-scope orders: the premium tier paid, registered, and recomputed
-- kept: whole
-- Shanghai and the provinces that copy it: an early platform pays the high amount where its payout/contribution ratio over the legal
-- window (float_base_window) reaches high_tier_ratio; a newly joined one the base amount, without a float for first_year_months. The ratio
-- is benefits paid by the agency over contributions collected by the tax office, judged only where collections cover every day
-- of the window (else verdict ratio_unknown). verdict: new (joined late), first_year, high, base, ratio_unknown, float (a float is in
-- force; its bands are grade A, so no amount is expected), single (one amount for everybody). paid_yuan: the amount most
-- completed orders carry. valid and insured orders as everywhere: an employee's order is neither.
with told as (
    select
        platform_code, province_code, industry, cast(date_trunc('month', business_date) as date) as month, premium_yuan,
        max(business_date) as last_date, sum(orders_completed) as orders,
    from core.premium_day
    group by platform_code, province_code, industry, cast(date_trunc('month', business_date) as date), premium_yuan
),
cell as (
    select
        platform_code, province_code, industry, month, max(last_date) as last_date, sum(orders) as orders,
    from told
    group by platform_code, province_code, industry, month
),
most as (
    select
        platform_code, province_code, industry, month, premium_yuan, orders,
        row_number() over (
            partition by platform_code, province_code, industry, month order by orders desc, premium_yuan desc
        ) as place,
    from told
    where premium_yuan > 0
),
valid as (
    select
        platform_code, province_code, industry, cast(date_trunc('month', business_date) as date) as month,
        sum(orders_valid) as orders_valid, sum(orders_insured) as orders_insured,
    from marts.order_day
    group by platform_code, province_code, industry, cast(date_trunc('month', business_date) as date)
),
joined as (
    select platform_code, min(joined_on) as joined_on,
    from ref.platform
    group by platform_code
),
law as (
    select
        c.*, j.joined_on,
        j.joined_on < cast(u.value as date) as is_early,
        (extract(year from c.last_date) - extract(year from j.joined_on)) * 12 + extract(month from c.last_date) - extract(month from j.joined_on)
            - case when extract(day from c.last_date) < extract(day from j.joined_on) then 1 else 0 end as months_joined,
        f.number as first_year_months,
        cast(a.number as decimal(12, 4)) as all_yuan,
        cast(n.number as decimal(12, 4)) as new_yuan,
        cast(e.number as decimal(12, 4)) as early_yuan,
        cast(h.number as decimal(12, 4)) as high_yuan,
        t.premium_yuan as registered_yuan,
        g.number as threshold,
        cast(b.value as date) as window_from,
        cast(d.value as date) as window_to,
        coalesce(i.number, 0) as is_float,
    from cell c
    left join joined j on j.platform_code = c.platform_code
    left join ref.parameter u
        on u.parameter = 'early_platform_until' and u.valid_from <= c.last_date and (u.valid_to is null or u.valid_to > c.last_date)
    left join ref.parameter f
        on f.parameter = 'first_year_months' and f.valid_from <= c.last_date and (f.valid_to is null or f.valid_to > c.last_date)
    left join ref.parameter a
        on a.parameter = 'premium_rate' and a.key = concat(c.industry, '/all')
        and a.valid_from <= c.last_date and (a.valid_to is null or a.valid_to > c.last_date)
    left join ref.parameter n
        on n.parameter = 'premium_rate' and n.key = concat(c.industry, '/new')
        and n.valid_from <= c.last_date and (n.valid_to is null or n.valid_to > c.last_date)
    left join ref.parameter e
        on e.parameter = 'premium_rate' and e.key = concat(c.industry, '/early')
        and e.valid_from <= c.last_date and (e.valid_to is null or e.valid_to > c.last_date)
    left join ref.parameter h
        on h.parameter = 'premium_rate' and h.key = concat(c.industry, '/early_high')
        and h.valid_from <= c.last_date and (h.valid_to is null or h.valid_to > c.last_date)
    left join ref.platform k
        on k.platform_code = c.platform_code and k.industry = c.industry
        and (k.valid_from is null or k.valid_from <= c.last_date) and (k.valid_to is null or k.valid_to > c.last_date)
    left join ref.platform_tiers t
        on t.platform_code = k.platform_code and t.province_code = c.province_code
        and (t.valid_from is null or t.valid_from <= c.last_date) and (t.valid_to is null or t.valid_to > c.last_date)
    left join ref.parameter g
        on g.parameter = 'high_tier_ratio' and g.key = c.province_code
        and g.valid_from <= c.last_date and (g.valid_to is null or g.valid_to > c.last_date)
    left join ref.parameter b
        on b.parameter = 'float_base_window' and b.key = 'from'
        and b.valid_from <= c.last_date and (b.valid_to is null or b.valid_to > c.last_date)
    left join ref.parameter d
        on d.parameter = 'float_base_window' and d.key = 'to'
        and d.valid_from <= c.last_date and (d.valid_to is null or d.valid_to > c.last_date)
    left join ref.parameter i
        on i.parameter = 'float_in_force' and i.key = c.province_code
        and i.valid_from <= c.last_date and (i.valid_to is null or i.valid_to > c.last_date)
),
legal_window as (
    select distinct platform_code, province_code, window_from, window_to,
    from law
    where window_from is not null
),
collected as (
    select
        w.platform_code, w.province_code, w.window_from, sum(s.value) as contributions_yuan,
        sum(date_diff('day', s.date_from, s.date_to) + 1) as days,
    from legal_window w
    join marts.witness s
        on s.platform_code = w.platform_code and s.province_code = w.province_code and s.source = 'tax'
        and s.measure = 'contributions_yuan' and s.date_from >= w.window_from and s.date_to < w.window_to
    group by w.platform_code, w.province_code, w.window_from
),
paid as (
    select w.platform_code, w.province_code, w.window_from, sum(a.benefit_yuan) as benefits_yuan,
    from legal_window w
    join marts.agency_case a
        on a.platform_code = w.platform_code and coalesce(a.order_province_code, a.province_code) = w.province_code
        and cast(a.paid_at as date) >= w.window_from and cast(a.paid_at as date) < w.window_to
    group by w.platform_code, w.province_code, w.window_from
),
judged as (
    select
        l.*,
        coalesce(p.benefits_yuan, 0) as benefits_yuan,
        c.contributions_yuan,
        coalesce(c.days, 0) as days_collected,
        date_diff('day', l.window_from, l.window_to) as days_window,
        case
            when c.contributions_yuan > 0 and c.days = date_diff('day', l.window_from, l.window_to)
            then cast(coalesce(p.benefits_yuan, 0) as double) / c.contributions_yuan
        end as ratio,
    from law l
    left join collected c
        on c.platform_code = l.platform_code and c.province_code = l.province_code and c.window_from = l.window_from
    left join paid p on p.platform_code = l.platform_code and p.province_code = l.province_code and p.window_from = l.window_from
),
said as (
    select
        *,
        case
            when all_yuan is not null and is_float = 0 then 'single'
            when not is_early and months_joined < first_year_months then 'first_year'
            when is_float = 1 and is_early then 'float'
            when not is_early then 'new'
            when threshold is null then 'base'
            when ratio is null then 'ratio_unknown'
            when ratio >= threshold then 'high'
            else 'base'
        end as verdict,
    from judged
)
select
    s.platform_code, s.province_code, s.industry, s.month, s.joined_on, s.is_early,
    cast(s.orders as bigint) as orders_completed,
    cast(coalesce(v.orders_valid, 0) as bigint) as orders_valid,
    cast(coalesce(v.orders_insured, 0) as bigint) as orders_insured,
    m.premium_yuan as paid_yuan,
    cast(coalesce(m.orders, 0) as bigint) as orders_at_paid,
    s.registered_yuan,
    s.verdict,
    case s.verdict
        when 'single' then s.all_yuan
        when 'first_year' then coalesce(s.new_yuan, s.all_yuan)
        when 'new' then coalesce(s.new_yuan, s.all_yuan)
        when 'high' then s.high_yuan
        when 'base' then s.early_yuan
    end as expected_yuan,
    s.threshold, s.window_from, s.window_to, cast(s.benefits_yuan as decimal(18, 2)) as benefits_yuan,
    cast(s.contributions_yuan as decimal(18, 4)) as contributions_yuan, cast(s.days_collected as bigint) as days_collected, s.days_window, s.ratio,
from said s
left join most m
    on m.platform_code = s.platform_code and m.province_code = s.province_code and coalesce(m.industry, '') = coalesce(s.industry, '')
    and m.month = s.month and m.place = 1
left join valid v
    on v.platform_code = s.platform_code and v.province_code = s.province_code and coalesce(v.industry, '') = coalesce(s.industry, '')
    and v.month = s.month
