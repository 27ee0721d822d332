/* ---
id: T08
version: 1
title_zh: 小伤超时
title_en: minor injury confirmed after over 2, or paid after over 5 working days
consequence: suspect
dimension: timeliness
responsible: agency
basis: {text: "小伤快办：2个工作日确认、5个工作日支付（海南等经办规定）", grade: V}
effective: [2022-07-01, null]
needs: [claims]
parameters: [handling_days]
evidence: [submission, claim_id, stage, started_at, ended_at, working_days, suspended_days, limit_days]
message_zh: 小伤案件由经办机构办理超时；平台无须处理，但请及时提供材料。
message_en: The agency is over its time on a minor injury; nothing for the platform to do but to hand in documents promptly.
defaults:
  checks.clock: {night: 2025-11-04}
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-20, claim_id: k1, programme: oip, injury_class: minor, outcome: confirmed, applied_at: 2025-10-13 09:00:00}
cases:
  - when: 10月13日申请，17日确认；27日仍未支付
    checks.clock: [{}]
    core.claims: [{confirmed_at: 2025-10-17 09:00:00}]
    expect:
      - {claim_id: k1, stage: confirm, working_days: 4, limit_days: 2}
      - {claim_id: k1, stage: pay, limit_days: 5}
  - when: 及时确认并支付；医疗类不在此列；不予确认的无须支付
    checks.clock: [{}]
    core.claims:
      - {confirmed_at: 2025-10-14 09:00:00, paid_at: 2025-10-17 09:00:00}
      - {claim_id: k2, injury_class: medical, confirmed_at: 2025-10-17 09:00:00}
      - {claim_id: k3, outcome: denied, confirmed_at: 2025-10-14 09:00:00}
    expect: []
  - when: 恰2个、恰5个工作日；各多一日（边界）
    checks.clock: [{}]
    core.claims:
      - {claim_id: k1, confirmed_at: 2025-10-15 23:59:59, paid_at: 2025-10-22 09:00:00}
      - {claim_id: k2, confirmed_at: 2025-10-16 00:00:00, paid_at: 2025-10-24 09:00:00}
    expect: [{claim_id: k2, stage: confirm, working_days: 3, violations: 1}, {claim_id: k2, stage: pay, working_days: 6, violations: 0}]
--- */
-- grain: stage (confirmation, payment) of a minor injury's oip claim that took, or is taking, more working days than allowed
-- (a claim late at both counts once).
-- An open one is counted to the night's date: what happened after it is not known yet.
with stage as (
    select
        claims.platform_code,
        claims.province_code,
        claims.business_date,
        claims.submission,
        claims.claim_id,
        'confirm' as stage,
        'confirm/minor' as bound_key,
        coalesce(claims.applied_at, claims.reported_at) as started_at,
        coalesce(claims.confirmed_at, cast(clock.night as timestamp)) as ended_at,
        coalesce(claims.suspended_days, 0) as suspended_days,
    from core.claims as claims
    cross join checks.clock as clock
    where claims.programme = 'oip'
        and claims.injury_class = 'minor'
        and claims.outcome in ('pending', 'confirmed')
    union all
    select
        claims.platform_code,
        claims.province_code,
        claims.business_date,
        claims.submission,
        claims.claim_id,
        'pay' as stage,
        'pay/minor' as bound_key,
        claims.confirmed_at as started_at,
        coalesce(claims.paid_at, cast(clock.night as timestamp)) as ended_at,
        coalesce(claims.suspended_days, 0) as suspended_days,
    from core.claims as claims
    cross join checks.clock as clock
    where claims.programme = 'oip'
        and claims.injury_class = 'minor'
        and claims.outcome = 'confirmed'
        and claims.confirmed_at is not null
)

select
    stage.platform_code,
    stage.province_code,
    stage.business_date,
    stage.submission,
    stage.claim_id,
    stage.stage,
    stage.started_at,
    stage.ended_at,
    ended.workday_no - started.workday_no as working_days,
    stage.suspended_days,
    bound.number as limit_days,
    case when row_number() over (partition by stage.platform_code, stage.claim_id order by stage.stage) = 1 then 1 else 0 end
        as violations,
from stage
join ref.calendar as started on started.date = cast(stage.started_at as date)
join ref.calendar as ended on ended.date = cast(stage.ended_at as date)
join ref.parameter as bound
    on bound.parameter = 'handling_days'
    and bound.key = stage.bound_key
    and bound.valid_from <= cast(stage.started_at as date)
    and (bound.valid_to is null or bound.valid_to > cast(stage.started_at as date))
where ended.workday_no - started.workday_no - stage.suspended_days > bound.number
