/* ---
id: X09
version: 1
title_zh: 重复领取
title_en: the same injury paid by oip and by another programme
consequence: suspect
price: benefit
dimension: consistency
responsible: platform
basis: {text: "职业伤害保障办法第2条：与工伤保险不得重复享受；其他项目定额给付可叠加、费用报销不得超过实际费用（未核实）", grade: A}
effective: [2022-07-01, null]
needs: [claims]
evidence: [submission, claim_id, person, injured_at, other_platform_code, other_claim_id, other_programme, benefit_yuan, other_benefit_yuan, medical_yuan]
message_zh: 同一事故在多个项目领取待遇；请核实案件，职业伤害保障与工伤保险只能享受其一，医疗费报销合计不得超过账单。
message_en: One injury was paid by several programmes; oip and work-injury insurance exclude each other, and refunds of medical cost may not exceed the bills.
defaults:
  core.claims: {platform_code: P04, province_code: 310000, business_date: 2025-10-20, person: p1, worker_id: w1, programme: oip, injured_at: 2025-10-01 12:00:00, paid_at: 2025-10-15 10:00:00, injury_class: medical, benefit_yuan: 3000, medical_yuan: 4000}
cases:
  - when: 同一天的伤害由职业伤害保障与五险一金都支付（跨平台也算）
    core.claims: [{claim_id: k1}, {claim_id: k2, platform_code: P02, programme: employee_insurance, injured_at: 2025-10-01 13:00:00, benefit_yuan: 2000}]
    expect: [{claim_id: k1, platform_code: P04, other_claim_id: k2, consequence: defect, amount_yuan: 2000}]
  - when: 医疗费账单4000元，两个项目合计报销5000元
    core.claims: [{claim_id: k1}, {claim_id: k2, programme: commercial_accident, benefit_yuan: 2000}]
    expect: [{claim_id: k1, other_claim_id: k2, consequence: suspect, amount_yuan: 1000}]
  - when: 合计不超过账单；伤残定额给付可叠加；另一天的伤害；尚未支付；另一人
    core.claims:
      - {claim_id: k1}
      - {claim_id: k2, programme: commercial_accident, benefit_yuan: 500}
      - {claim_id: k3, person: p2, injury_class: disability, benefit_yuan: 90000}
      - {claim_id: k4, person: p2, injury_class: disability, programme: commercial_accident, benefit_yuan: 90000}
      - {claim_id: k5, programme: employee_insurance, injured_at: 2025-10-02 12:00:00}
      - {claim_id: k6, programme: employee_insurance, paid_at: null}
      - {claim_id: k7, programme: employee_insurance, person: p3}
    expect: []
  - when: 合计恰等于账单；多一分（边界）
    core.claims:
      - {claim_id: k1}
      - {claim_id: k2, programme: commercial_accident, benefit_yuan: 1000}
      - {claim_id: k3, person: p2}
      - {claim_id: k4, person: p2, programme: commercial_accident, benefit_yuan: 1000.01}
    expect: [{claim_id: k3, amount_yuan: 0.01}]
--- */
-- grain: paid oip claim × paid claim of another programme for the same injury (person, and order or else date of injury).
-- Price: what was paid twice, or the refunds above the bill.
with paid as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        claim_id,
        coalesce(person, concat(platform_code, '/', worker_id)) as person,
        programme,
        order_id,
        injured_at,
        injury_class,
        benefit_yuan,
        medical_yuan,
    from core.claims
    where paid_at is not null
        and benefit_yuan > 0
)

select
    oip.platform_code,
    oip.province_code,
    oip.business_date,
    oip.submission,
    oip.claim_id,
    oip.person,
    oip.injured_at,
    other.platform_code as other_platform_code,
    other.claim_id as other_claim_id,
    other.programme as other_programme,
    oip.benefit_yuan,
    other.benefit_yuan as other_benefit_yuan,
    greatest(oip.medical_yuan, other.medical_yuan) as medical_yuan,
    case
        when other.programme = 'employee_insurance' then least(oip.benefit_yuan, other.benefit_yuan)
        else oip.benefit_yuan + other.benefit_yuan - greatest(oip.medical_yuan, other.medical_yuan)
    end as amount_yuan,
    case when other.programme = 'employee_insurance' then 'defect' else 'suspect' end as consequence,
    case
        when row_number() over (partition by oip.platform_code, oip.claim_id order by other.platform_code, other.claim_id) = 1
            then 1
        else 0
    end as violations,
from paid as oip
join paid as other
    on other.person = oip.person
    and other.programme <> 'oip'
    and (
        (other.platform_code = oip.platform_code and other.order_id = oip.order_id)
        or cast(other.injured_at as date) = cast(oip.injured_at as date)
    )
where oip.programme = 'oip'
    and (
        other.programme = 'employee_insurance'
        or (
            oip.injury_class in ('minor', 'medical')
            and other.injury_class in ('minor', 'medical')
            and oip.benefit_yuan + other.benefit_yuan > greatest(oip.medical_yuan, other.medical_yuan)
        )
    )
