/* ---
id: X06
version: 1
title_zh: 出险无保
title_en: claim without a spell that covers the injury
consequence: breach
price: benefit
dimension: consistency
responsible: platform
basis: {text: "人社部发〔2025〕24号：待遇以参保为前提", grade: V}
effective: [null, null]
needs: [claims, enrollment]
evidence: [submission, claim_id, worker_id, programme, injured_at, benefit_yuan]
message_zh: 事故发生时劳动者在该项目下没有有效保障期间；请核实参保登记与事故时间，已支付的待遇依法追回。
message_en: No spell of the programme covered the worker at the injury; verify both, benefits paid without cover are recovered by law.
defaults:
  core.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-02, claim_id: k1, worker_id: w1, person: p1, programme: oip, injured_at: 2025-10-01 12:00:00}
  core.cover: {platform_code: P02, province_code: 310000, business_date: 2025-09-30, worker_id: w1, person: p1, programme: oip}
  core.unit: {platform_code: P02, province_code: 310000, business_date: 2025-09-30}
cases:
  - when: 没有任何期间；只有其他项目的期间；已支付的待遇计价
    core.unit: [{}]
    core.claims: [{}, {claim_id: k2, worker_id: w2, person: p2, paid_at: 2025-10-20 10:00:00, benefit_yuan: 3000}]
    core.cover: [{worker_id: w2, person: p2, programme: commercial_accident, covered_from: 2025-09-01 00:00:00}]
    expect: [{claim_id: k1, amount_yuan: null}, {claim_id: k2, amount_yuan: 3000}]
  - when: 期间覆盖事故（登记在另一省）；编号读不出则看人；项目读不出的期间仍算；人与编号都读不出则无从核对
    core.unit: [{}]
    core.claims: [{}, {claim_id: k2, worker_id: null, person: p2}, {claim_id: k3, worker_id: w3, person: p3}, {claim_id: k4, worker_id: null, person: null}]
    core.cover:
      - {covered_from: 2025-09-01 00:00:00, province_code: 320000}
      - {worker_id: w22, person: p2, covered_from: 2025-09-01 00:00:00}
      - {worker_id: w3, person: p3, programme: null, covered_from: 2025-09-01 00:00:00}
    expect: []
  - when: 只以另一编号参保，该编号没有保障
    core.unit: [{}]
    core.claims: [{worker_id: w2}]
    core.cover: [{covered_from: 2025-09-01 00:00:00}]
    expect: [{claim_id: k1}]
  - when: 起保当刻受伤有保障，终止当刻没有（边界）
    core.unit: [{}]
    core.claims: [{}, {claim_id: k2, worker_id: w2, person: p2}]
    core.cover:
      - {covered_from: 2025-10-01 12:00:00}
      - {worker_id: w2, person: p2, covered_from: 2025-09-01 00:00:00, covered_to: 2025-10-01 12:00:00}
    expect: [{claim_id: k2}]
  - when: 该平台首次报送之前的事故无从核对（边界）
    core.unit: [{business_date: 2025-10-02}]
    core.claims: [{injured_at: 2025-10-01 23:59:59}]
    expect: []
--- */
-- grain: claim whose injury no spell of its programme covers. Price: the benefit paid, to be recovered.
-- The worker's number says who it was; the person only where that cannot be read. A spell whose programme cannot be read
-- covers any. A platform's roll is known from its first report on; injuries before that cannot be judged.
with first_report as (
    select platform_code, min(business_date) as first_business_date,
    from core.unit
    group by platform_code
),

programme as (
    select distinct programme,
    from ref.programme
),

covered as (
    select claims.platform_code, claims.claim_id,
    from core.claims as claims
    join core.cover as cover
        on cover.platform_code = claims.platform_code
        and cover.worker_id = claims.worker_id
    left join programme on programme.programme = cover.programme
    left join programme as claimed on claimed.programme = claims.programme
    where (cover.programme = claims.programme or programme.programme is null or claimed.programme is null)
        and cover.covered_from <= claims.injured_at
        and (cover.covered_to is null or cover.covered_to > claims.injured_at)
    union
    select claims.platform_code, claims.claim_id,
    from core.claims as claims
    join core.cover as cover
        on cover.platform_code = claims.platform_code
        and cover.person = claims.person
    left join programme on programme.programme = cover.programme
    left join programme as claimed on claimed.programme = claims.programme
    where claims.worker_id is null
        and (cover.programme = claims.programme or programme.programme is null or claimed.programme is null)
        and cover.covered_from <= claims.injured_at
        and (cover.covered_to is null or cover.covered_to > claims.injured_at)
)

select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    claims.claim_id,
    claims.worker_id,
    claims.programme,
    claims.injured_at,
    claims.benefit_yuan,
    case when claims.paid_at is not null then claims.benefit_yuan end as amount_yuan,
from core.claims as claims
join first_report
    on first_report.platform_code = claims.platform_code
    and first_report.first_business_date <= cast(claims.injured_at as date)
where (claims.worker_id is not null or claims.person is not null)
    and not exists (
        select 1
        from covered
        where covered.platform_code = claims.platform_code
            and covered.claim_id = claims.claim_id
    )
