-- grain: platform × province × month: contributions payable, told and collected, benefits paid, the gap between them (signed)
-- kept: whole
-- payable: valid orders × the registered tier, else × the least base amount admissible for the platform on that day (payable_high:
-- × the greatest). premium: what the orders carry. collected: tax rows of exactly this platform and province whose dates lie in the
-- month (null = the tax office says nothing). benefits: paid in the month, the agency's where it has cases of the platform, else the
-- platform's claims (is_benefit_estimated). gap = benefits − collected, else − premium (is_gap_estimated): positive is a gap.
with joined as (
    select platform_code, min(joined_on) as joined_on,
    from ref.platform
    group by platform_code
),
day as (
    select
        platform_code, province_code, business_date, industry,
        sum(orders_valid) as orders_valid, sum(premium_yuan) as premium_yuan,
    from marts.order_day
    group by platform_code, province_code, business_date, industry
),
rated as (
    select
        d.platform_code, d.province_code, d.business_date, d.industry, d.orders_valid, d.premium_yuan,
        coalesce(max(t.premium_yuan), min(r.number)) as low_yuan,
        coalesce(max(t.premium_yuan), max(r.number)) as high_yuan,
    from day d
    left join joined j on j.platform_code = d.platform_code
    left join ref.parameter u
        on u.parameter = 'early_platform_until'
        and u.valid_from <= d.business_date
        and (u.valid_to is null or u.valid_to > d.business_date)
    left join ref.parameter r
        on r.parameter = 'premium_rate'
        and r.valid_from <= d.business_date
        and (r.valid_to is null or r.valid_to > d.business_date)
        and split_part(r.key, '/', 1) = d.industry
        and (
            split_part(r.key, '/', 2) = 'all'
            or (split_part(r.key, '/', 2) = 'new' and j.joined_on >= cast(u.value as date))
            or (split_part(r.key, '/', 2) in ('early', 'early_high') and j.joined_on < cast(u.value as date))
        )
    left join ref.platform g
        on g.platform_code = d.platform_code
        and g.industry = d.industry
        and (g.valid_from is null or g.valid_from <= d.business_date)
        and (g.valid_to is null or g.valid_to > d.business_date)
    left join ref.platform_tiers t
        on t.platform_code = g.platform_code
        and t.province_code = d.province_code
        and (t.valid_from is null or t.valid_from <= d.business_date)
        and (t.valid_to is null or t.valid_to > d.business_date)
    group by d.platform_code, d.province_code, d.business_date, d.industry, d.orders_valid, d.premium_yuan
),
paid_in as (
    select
        platform_code, province_code, cast(date_trunc('month', business_date) as date) as month,
        sum(orders_valid) as orders_valid,
        sum(orders_valid * coalesce(low_yuan, 0)) as payable_yuan,
        sum(orders_valid * coalesce(high_yuan, 0)) as payable_high_yuan,
        sum(premium_yuan) as premium_yuan,
    from rated
    group by platform_code, province_code, cast(date_trunc('month', business_date) as date)
),
collected as (
    select platform_code, province_code, cast(date_trunc('month', date_from) as date) as month, sum(value) as collected_yuan,
    from marts.witness
    where
        source = 'tax' and measure = 'contributions_yuan' and platform_code <> '' and province_code <> ''
        and date_trunc('month', date_from) = date_trunc('month', date_to)
    group by platform_code, province_code, cast(date_trunc('month', date_from) as date)
),
benefit as (
    select
        platform_code, province_code, cast(date_trunc('month', paid_at) as date) as month, benefit_yuan, 0 as is_estimated,
    from marts.agency_case
    where paid_at is not null and benefit_yuan is not null
    union all
    select
        platform_code, province_code, cast(date_trunc('month', paid_at) as date) as month, benefit_yuan, 1 as is_estimated,
    from marts.claim
    where programme = 'oip' and not has_agency and paid_at is not null and benefit_yuan is not null
),
paid_out as (
    select
        platform_code, province_code, month, sum(benefit_yuan) as benefits_yuan, count(*) as payments, max(is_estimated) as is_estimated,
    from benefit
    group by platform_code, province_code, month
),
cell as (
    select platform_code, province_code, month from paid_in
    union
    select platform_code, province_code, month from collected
    union
    select platform_code, province_code, month from paid_out
)
select
    c.platform_code, c.province_code, c.month,
    cast(coalesce(i.orders_valid, 0) as bigint) as orders_valid,
    cast(coalesce(i.payable_yuan, 0) as decimal(18, 4)) as payable_yuan,
    cast(coalesce(i.payable_high_yuan, 0) as decimal(18, 4)) as payable_high_yuan,
    cast(coalesce(i.premium_yuan, 0) as decimal(18, 4)) as premium_yuan,
    cast(t.collected_yuan as decimal(18, 4)) as collected_yuan,
    cast(coalesce(o.benefits_yuan, 0) as decimal(18, 2)) as benefits_yuan,
    coalesce(o.payments, 0) as payments,
    coalesce(o.is_estimated, 0) = 1 as is_benefit_estimated,
    cast(coalesce(o.benefits_yuan, 0) - coalesce(t.collected_yuan, i.premium_yuan, 0) as decimal(18, 4)) as gap_yuan,
    t.collected_yuan is null as is_gap_estimated,
    case
        when coalesce(t.collected_yuan, i.premium_yuan) > 0
        then cast(coalesce(o.benefits_yuan, 0) as double) / cast(coalesce(t.collected_yuan, i.premium_yuan) as double)
    end as payout_contribution_ratio,
from cell c
left join paid_in i on i.platform_code = c.platform_code and i.province_code = c.province_code and i.month = c.month
left join collected t on t.platform_code = c.platform_code and t.province_code = c.province_code and t.month = c.month
left join paid_out o on o.platform_code = c.platform_code and o.province_code = c.province_code and o.month = c.month
