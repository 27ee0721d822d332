-- grain: one reason of one package version
-- kept: whole
select
    version_id, submission, platform_code, province_code, business_date, rule_id, reason_zh, reason_en, file, line_no, value, expected,
from staging.package_fault
union all
select
    version_id, submission, platform_code, province_code, business_date, 'S12' as rule_id,
    '同一序号已有不同内容的报送，以先到者为准' as reason_zh,
    'the same sequence was sent before with other bytes: the earlier stands' as reason_en,
    'manifest.json' as file, cast(null as bigint) as line_no, cast(sequence as varchar) as value,
    'the next sequence number' as expected,
from staging.submission
where is_same_sequence
