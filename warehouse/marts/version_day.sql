-- grain: version_id that was accepted (superseded ones too): its orders, for revisions
-- kept: view
-- is_first: the first one known. is_settled: the one that held at the night revision_days after the business date, or holds
-- by now where that night is still to come (is_open).
with version as (
    select
        s.platform_code, s.province_code, s.business_date, s.submission, s.version_id, s.sequence, s.status, s.submitted_at,
        s.known_at, s.night, coalesce(s.rows_orders, 0) as orders,
        date_add(s.business_date, cast(p.number as integer) * interval 1 day) as settled_on,
        row_number() over (
            partition by s.platform_code, s.province_code, s.business_date order by s.known_at, s.sequence, s.version_id
        ) as arrival_no,
    from staging.submission s
    join ref.parameter p
        on p.parameter = 'revision_days'
        and p.valid_from <= s.business_date
        and (p.valid_to is null or p.valid_to > s.business_date)
    where s.status <> 'refused'
),
ranked as (
    select
        v.*,
        row_number() over (
            partition by v.platform_code, v.province_code, v.business_date
            order by case when v.arrival_no = 1 or v.night <= v.settled_on then 0 else 1 end, v.sequence desc, v.version_id
        ) as settled_rank,
        count(*) over (partition by v.platform_code, v.province_code, v.business_date) as versions,
    from version v
)
select
    r.platform_code, r.province_code, r.business_date, r.submission, r.version_id, r.sequence, r.status, r.submitted_at,
    r.known_at, r.night, r.orders, r.versions,
    r.arrival_no = 1 as is_first,
    r.settled_rank = 1 as is_settled,
    cast(r.settled_on as timestamp) > cast(c.night as timestamp) as is_open,
from ranked r
cross join (select max(night) as night from checks.clock) c
