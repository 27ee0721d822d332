-- grain: version_id (one package version, refused and superseded ones too): what `zhibao submissions` prints
-- kept: view
-- accepted_with_warnings: rows of it are in quarantine, or a defect, or a rule about the package itself (S, T), is open on it.
-- reasons: JSON list, why it was refused or warned of. quarantined_*: rows with a cell that could not be typed, and rows that
-- open quarantine findings count (a row counted by two rules counts twice, at most the rows there are).
with warning as (
    select
        f.platform_code, f.province_code, f.period_from as business_date, f.rule_id, f.consequence, f.violations, f.title_zh, f.title_en,
    from checks.finding f
    where
        f.status in ('open', 'explained', 'confirmed')
        and f.consequence <> 'refuse'
        and (f.consequence in ('quarantine', 'defect') or substr(f.rule_id, 1, 1) in ('S', 'T'))
),
untyped as (
    select
        version_id,
        count(distinct case when extract = 'orders' then concat(cast(line_no as varchar), '-', cast(row_no as varchar)) end) as orders,
        count(distinct case when extract = 'enrollment' then concat(cast(line_no as varchar), '-', cast(row_no as varchar)) end) as enrollment,
        count(distinct case when extract = 'claims' then concat(cast(line_no as varchar), '-', cast(row_no as varchar)) end) as claims,
    from staging.quarantine
    group by version_id
),
judged as (
    select platform_code, province_code, business_date, sum(violations) as violations,
    from warning
    where consequence = 'quarantine' and rule_id not in ('S06', 'S07', 'S08', 'V01', 'V02')
    group by platform_code, province_code, business_date
),
said as (
    select
        version_id, rule_id, coalesce(reason_zh, '') as zh, coalesce(reason_en, '') as en, coalesce(file, '') as file,
        coalesce(cast(line_no as varchar), '') as line, coalesce(value, '') as value, coalesce(expected, '') as expected,
        '' as violations,
    from staging.package_reason
    union all
    select
        s.version_id, w.rule_id, w.title_zh as zh, w.title_en as en, '' as file, '' as line, '' as value, '' as expected,
        cast(w.violations as varchar) as violations,
    from warning w
    join staging.submission s
        on s.platform_code = w.platform_code and s.province_code = w.province_code and s.business_date = w.business_date
    where s.status = 'accepted'
),
safe as (
    select
        version_id, rule_id,
        translate(replace(replace(zh, '\', '\\'), '"', '\"'), concat(chr(9), chr(10), chr(13)), '   ') as zh,
        translate(replace(replace(en, '\', '\\'), '"', '\"'), concat(chr(9), chr(10), chr(13)), '   ') as en,
        translate(replace(replace(file, '\', '\\'), '"', '\"'), concat(chr(9), chr(10), chr(13)), '   ') as file,
        translate(replace(replace(value, '\', '\\'), '"', '\"'), concat(chr(9), chr(10), chr(13)), '   ') as value,
        translate(replace(replace(expected, '\', '\\'), '"', '\"'), concat(chr(9), chr(10), chr(13)), '   ') as expected,
        case when line = '' then 'null' else line end as line,
        case when violations = '' then 'null' else violations end as violations,
    from said
),
listed as (
    select
        version_id,
        string_agg(
            concat(
                '{"rule_id": "', rule_id, '", "zh": "', zh, '", "en": "', en, '", "file": "', file, '", "line": ', line,
                ', "value": "', value, '", "expected": "', expected, '", "violations": ', violations, '}'
            ),
            ', ' order by rule_id, file, line, value
        ) as reasons,
    from safe
    group by version_id
)
select
    s.submission,
    s.version_id,
    s.platform_code,
    s.province_code,
    s.business_date,
    s.sequence,
    case when s.status = 'accepted' and (l.version_id is not null or u.version_id is not null) then 'accepted_with_warnings' else s.status end as status,
    case when l.version_id is null then '[]' else concat('[', l.reasons, ']') end as reasons,
    s.rows_enrollment,
    s.rows_orders,
    s.rows_claims,
    coalesce(u.enrollment, 0) + case
        when s.status = 'accepted' and coalesce(s.rows_orders, 0) = 0
        then least(coalesce(j.violations, 0), greatest(coalesce(s.rows_enrollment, 0) - coalesce(u.enrollment, 0), 0)) else 0
    end as quarantined_enrollment,
    coalesce(u.orders, 0) + case
        when s.status = 'accepted' and s.rows_orders > 0
        then least(coalesce(j.violations, 0), greatest(s.rows_orders - coalesce(u.orders, 0), 0)) else 0
    end as quarantined_orders,
    coalesce(u.claims, 0) as quarantined_claims,
    s.submitted_at,
    s.received_at,
    s.known_at,
    s.manifest_digest as digest,
    s.night,
    s.reason_code,
    s.reason_text,
from staging.submission s
left join listed l on l.version_id = s.version_id
left join untyped u on u.version_id = s.version_id
left join judged j on j.platform_code = s.platform_code and j.province_code = s.province_code and j.business_date = s.business_date
