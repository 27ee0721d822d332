/* ---
id: T07
version: 1
title_zh: 确认超时
title_en: confirmation later than 30 working days
consequence: suspect
dimension: timeliness
responsible: agency
basis: {text: "海南经办规定：受理后30个工作日内确认，事实清楚的7个工作日（事实是否清楚不在报送数据中，按30日）", grade: V}
effective: [2022-07-01, null]
needs: [claims]
parameters: [handling_days]
evidence: [submission, claim_id, started_at, confirmed_at, working_days, suspended_days, limit_days]
message_zh: 该案由经办机构办理超时；平台无须处理，但请及时提供材料。
message_en: The agency is over its time here; nothing for the platform to do but to hand in documents promptly.
defaults:
  checks.clock: {night: 2026-01-05}
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-20, claim_id: k1, programme: oip, applied_at: 2025-09-01 09:00:00, injury_class: medical, outcome: confirmed}
cases:
  - when: 9月1日申请，10月31日才确认；至今未确认
    checks.clock: [{}]
    core.claims: [{confirmed_at: 2025-10-31 09:00:00}, {claim_id: k2, outcome: pending}]
    expect: [{claim_id: k1, limit_days: 30}, {claim_id: k2, confirmed_at: null}]
  - when: 及时确认；依法中止20个工作日；撤回；商业险
    checks.clock: [{}]
    core.claims:
      - {confirmed_at: 2025-09-10 09:00:00}
      - {claim_id: k2, confirmed_at: 2025-10-31 09:00:00, suspended_days: 20}
      - {claim_id: k3, outcome: withdrawn}
      - {claim_id: k4, outcome: pending, programme: commercial_accident}
    expect: []
  - when: 恰第30个工作日（2025-10-17，国庆假期与调休按日历）；次一工作日（边界）
    checks.clock: [{}]
    ref.calendar:
      - {date: 2025-09-01, workday_no: 100}
      - {date: 2025-10-17, workday_no: 130}
      - {date: 2025-10-20, workday_no: 131}
      - {date: 2026-01-05, workday_no: 180}
    core.claims: [{confirmed_at: 2025-10-17 17:00:00}, {claim_id: k2, confirmed_at: 2025-10-20 09:00:00}]
    expect: [{claim_id: k2, working_days: 31}]
--- */
-- grain: oip claim confirmed (or still open) after more working days than the law gives; denial counts as its decision.
-- Starts at the application, else at the first report. An open one is counted to the night's date: what happened
-- after it is not known yet.
with period as (
    select
        claims.platform_code,
        claims.province_code,
        claims.business_date,
        claims.submission,
        claims.claim_id,
        coalesce(claims.applied_at, claims.reported_at) as started_at,
        claims.confirmed_at,
        coalesce(claims.confirmed_at, case when claims.outcome = 'denied' then claims.decided_at end, cast(clock.night as timestamp)) as ended_at,
        coalesce(claims.suspended_days, 0) as suspended_days,
    from core.claims as claims
    cross join checks.clock as clock
    where claims.programme = 'oip'
        and (claims.confirmed_at is not null or claims.outcome in ('pending', 'confirmed') or claims.decided_at is not null)
        and claims.outcome <> 'withdrawn'
)

select
    period.platform_code,
    period.province_code,
    period.business_date,
    period.submission,
    period.claim_id,
    period.started_at,
    period.confirmed_at,
    ended.workday_no - started.workday_no as working_days,
    period.suspended_days,
    bound.number as limit_days,
from period
join ref.calendar as started on started.date = cast(period.started_at as date)
join ref.calendar as ended on ended.date = cast(period.ended_at as date)
join ref.parameter as bound
    on bound.parameter = 'handling_days'
    and bound.key = 'confirm/standard'
    and bound.valid_from <= cast(period.started_at as date)
    and (bound.valid_to is null or bound.valid_to > cast(period.started_at as date))
where ended.workday_no - started.workday_no - period.suspended_days > bound.number
