/* ---
id: V03
version: 1
title_zh: 未满16岁
title_en: under 16 on the event date
consequence: breach
dimension: validity
responsible: platform
basis: {text: "厦门益鹭保：16至65周岁（S）；职业伤害保障未查到明文，从劳动法第15条（未核实）", grade: A}
effective: [null, null]
needs: [enrollment]
parameters: [minimum_age]
evidence: [submission, coverage_id, worker_id, programme, covered_from, birth_date, minimum_years]
message_zh: 不得招用未满16周岁的劳动者；请立即停止派单、核实身份并报告。
message_en: Nobody under 16 may work; stop dispatching, verify the identity and report.
defaults:
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, programme: oip, covered_from: 2025-10-01 00:00:00}
cases:
  - when: 15岁起保；没有专门规定的项目同样从16岁
    staging.enrollment: [{coverage_id: c1, birth_date: 2010-01-01}, {coverage_id: c2, birth_date: 2010-01-01, programme: commercial_accident}]
    expect: [{coverage_id: c1, minimum_years: 16}, {coverage_id: c2}]
  - when: 成年；出生日期读不出归V01
    staging.enrollment: [{coverage_id: c1, birth_date: 1990-01-01}, {coverage_id: c2}]
    expect: []
  - when: 16岁生日当天与前一天（边界）
    staging.enrollment: [{coverage_id: c1, birth_date: 2009-10-01}, {coverage_id: c2, birth_date: 2009-10-02}]
    expect: [{coverage_id: c2}]
  - when: 项目自己的规定尚未施行时从16岁（边界）
    staging.enrollment:
      - {coverage_id: c1, programme: yilubao, birth_date: 2010-01-01, covered_from: 2023-09-12 23:59:59}
      - {coverage_id: c2, programme: yilubao, birth_date: 1990-01-01, covered_from: 2023-09-12 23:59:59}
    expect: [{coverage_id: c1, minimum_years: 16}]
--- */
-- grain: row of a spell that starts before its worker reached the programme's minimum age ('*' where the programme has none of its own in force)
select
    cover.platform_code,
    cover.province_code,
    cover.business_date,
    cover.submission,
    cover.coverage_id,
    cover.worker_id,
    cover.programme,
    cover.covered_from,
    cover.birth_date,
    coalesce(own_bound.number, bound.number) as minimum_years,
from staging.enrollment as cover
left join ref.parameter as own_bound
    on own_bound.parameter = 'minimum_age'
    and own_bound.key = cover.programme
    and own_bound.valid_from <= cast(cover.covered_from as date)
    and (own_bound.valid_to is null or own_bound.valid_to > cast(cover.covered_from as date))
left join ref.parameter as bound
    on bound.parameter = 'minimum_age'
    and bound.key = '*'
    and bound.valid_from <= cast(cover.covered_from as date)
    and (bound.valid_to is null or bound.valid_to > cast(cover.covered_from as date))
where extract(year from cover.covered_from) - extract(year from cover.birth_date)
    - case
        when extract(month from cover.covered_from) * 100 + extract(day from cover.covered_from)
            < extract(month from cover.birth_date) * 100 + extract(day from cover.birth_date) then 1
        else 0
    end < coalesce(own_bound.number, bound.number)
