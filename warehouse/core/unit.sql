-- grain: platform × province × business_date with an accepted current version
-- kept: unit
with counted as (
    select
        version_id,
        count(*) as order_rows,
        count(serial) as serial_rows,
        count(distinct serial) as serials,
        min(serial) as first_serial,
        max(serial) as last_serial,
        min(accepted_at) as first_accepted_at,
        max(accepted_at) as last_accepted_at,
        sum(premium_yuan) as premium_yuan,
    from staging.orders
    group by version_id
),
untyped as (
    select version_id, count(distinct concat(extract, '-', cast(row_no as varchar))) as untyped_rows,
    from staging.quarantine
    group by version_id
)
select
    s.platform_code,
    s.province_code,
    s.business_date,
    s.submission,
    s.version_id,
    s.sequence,
    s.submitted_at,
    s.known_at,
    s.rows_orders as orders,
    s.rows_enrollment as enrollment,
    s.rows_claims as claims,
    coalesce(u.untyped_rows, 0) as untyped_rows,
    c.serial_rows,
    c.serials,
    c.first_serial,
    c.last_serial,
    c.first_accepted_at,
    c.last_accepted_at,
    coalesce(c.premium_yuan, 0) as premium_yuan,
from staging.submission s
join build.frame f on f.platform_code = s.platform_code and f.business_date = s.business_date
left join counted c on c.version_id = s.version_id
left join untyped u on u.version_id = s.version_id
where s.status = 'accepted'
