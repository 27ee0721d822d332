-- grain: scheme F01–F34: its name, what would show it, and how many detectors of this code may speak for it
-- kept: view
-- A scheme with no detector is not looked for at all; findings_open counts those of its detectors, whatever they rank first.
with spoken as (
    select
        s.scheme,
        count(*) as detectors,
        sum(c.findings_open) as findings_open,
    from checks.detector_scheme s
    join marts.detector_catalogue c on c.detector = s.detector
    group by s.scheme
)
select
    s.scheme, s.title_zh, s.title_en, s.shown_zh, s.shown_en,
    coalesce(p.detectors, 0) as detectors,
    cast(coalesce(p.findings_open, 0) as bigint) as findings_open,
from checks.scheme s
left join spoken p on p.scheme = s.scheme
