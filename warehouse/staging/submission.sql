-- grain: version_id (one package version: accepted, refused or superseded)
-- kept: whole
with ranked as (
    select
        p.*,
        row_number() over (
            partition by p.platform_code, p.province_code, p.business_date, p.sequence, p.is_refused
            order by p.submitted_at, p.manifest_digest, p.version_id
        ) as same_sequence_no,
        max(case when not p.is_refused then p.sequence end) over (
            partition by p.platform_code, p.province_code, p.business_date
        ) as last_sequence,
    from staging.package p
)
select
    r.version_id,
    r.submission,
    r.platform_code,
    r.province_code,
    r.business_date,
    r.sequence,
    case
        when r.is_refused or r.same_sequence_no > 1 then 'refused'
        when r.sequence < r.last_sequence then 'superseded'
        else 'accepted'
    end as status,
    not r.is_refused and r.same_sequence_no > 1 as is_same_sequence,
    r.submitted_at,
    r.received_at,
    r.known_at,
    r.night,
    r.manifest_digest,
    r.previous_digest,
    r.reason_code,
    r.reason_text,
    r.manifest,
    r.rows_enrollment,
    r.rows_orders,
    r.rows_claims,
from ranked r
