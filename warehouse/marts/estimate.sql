-- grain: platform_code × province_code (null = nationally) × measure (orders, workers, injuries) × method: what is probably missing
-- kept: view
-- missing_low and missing_high bound `missing`; null where the method gives none. is_best: the row to show of a measure. Nothing is
-- ever 0 for want of a list: the outcome is then not_identifiable and all three are null. total = reported + missing.
select
    platform_code, province_code, measure, method, is_best, outcome, period_from, period_to,
    reported,
    missing,
    missing_low,
    missing_high,
    reported + missing as total,
    reported + missing_low as total_low,
    reported + missing_high as total_high,
    case when reported + missing > 0 then cast(missing as double) / cast(reported + missing as double) end as missing_share,
    n, reason_zh, reason_en, flags,
from checks.estimate
