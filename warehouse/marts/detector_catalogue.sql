-- grain: detector of this code: what it says in words for auditors, how often it fired, what it could say last night
-- kept: view
-- Cells are platform × province (null = nationally) of the last night, as marts.detector_coverage tells them apart: neither
-- not_applicable nor not_identifiable means clean. findings_open: open, explained or confirmed.
with found as (
    select
        rule_id as detector,
        count(*) as findings,
        count(case when status in ('open', 'explained', 'confirmed') then 1 end) as findings_open,
        count(case when status = 'dismissed' then 1 end) as findings_dismissed,
        count(distinct platform_code) as platforms,
        min(detected_on) as first_detected_on,
        max(detected_on) as last_detected_on,
    from checks.finding
    where kind = 'detector'
    group by rule_id
),
said as (
    select
        detector,
        count(case when outcome = 'evidence' then 1 end) as cells_evidence,
        count(case when outcome = 'clean' then 1 end) as cells_clean,
        count(case when outcome = 'not_applicable' then 1 end) as cells_not_applicable,
        count(case when outcome = 'not_identifiable' then 1 end) as cells_not_identifiable,
        count(case when outcome = 'error' then 1 end) as cells_error,
        max(night) as night,
    from marts.detector_coverage
    group by detector
)
select
    d.detector, d.version, d.title_zh, d.title_en, d.looks_zh, d.looks_en, d.errs_zh, d.errs_en, d.ask_zh, d.ask_en, d.unit, d.source,
    d.schemes,
    coalesce(f.findings, 0) as findings,
    coalesce(f.findings_open, 0) as findings_open,
    coalesce(f.findings_dismissed, 0) as findings_dismissed,
    coalesce(f.platforms, 0) as platforms,
    f.first_detected_on,
    f.last_detected_on,
    coalesce(s.cells_evidence, 0) as cells_evidence,
    coalesce(s.cells_clean, 0) as cells_clean,
    coalesce(s.cells_not_applicable, 0) as cells_not_applicable,
    coalesce(s.cells_not_identifiable, 0) as cells_not_identifiable,
    coalesce(s.cells_error, 0) as cells_error,
    s.night,
from checks.detector d
left join found f on f.detector = d.detector
left join said s on s.detector = d.detector
