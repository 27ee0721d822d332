/* ---
id: X17
version: 1
title_zh: 案件不一致
title_en: the platform's claim differs from the agency's case, or either lacks the other's
consequence: defect
dimension: consistency
responsible: platform
basis: {text: "职业伤害保障经办规程：确认与支付以经办机构记录为准", grade: V}
effective: [2022-07-01, null]
needs: [claims, agency_cases]
parameters: [case_match]
evidence: [submission, problem, claim_id, case_no, order_id, injured_at, claim_value, agency_value]
message_zh: 请与经办机构核对案件：确认、支付时间与待遇金额以经办机构为准；漏报的案件应补报。
message_en: Reconcile the cases with the agency, whose confirmations and money are the figures; report the cases left out.
defaults:
  checks.clock: {now: 2025-12-31 08:00:00}
  core.unit: {platform_code: P02, province_code: 310000, business_date: 2025-09-01}
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-20, claim_id: k1, person: p1, programme: oip, order_id: o1, injured_at: 2025-10-01 12:00:00, reported_at: 2025-10-01 13:00:00, confirmed_at: 2025-10-10 10:00:00, outcome: confirmed}
  staging.agency_case: {platform_code: P02, case_no: a1, person: p1, order_id: o1, injured_at: 2025-10-01 12:00:00, received_at: 2025-10-02 09:00:00, confirmed_at: 2025-10-10 16:00:00, known_at: 2025-12-30 09:00:00}
  core.cover: {platform_code: P02, province_code: 320000, coverage_id: c1, programme: oip, covered_from: 2025-01-01 00:00:00}
  core.known_order: {platform_code: P02, province_code: 330000}
cases:
  - when: 确认日不同；待遇相差超过1元；经办已支付而平台没有
    checks.clock: [{}]
    core.unit: [{}]
    core.claims:
      - {confirmed_at: 2025-10-11 10:00:00}
      - {claim_id: k2, person: p2, order_id: o2, benefit_yuan: 3000}
      - {claim_id: k3, person: p3, order_id: o3}
    staging.agency_case:
      - {}
      - {case_no: a2, person: p2, order_id: o2, benefit_yuan: 3002}
      - {case_no: a3, person: p3, order_id: o3, paid_at: 2025-10-20 09:00:00}
    expect:
      - {claim_id: k1, case_no: a1, problem: confirmed, claim_value: 2025-10-11, agency_value: 2025-10-10}
      - {claim_id: k2, problem: benefit, agency_value: "3002.00"}
      - {claim_id: k3, problem: paid, claim_value: null}
  - when: 经办有而平台没有（省份取订单，否则取参保地）；平台有而经办没有
    checks.clock: [{}]
    core.unit: [{}]
    core.claims: [{claim_id: k9, person: p9, order_id: null, reported_at: 2025-10-05 13:00:00}]
    staging.agency_case: [{}, {case_no: a2, person: p2, order_id: null}]
    core.known_order: [{order_id: o1}]
    core.cover: [{person: p2}]
    expect:
      - {problem: claim missing, case_no: a1, province_code: 330000, business_date: 2025-10-01}
      - {problem: claim missing, case_no: a2, province_code: 320000}
      - {problem: case missing, claim_id: k9}
  - when: 同日确认、金额差1元以内；没有填订单的按人与相近时间相配；商业险不比对；撤回的不要求经办有
    checks.clock: [{}]
    core.unit: [{}]
    core.claims:
      - {order_id: null, injured_at: 2025-10-03 12:00:00, benefit_yuan: 3000}
      - {claim_id: k2, person: p2, order_id: o2, programme: commercial_accident}
      - {claim_id: k3, person: p3, order_id: o3, outcome: withdrawn, reported_at: 2025-10-05 13:00:00}
    staging.agency_case: [{benefit_yuan: 3001}]
    expect: []
  - when: 另一方还在30日之内不要求有（边界：恰30日不报，31日报）
    checks.clock: [{now: 2025-11-10 08:00:00}]
    core.unit: [{}]
    core.claims: [{paid_at: 2025-10-11 09:00:00}, {claim_id: k2, person: p2, order_id: o2, paid_at: 2025-10-10 09:00:00}]
    staging.agency_case: [{}, {case_no: a2, person: p2, order_id: o2}, {case_no: a3, person: p3, order_id: o3, received_at: 2025-10-11 09:00:00, injured_at: 2025-10-11 08:00:00}]
    expect: [{claim_id: k2, problem: paid}]
--- */
-- grain: difference between a platform's oip claim and the agency's case of the same injury (at the claim's unit), or a case or
-- claim that the other side lacks after the days allowed (a case: at the date of injury).
-- Same injury: both name the same order, else the same person within the days of case_match. A claim is missed by the agency
-- only where its published cases reach back before and beyond the claim.
with bound as (
    select
        days.number as match_days,
        lag.number as lag_days,
        yuan.number as yuan,
        clock.now,
    from checks.clock as clock
    join ref.parameter as days
        on days.parameter = 'case_match'
        and days.key = 'days'
        and days.valid_from <= cast(clock.now as date)
        and (days.valid_to is null or days.valid_to > cast(clock.now as date))
    join ref.parameter as lag
        on lag.parameter = 'case_match'
        and lag.key = 'lag_days'
        and lag.valid_from <= cast(clock.now as date)
        and (lag.valid_to is null or lag.valid_to > cast(clock.now as date))
    join ref.parameter as yuan
        on yuan.parameter = 'case_match'
        and yuan.key = 'yuan'
        and yuan.valid_from <= cast(clock.now as date)
        and (yuan.valid_to is null or yuan.valid_to > cast(clock.now as date))
),

published as (
    select
        platform_code,
        case_no,
        person,
        order_id,
        injured_at,
        received_at,
        confirmed_at,
        paid_at,
        benefit_yuan,
        known_at,
        row_number() over (
            partition by platform_code, case_no
            order by known_at desc, file desc, row_no desc
        ) as newest_no,
    from staging.agency_case
),

agency as (
    select
        platform_code,
        case_no,
        person,
        order_id,
        injured_at,
        received_at,
        confirmed_at,
        paid_at,
        benefit_yuan,
        known_at,
    from published
    where newest_no = 1
),

claim as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        claim_id,
        person,
        order_id,
        injured_at,
        reported_at,
        confirmed_at,
        paid_at,
        benefit_yuan,
        outcome,
    from core.claims
    where programme = 'oip'
),

candidate as (
    select agency.platform_code, agency.case_no, claim.claim_id, 0 as rank, 0 as distance_s,
    from agency
    join claim
        on claim.platform_code = agency.platform_code
        and claim.order_id = agency.order_id
    union all
    select
        agency.platform_code,
        agency.case_no,
        claim.claim_id,
        1 as rank,
        abs(date_diff('second', agency.injured_at, claim.injured_at)) as distance_s,
    from agency
    join claim
        on claim.platform_code = agency.platform_code
        and claim.person = agency.person
        and (claim.order_id is null or agency.order_id is null)
    cross join bound
    where abs(date_diff('second', agency.injured_at, claim.injured_at)) <= bound.match_days * 86400
),

matched as (
    select
        platform_code,
        case_no,
        claim_id,
        row_number() over (partition by platform_code, case_no order by rank, distance_s, claim_id) as match_no,
    from candidate
),

pair as (
    select
        claim.platform_code,
        claim.province_code,
        claim.business_date,
        claim.submission,
        claim.claim_id,
        agency.case_no,
        coalesce(claim.order_id, agency.order_id) as order_id,
        claim.injured_at,
        claim.confirmed_at as claim_confirmed_at,
        agency.confirmed_at as agency_confirmed_at,
        claim.paid_at as claim_paid_at,
        agency.paid_at as agency_paid_at,
        claim.benefit_yuan as claim_benefit_yuan,
        agency.benefit_yuan as agency_benefit_yuan,
    from matched
    join claim
        on claim.platform_code = matched.platform_code
        and claim.claim_id = matched.claim_id
    join agency
        on agency.platform_code = matched.platform_code
        and agency.case_no = matched.case_no
    where matched.match_no = 1
),

stage as (
    select
        platform_code, province_code, business_date, submission, claim_id, case_no, order_id, injured_at,
        'confirmed' as problem,
        cast(claim_confirmed_at as date) as claim_on,
        cast(agency_confirmed_at as date) as agency_on,
    from pair
    union all
    select
        platform_code, province_code, business_date, submission, claim_id, case_no, order_id, injured_at,
        'paid' as problem,
        cast(claim_paid_at as date) as claim_on,
        cast(agency_paid_at as date) as agency_on,
    from pair
),

reach as (
    select platform_code, min(received_at) as first_received_at, max(known_at) as last_known_at,
    from agency
    group by platform_code
),

first_report as (
    select platform_code, min(business_date) as first_business_date,
    from core.unit
    group by platform_code
),

roll as (
    select
        platform_code,
        person,
        arg_max(province_code, concat(cast(covered_from as varchar), coverage_id)) as province_code,
    from core.cover
    where programme = 'oip'
        and person is not null
    group by platform_code, person
),

difference as (
    select
        stage.platform_code,
        stage.province_code,
        stage.business_date,
        stage.submission,
        stage.problem,
        stage.claim_id,
        stage.case_no,
        stage.order_id,
        stage.injured_at,
        cast(stage.claim_on as varchar) as claim_value,
        cast(stage.agency_on as varchar) as agency_value,
    from stage
    cross join bound
    where stage.claim_on <> stage.agency_on
        or (
            (stage.claim_on is null or stage.agency_on is null)
            and date_diff('day', coalesce(stage.claim_on, stage.agency_on), cast(bound.now as date)) > bound.lag_days
        )
    union all
    select
        pair.platform_code,
        pair.province_code,
        pair.business_date,
        pair.submission,
        'benefit' as problem,
        pair.claim_id,
        pair.case_no,
        pair.order_id,
        pair.injured_at,
        cast(pair.claim_benefit_yuan as varchar) as claim_value,
        cast(pair.agency_benefit_yuan as varchar) as agency_value,
    from pair
    cross join bound
    where abs(pair.claim_benefit_yuan - pair.agency_benefit_yuan) > bound.yuan
    union all
    select
        agency.platform_code,
        coalesce(known.province_code, roll.province_code) as province_code,
        cast(agency.injured_at as date) as business_date,
        cast(null as varchar) as submission,
        'claim missing' as problem,
        cast(null as varchar) as claim_id,
        agency.case_no,
        agency.order_id,
        agency.injured_at,
        cast(null as varchar) as claim_value,
        cast(cast(agency.received_at as date) as varchar) as agency_value,
    from agency
    cross join bound
    join first_report
        on first_report.platform_code = agency.platform_code
        and first_report.first_business_date <= cast(agency.injured_at as date)
    left join core.known_order as known
        on known.platform_code = agency.platform_code
        and known.order_id = agency.order_id
    left join roll
        on roll.platform_code = agency.platform_code
        and roll.person = agency.person
    where date_diff('day', cast(agency.received_at as date), cast(bound.now as date)) > bound.lag_days
        and not exists (
            select 1
            from matched
            where matched.platform_code = agency.platform_code
                and matched.case_no = agency.case_no
        )
    union all
    select
        claim.platform_code,
        claim.province_code,
        claim.business_date,
        claim.submission,
        'case missing' as problem,
        claim.claim_id,
        cast(null as varchar) as case_no,
        claim.order_id,
        claim.injured_at,
        cast(cast(claim.reported_at as date) as varchar) as claim_value,
        cast(null as varchar) as agency_value,
    from claim
    cross join bound
    join reach
        on reach.platform_code = claim.platform_code
        and reach.first_received_at <= claim.reported_at
    where claim.outcome <> 'withdrawn'
        and date_diff('day', cast(claim.reported_at as date), cast(reach.last_known_at as date)) > bound.lag_days
        and not exists (
            select 1
            from matched
            where matched.platform_code = claim.platform_code
                and matched.claim_id = claim.claim_id
                and matched.match_no = 1
        )
)

-- a claim (or a case that no claim knows) counts once, however much of it differs
select
    platform_code,
    province_code,
    business_date,
    submission,
    problem,
    claim_id,
    case_no,
    order_id,
    injured_at,
    claim_value,
    agency_value,
    case
        when row_number() over (
            partition by platform_code, claim_id, case when claim_id is null then case_no end
            order by problem, case_no
        ) = 1 then 1
        else 0
    end as violations,
from difference
