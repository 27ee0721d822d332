/* ---
id: T09
version: 1
title_zh: 申请逾期
title_en: application over 30 days by the platform, over 90 days by the person
consequence: suspect
dimension: timeliness
responsible: platform
basis: {text: "职业伤害确认申请：平台30日内，个人90日内（依据弱）", grade: W}
effective: [2022-07-01, null]
needs: [claims]
parameters: [application_days]
evidence: [submission, claim_id, reported_by, injured_at, applied_at, days, limit_days]
message_zh: 平台应在事故发生之日起30日内提出申请；请改进报案与申请流程。
message_en: The platform applies within 30 days of the accident; mend reporting and application.
defaults:
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-20, claim_id: k1, programme: oip, injured_at: 2025-09-01 12:00:00, reported_by: platform}
cases:
  - when: 平台40日后申请；本人95日后申请
    core.claims: [{applied_at: 2025-10-11 09:00:00}, {claim_id: k2, reported_by: worker, applied_at: 2025-12-05 09:00:00}]
    expect: [{claim_id: k1, days: 40, limit_days: 30}, {claim_id: k2, days: 95, limit_days: 90}]
  - when: 及时申请；近亲属40日后申请；主管部门发现的；尚未申请
    core.claims:
      - {applied_at: 2025-09-03 09:00:00}
      - {claim_id: k2, reported_by: family, applied_at: 2025-10-11 09:00:00}
      - {claim_id: k3, reported_by: authority, applied_at: 2026-03-01 09:00:00}
      - {claim_id: k4}
    expect: []
  - when: 恰第30日；第31日；恰第90日（边界）
    core.claims:
      - {claim_id: k1, applied_at: 2025-10-01 23:59:59}
      - {claim_id: k2, applied_at: 2025-10-02 00:00:00}
      - {claim_id: k3, reported_by: worker, applied_at: 2025-11-30 23:59:59}
    expect: [{claim_id: k2, days: 31}]
--- */
-- grain: oip claim applied for too many calendar days after the injury, by whoever reported it
select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    claims.claim_id,
    claims.reported_by,
    claims.injured_at,
    claims.applied_at,
    date_diff('day', cast(claims.injured_at as date), cast(claims.applied_at as date)) as days,
    bound.number as limit_days,
from core.claims as claims
join ref.parameter as bound
    on bound.parameter = 'application_days'
    and bound.key = case
        when claims.reported_by = 'platform' then 'platform'
        when claims.reported_by in ('worker', 'family') then 'person'
    end
    and bound.valid_from <= cast(claims.injured_at as date)
    and (bound.valid_to is null or bound.valid_to > cast(claims.injured_at as date))
where claims.programme = 'oip'
    and date_diff('day', cast(claims.injured_at as date), cast(claims.applied_at as date)) > bound.number
