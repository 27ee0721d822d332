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
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, row_no: 1}
cases:
  - when: 一号两证；一人两号；换证又换回只算换出的那次
    staging.enrollment:
      - {worker_id: w1, person: p1}
      - {worker_id: w1, person: p2, business_date: 2025-10-02}
      - {worker_id: w1, person: p1, business_date: 2025-10-03}
      - {worker_id: w3, person: p3}
      - {worker_id: w4, person: p3, business_date: 2025-10-03, province_code: 320000}
    expect:
      - {problem: several persons, worker_id: w1, person: p2, other: p1, business_date: 2025-10-02}
      - {problem: several ids, worker_id: w4, person: p3, other: w3, business_date: 2025-10-03, province_code: 320000}
  - when: 一人一号多段；跨平台各有编号；身份读不出
    staging.enrollment:
      - {worker_id: w1, person: p1}
      - {worker_id: w1, person: p1, row_no: 2, programme: commercial_accident}
      - {worker_id: x1, person: p1, platform_code: P03}
      - {worker_id: w1, row_no: 3}
    expect: []
  - when: 同日先后以文件次序为准；人与编号都已另有所属的一行只算一次（边界）
    staging.enrollment:
      - {worker_id: w2, person: p1, row_no: 1}
      - {worker_id: w1, person: p1, row_no: 2}
      - {worker_id: w3, person: p3, row_no: 3}
      - {worker_id: w3, person: p1, row_no: 4}
    expect: [{worker_id: w1, other: w2}, {worker_id: w3, person: p1, problem: several persons, other: p3}]
--- */
-- grain: worker id and person seen together on a platform, where the worker id had another person or the person another
-- worker id before; at the row that showed the two together first
with pair as (
    select platform_code, worker_id, person,
    from staging.enrollment
    where worker_id is not null
        and person is not null
    group by platform_code, worker_id, person
),

shared_id as (
    select platform_code, worker_id,
    from pair
    group by platform_code, worker_id
    having count(*) > 1
),

split_person as (
    select platform_code, person,
    from pair
    group by platform_code, person
    having count(*) > 1
),

row_of_pair as (
    select
        enrollment.platform_code,
        enrollment.province_code,
        enrollment.business_date,
        enrollment.submission,
        enrollment.row_no,
        enrollment.worker_id,
        enrollment.person,
        row_number() over (
            partition by enrollment.platform_code, enrollment.worker_id, enrollment.person
            order by enrollment.business_date, enrollment.province_code, enrollment.row_no
        ) as place,
    from staging.enrollment as enrollment
    left join shared_id
        on shared_id.platform_code = enrollment.platform_code
        and shared_id.worker_id = enrollment.worker_id
    left join split_person
        on split_person.platform_code = enrollment.platform_code
        and split_person.person = enrollment.person
    where enrollment.worker_id is not null
        and enrollment.person is not null
        and (shared_id.worker_id is not null or split_person.person is not null)
),

placed as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        worker_id,
        person,
        lag(person) over (
            partition by platform_code, worker_id
            order by business_date, province_code, row_no
        ) as earlier_person,
        lag(worker_id) over (
            partition by platform_code, person
            order by business_date, province_code, row_no
        ) as earlier_worker_id,
    from row_of_pair
    where place = 1
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    case when earlier_person is not null then 'several persons' else 'several ids' end as problem,
    worker_id,
    person,
    coalesce(earlier_person, earlier_worker_id) as other,
    business_date as first_seen_on,
from placed
where earlier_person is not null
    or earlier_worker_id is not null
