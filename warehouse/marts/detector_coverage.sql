-- grain: detector × platform_code × province_code (null = nationally): what it could say last night
-- kept: view
-- evidence: a finding stands; clean: tested, none stands; not_applicable: too little data; not_identifiable: this data cannot
-- show the scheme at all; error: the detector crashed (a fault of ours). Never merged: silence is not a pass.
select
    v.detector, v.platform_code, v.province_code,
    case
        when v.outcome <> 'tested' then v.outcome
        when f.finding_id is not null then 'evidence'
        else 'clean'
    end as outcome,
    v.reason, v.n, v.effect, v.log_e, v.threshold, v.night,
from checks.detector_verdict v
left join checks.finding f
    on f.kind = 'detector'
    and f.rule_id = v.detector
    and f.platform_code = v.platform_code
    and coalesce(f.province_code, '') = coalesce(v.province_code, '')
    and f.status not in ('resolved', 'dismissed', 'waived')
