/* ---
id: X08
version: 1
title_zh: 工伤人员混入
title_en: person under employee_insurance also on the same platform's oip roll
consequence: suspect
dimension: consistency
responsible: platform
basis: {text: "职业伤害保障办法第2条：适用于未纳入工伤保险的新就业形态劳动者", grade: V}
effective: [2022-07-01, null]
needs: [enrollment]
evidence: [submission, person, worker_id, coverage_id, employee_coverage_id, overlap_from]
message_zh: 已参加本平台五险一金的人员不应同时列入职业伤害保障名册；请核实并终止多余的期间。
message_en: Who is insured as the platform's employee does not stand on its oip roll as well; verify and end the spell that is too many.
defaults:
  core.cover: {platform_code: P04, province_code: 310000, business_date: 2025-10-01, first_business_date: 2025-10-01, person: p1, programme: oip, covered_from: 2025-09-01 00:00:00}
cases:
  - when: 同一平台两种期间重叠；同一人多段只算一人
    core.cover:
      - {coverage_id: c1, worker_id: w1}
      - {coverage_id: c2, worker_id: w2}
      - {coverage_id: e1, worker_id: w9, programme: employee_insurance, covered_from: 2025-10-01 09:00:00}
    expect: [{person: p1, employee_coverage_id: e1, overlap_from: 2025-10-01 09:00:00}]
  - when: 另一平台的职工（合法兼职）；另一人；身份不明
    core.cover:
      - {coverage_id: c1, worker_id: w1}
      - {coverage_id: e1, worker_id: w1, programme: employee_insurance, platform_code: P02}
      - {coverage_id: e2, worker_id: w2, programme: employee_insurance, person: p2}
      - {coverage_id: c3, worker_id: w3, person: null}
      - {coverage_id: e3, worker_id: w3, programme: employee_insurance, person: null}
    expect: []
  - when: 职业伤害保障恰在五险一金开始时终止（边界）；晚一秒终止
    core.cover:
      - {coverage_id: c1, worker_id: w1, covered_to: 2025-10-01 00:00:00}
      - {coverage_id: e1, worker_id: w1, programme: employee_insurance, covered_from: 2025-10-01 00:00:00}
      - {coverage_id: c2, worker_id: w2, person: p2, covered_to: 2025-10-01 00:00:01}
      - {coverage_id: e2, worker_id: w2, person: p2, programme: employee_insurance, covered_from: 2025-10-01 00:00:00}
    expect: [{person: p2}]
--- */
-- grain: person × platform, at the unit that first showed both spells (province: the oip spell's)
with overlapping as (
    select
        oip.platform_code,
        oip.province_code,
        greatest(oip.first_business_date, employee.first_business_date) as business_date,
        oip.person,
        oip.worker_id,
        oip.coverage_id,
        employee.coverage_id as employee_coverage_id,
        greatest(oip.covered_from, employee.covered_from) as overlap_from,
    from core.cover as oip
    join core.cover as employee
        on employee.platform_code = oip.platform_code
        and employee.person = oip.person
        and employee.programme = 'employee_insurance'
        and (employee.covered_to is null or employee.covered_to > oip.covered_from)
        and (oip.covered_to is null or oip.covered_to > employee.covered_from)
    where oip.programme = 'oip'
        and (oip.covered_to is null or oip.covered_to > oip.covered_from)
        and (employee.covered_to is null or employee.covered_to > employee.covered_from)
),

numbered as (
    select
        platform_code,
        province_code,
        business_date,
        person,
        worker_id,
        coverage_id,
        employee_coverage_id,
        overlap_from,
        row_number() over (
            partition by platform_code, person
            order by business_date, overlap_from, coverage_id, employee_coverage_id
        ) as overlap_no,
    from overlapping
)

select
    numbered.platform_code,
    numbered.province_code,
    numbered.business_date,
    unit.submission,
    numbered.person,
    numbered.worker_id,
    numbered.coverage_id,
    numbered.employee_coverage_id,
    numbered.overlap_from,
from numbered
left join core.unit as unit
    on unit.platform_code = numbered.platform_code
    and unit.province_code = numbered.province_code
    and unit.business_date = numbered.business_date
where numbered.overlap_no = 1
