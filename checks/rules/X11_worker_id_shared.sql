/* ---
id: X11
version: 1
title_zh: 同号异证
title_en: one worker id with several identity numbers, or one person as many worker ids
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "个人信息保护法第8条（个人信息质量）；报送规范1.0 worker_id 为平台内固定编号", grade: V}
effective: [null, null]
needs: [enrollment]
evidence: [submission, problem, worker_id, person, other, first_seen_on]
message_zh: 一人一号：请核实共用、出租或一人多号的情况，更正身份信息。
message_en: One person, one number; verify shared, rented or split ids and correct the identities.
defaults:
  core.cover: {platform_code: P02, province_code: 310000, business_date: 2025-10-03, first_business_date: 2025-10-01}
cases:
  - when: 一号两证；一人两号
    core.cover:
      - {coverage_id: c1, worker_id: w1, person: p1}
      - {coverage_id: c2, worker_id: w1, person: p2, first_business_date: 2025-10-02}
      - {coverage_id: c3, worker_id: w3, person: p3}
      - {coverage_id: c4, worker_id: w4, person: p3, first_business_date: 2025-10-03, province_code: 320000}
    expect:
      - {problem: several persons, worker_id: w1, person: p2, other: p1, business_date: 2025-10-02}
      - {problem: several ids, worker_id: w4, person: p3, other: w3, business_date: 2025-10-03, province_code: 320000}
  - when: 一人一号多段；跨平台各有编号；身份读不出
    core.cover:
      - {coverage_id: c1, worker_id: w1, person: p1}
      - {coverage_id: c2, worker_id: w1, person: p1, programme: commercial_accident}
      - {coverage_id: c3, worker_id: x1, person: p1, platform_code: P03}
      - {coverage_id: c4, worker_id: w1}
    expect: []
  - when: 两个编号同日首次出现，各算一处（边界）
    core.cover:
      - {coverage_id: c1, worker_id: w1, person: p1}
      - {coverage_id: c2, worker_id: w2, person: p1}
      - {coverage_id: c3, worker_id: w3, person: p1}
    expect: [{worker_id: w2, other: w1}, {worker_id: w3, other: w2}]
--- */
-- grain: person added to a worker id that had another, or worker id added to a person who had another, on one platform;
-- at the unit that showed it first
with known as (
    select
        platform_code,
        worker_id,
        person,
        min(first_business_date) as first_seen_on,
        arg_min(province_code, concat(cast(first_business_date as varchar), coverage_id)) as province_code,
    from core.cover
    where worker_id is not null
        and person is not null
    group by platform_code, worker_id, person
),

placed as (
    select
        platform_code,
        province_code,
        worker_id,
        person,
        first_seen_on,
        lag(person) over (
            partition by platform_code, worker_id
            order by first_seen_on, person
        ) as earlier_person,
        lag(worker_id) over (
            partition by platform_code, person
            order by first_seen_on, worker_id
        ) as earlier_worker_id,
    from known
),

found as (
    select
        platform_code,
        province_code,
        'several persons' as problem,
        worker_id,
        person,
        earlier_person as other,
        first_seen_on,
    from placed
    where earlier_person is not null
    union all
    select
        platform_code,
        province_code,
        'several ids' as problem,
        worker_id,
        person,
        earlier_worker_id as other,
        first_seen_on,
    from placed
    where earlier_worker_id is not null
)

select
    found.platform_code,
    found.province_code,
    found.first_seen_on as business_date,
    unit.submission,
    found.problem,
    found.worker_id,
    found.person,
    found.other,
    found.first_seen_on,
from found
left join core.unit as unit
    on unit.platform_code = found.platform_code
    and unit.province_code = found.province_code
    and unit.business_date = found.first_seen_on
