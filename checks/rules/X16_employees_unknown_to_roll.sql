/* ---
id: X16
version: 1
title_zh: 虚报职工
title_en: employees claimed that the social-insurance roll does not know
consequence: defect
dimension: credibility
responsible: platform
basis: {text: "社会保险法第57、58条（用人单位应当为职工办理社会保险登记）", grade: V}
effective: [null, null]
needs: [enrollment, employees]
evidence: [source, date_from, claimed, known]
message_zh: 申报为参加五险一金的人数多于社会保险经办的参保职工数；请逐人核对，未参保的应参加职业伤害保障并补缴。
message_en: More employees are claimed than the social-insurance roll knows; check person by person, enrol the others in oip and pay.
defaults:
  staging.witness: {source: social_insurance, platform_code: P04, province_code: 310000, date_from: 2025-10-01, date_to: 2025-10-31, measure: employees, file: witness-social_insurance-20251115.csv, known_at: 2025-11-15 10:00:00}
  core.cover: {platform_code: P04, province_code: 310000, programme: employee_insurance, covered_from: 2025-09-01 00:00:00}
cases:
  - when: 申报3名职工，名册只有1名
    staging.witness: [{value: 1}]
    core.cover: [{coverage_id: c1, person: p1}, {coverage_id: c2, person: p2}, {coverage_id: c3, person: p3}]
    expect: [{platform_code: P04, province_code: 310000, business_date: 2025-10-31, claimed: 3, known: 1, violations: 2}]
  - when: 名册更多；期外的期间、其他省、其他项目不计；同一人两段算一人
    staging.witness: [{value: 1}]
    core.cover:
      - {coverage_id: c1, person: p1}
      - {coverage_id: c2, person: p1, covered_from: 2025-10-20 00:00:00}
      - {coverage_id: c3, person: p3, covered_from: 2025-11-01 00:00:00}
      - {coverage_id: c4, person: p4, province_code: 320000}
      - {coverage_id: c5, person: p5, programme: oip}
    expect: []
  - when: 后发布的取代先发布的；全国一行按平台合计
    staging.witness: [{value: 1}, {value: 2, known_at: 2025-12-15 10:00:00}, {value: 1, province_code: null, source: survey}]
    core.cover: [{coverage_id: c1, person: p1}, {coverage_id: c2, person: p2}]
    expect: [{province_code: null, claimed: 2, known: 1}]
  - when: 人数恰好相等；多一人；终止于期初零点的不计（边界）
    staging.witness: [{value: 2}, {value: 2, platform_code: P02}]
    core.cover:
      - {coverage_id: c1, person: p1}
      - {coverage_id: c2, person: p2}
      - {coverage_id: c4, person: p4, covered_to: 2025-10-01 00:00:00}
      - {coverage_id: d1, person: p1, platform_code: P02}
      - {coverage_id: d2, person: p2, platform_code: P02}
      - {coverage_id: d3, person: p3, platform_code: P02}
    expect: [{platform_code: P02, claimed: 3, known: 2, violations: 1}]
--- */
-- grain: period of the roll, as last published, in which the platform claims more persons than it knows: the roll is complete, so there is no
-- tolerance
with published as (
    select
        source,
        platform_code,
        province_code,
        date_from,
        date_to,
        value,
        row_number() over (
            partition by source, platform_code, province_code, date_from, date_to
            order by known_at desc, file desc, row_no desc
        ) as newest_no,
    from staging.witness
    where measure = 'employees'
        and platform_code is not null
),

claimed as (
    select
        published.source,
        published.platform_code,
        published.province_code,
        published.date_from,
        published.date_to,
        published.value,
        count(distinct coalesce(cover.person, cover.worker_id)) as persons,
    from published
    left join core.cover as cover
        on cover.platform_code = published.platform_code
        and (published.province_code is null or cover.province_code = published.province_code)
        and cover.programme = 'employee_insurance'
        and cast(cover.covered_from as date) <= published.date_to
        and (
            cover.covered_to is null
            or (cover.covered_to > cast(published.date_from as timestamp) and cover.covered_to > cover.covered_from)
        )
    where published.newest_no = 1
    group by
        published.source, published.platform_code, published.province_code, published.date_from,
        published.date_to, published.value
)

select
    claimed.platform_code,
    claimed.province_code,
    claimed.date_to as business_date,
    claimed.source,
    claimed.date_from,
    claimed.persons as claimed,
    claimed.value as known,
    cast(claimed.persons - claimed.value as bigint) as violations,
from claimed
where claimed.persons > claimed.value
