/* ---
id: P02
version: 1
title_zh: 微工卡窗口
title_en: weigongka policy not 24 h from clock-in, premium outside 0.3–2, benefit above the cap, or shift not covered
consequence: breach
price: terms
dimension: validity
responsible: insurer
basis: {text: "微工卡+灵工日结保险：一人一单、自打卡起24小时、0.3–2元、≤80万元、含夜班", grade: S}
effective: [null, null]
needs: [enrollment, orders, claims]
parameters: [cover_programmes, weigongka_hours, weigongka_premium, benefit_cap]
checked: enrollment
evidence: [submission, extract, record_id, worker_id, problem, covered_from, covered_to, event_from, event_to, value]
message_zh: 请按微工卡条款更正：保单自打卡起24小时、覆盖整个班次，保费0.3至2元，待遇不超过80万元。
message_en: Correct to the terms of weigongka, a policy of 24 hours from clock-in that covers the shift, 0.3 to 2 yuan, benefits up to 800,000 yuan.
defaults:
  staging.enrollment: {platform_code: W01, province_code: 310000, business_date: 2025-10-01, programme: weigongka, worker_id: w1, premium_yuan: 1, covered_from: 2025-10-01 07:00:00, covered_to: 2025-10-02 07:00:00}
  core.cover: {platform_code: W01, programme: weigongka, worker_id: w1, covered_from: 2025-10-01 07:00:00, covered_to: 2025-10-02 07:00:00}
  staging.orders: {platform_code: W01, province_code: 310000, business_date: 2025-10-01, work_type: shift, worker_id: w1, accepted_at: 2025-10-01 07:00:00, finished_at: 2025-10-01 17:00:00}
  staging.claims: {platform_code: W01, province_code: 310000, business_date: 2025-10-20, programme: weigongka, worker_id: w1, injured_at: 2025-10-01 12:00:00}
cases:
  - when: 只保12小时；保费3元；待遇81万元；打卡后才起保；班次比保单长；班次没有保单
    staging.enrollment:
      - {coverage_id: c1, worker_id: w9, covered_to: 2025-10-01 19:00:00}
      - {coverage_id: c2, worker_id: w8, premium_yuan: 3}
    core.cover:
      - {coverage_id: c3, worker_id: w2, covered_from: 2025-10-01 07:30:00, covered_to: 2025-10-02 07:30:00}
      - {coverage_id: c4, worker_id: w3}
    staging.orders:
      - {order_id: o2, worker_id: w2}
      - {order_id: o3, worker_id: w3, finished_at: 2025-10-02 07:00:01}
      - {order_id: o4, worker_id: w4}
    staging.claims: [{claim_id: k1, benefit_yuan: 810000}]
    expect:
      - {record_id: c1, problem: length}
      - {record_id: c2, problem: premium, value: "3.0000"}
      - {extract: orders, record_id: o2, problem: shift}
      - {extract: orders, record_id: o3, problem: shift}
      - {extract: orders, record_id: o4, problem: shift, covered_from: null}
      - {extract: claims, record_id: k1, problem: cap, amount_yuan: 10000}
  - when: 24小时、1元、班次在内（夜班跨零点）；由职工保险保障的班次；不卖微工卡的平台没有保单的班次归X01；订单不看
    staging.enrollment: [{coverage_id: c1, covered_from: 2025-10-01 20:00:00, covered_to: 2025-10-02 20:00:00}]
    core.cover:
      - {coverage_id: c1, covered_from: 2025-10-01 20:00:00, covered_to: 2025-10-02 20:00:00}
      - {coverage_id: e1, worker_id: w2, programme: employee_insurance, covered_to: null}
    staging.orders:
      - {order_id: o1, accepted_at: 2025-10-01 20:00:00, finished_at: 2025-10-02 05:00:00}
      - {order_id: o2, worker_id: w2}
      - {order_id: o4, worker_id: w2, platform_code: Y01}
      - {order_id: o3, work_type: order, accepted_at: 2025-10-01 19:00:00, finished_at: 2025-10-01 21:00:00}
    expect: []
  - when: 0.3元与2元；0.2999元；恰80万元；未终止的保单（边界）
    core.cover: [{covered_to: null}]
    staging.enrollment:
      - {coverage_id: c1, premium_yuan: 0.3}
      - {coverage_id: c2, worker_id: w2, premium_yuan: 2}
      - {coverage_id: c3, worker_id: w3, premium_yuan: 0.2999}
      - {coverage_id: c4, worker_id: w4, covered_to: null}
    staging.orders: [{order_id: o1, finished_at: 2025-10-02 07:00:00}]
    staging.claims: [{claim_id: k1, benefit_yuan: 800000}]
    expect: [{record_id: c3, problem: premium, amount_yuan: 0.0001}, {record_id: c4, problem: length}]
--- */
-- grain: row of a weigongka policy or claim against the terms, or shift that no policy of its worker wholly covers, nor another
-- programme for shifts: of a labour company any shift, elsewhere one that a policy touches.
-- Price, at the latest state: premium short of the least, benefit above the cap.
with policy as (
    select
        cover.platform_code,
        cover.province_code,
        cover.business_date,
        cover.submission,
        cover.coverage_id,
        cover.worker_id,
        cover.covered_from,
        cover.covered_to,
        cover.premium_yuan,
        least_premium.number as least_yuan,
        row_number() over (
            partition by cover.platform_code, cover.coverage_id
            order by cover.business_date desc, cover.province_code, cover.row_no
        ) as newest_no,
        case
            when cover.covered_to is null
                or date_diff('second', cover.covered_from, cover.covered_to) <> hours.number * 3600 then 'length'
            when cover.premium_yuan is null
                or cover.premium_yuan < least_premium.number
                or cover.premium_yuan > most_premium.number then 'premium'
        end as problem,
    from staging.enrollment as cover
    join ref.parameter as hours
        on hours.parameter = 'weigongka_hours'
        and hours.valid_from <= cast(cover.covered_from as date)
        and (hours.valid_to is null or hours.valid_to > cast(cover.covered_from as date))
    join ref.parameter as least_premium
        on least_premium.parameter = 'weigongka_premium'
        and least_premium.key = 'min'
        and least_premium.valid_from <= cast(cover.covered_from as date)
        and (least_premium.valid_to is null or least_premium.valid_to > cast(cover.covered_from as date))
    join ref.parameter as most_premium
        on most_premium.parameter = 'weigongka_premium'
        and most_premium.key = 'max'
        and most_premium.valid_from <= cast(cover.covered_from as date)
        and (most_premium.valid_to is null or most_premium.valid_to > cast(cover.covered_from as date))
    where cover.programme = 'weigongka'
),

seller as (
    select distinct submitter_code as platform_code,
    from ref.submitters
    where kind = 'labour_company'
),

shift as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.order_id,
        orders.worker_id,
        orders.accepted_at,
        orders.finished_at,
        coalesce(orders.finished_at, orders.accepted_at) as ended_at,
        seller.platform_code is not null as is_sellers,
    from staging.orders as orders
    left join seller on seller.platform_code = orders.platform_code
    where orders.work_type = 'shift'
        and orders.order_id is not null
        and orders.worker_id is not null
        and orders.accepted_at is not null
        and not exists (
            select 1
            from core.duplicate_order as twin
            where twin.version_id = orders.version_id
                and twin.row_no = orders.row_no
        )
),

other_programme as (
    select split_part(key, '/', 2) as programme, valid_from, valid_to,
    from ref.parameter
    where parameter = 'cover_programmes'
        and number = 1
        and split_part(key, '/', 1) = 'shift'
        and split_part(key, '/', 2) <> 'weigongka'
),

touched as (
    select
        shift.platform_code,
        shift.province_code,
        shift.business_date,
        shift.submission,
        shift.order_id,
        shift.worker_id,
        shift.accepted_at,
        shift.finished_at,
        min(policy.covered_from) as covered_from,
        max(policy.covered_to) as covered_to,
        max(
            case
                when policy.covered_from <= shift.accepted_at
                    and (policy.covered_to is null or policy.covered_to >= shift.ended_at) then 1
                else 0
            end
        ) as is_covered,
    from shift
    left join core.cover as policy
        on policy.platform_code = shift.platform_code
        and policy.worker_id = shift.worker_id
        and policy.programme = 'weigongka'
        and policy.covered_from <= shift.ended_at
        and (policy.covered_to is null or policy.covered_to > shift.accepted_at)
    where (shift.is_sellers or policy.platform_code is not null)
        and not exists (
            select 1
            from core.cover as other
            join other_programme
                on other_programme.programme = other.programme
                and other_programme.valid_from <= shift.business_date
                and (other_programme.valid_to is null or other_programme.valid_to > shift.business_date)
            where other.platform_code = shift.platform_code
                and other.worker_id = shift.worker_id
                and other.covered_from <= shift.accepted_at
                and (other.covered_to is null or other.covered_to > shift.accepted_at)
        )
    group by
        shift.platform_code, shift.province_code, shift.business_date, shift.submission, shift.order_id,
        shift.worker_id, shift.accepted_at, shift.finished_at
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    'enrollment' as extract,
    coverage_id as record_id,
    worker_id,
    problem,
    covered_from,
    covered_to,
    cast(null as timestamp) as event_from,
    cast(null as timestamp) as event_to,
    cast(premium_yuan as varchar) as value,
    case when problem = 'premium' and newest_no = 1 and premium_yuan < least_yuan then least_yuan - premium_yuan end as amount_yuan,
from policy
where problem is not null
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'orders' as extract,
    order_id as record_id,
    worker_id,
    'shift' as problem,
    covered_from,
    covered_to,
    accepted_at as event_from,
    finished_at as event_to,
    cast(null as varchar) as value,
    cast(null as decimal(18, 6)) as amount_yuan,
from touched
where is_covered = 0
union all
select
    claims.platform_code,
    claims.province_code,
    claims.business_date,
    claims.submission,
    'claims' as extract,
    claims.claim_id as record_id,
    claims.worker_id,
    'cap' as problem,
    cast(null as timestamp) as covered_from,
    cast(null as timestamp) as covered_to,
    claims.injured_at as event_from,
    cast(null as timestamp) as event_to,
    cast(claims.benefit_yuan as varchar) as value,
    case
        when row_number() over (
            partition by claims.platform_code, claims.claim_id
            order by claims.business_date desc, claims.province_code, claims.row_no
        ) = 1 then claims.benefit_yuan - cap.number
    end as amount_yuan,
from staging.claims as claims
join ref.parameter as cap
    on cap.parameter = 'benefit_cap'
    and cap.key = 'weigongka'
    and cap.valid_from <= cast(claims.injured_at as date)
    and (cap.valid_to is null or cap.valid_to > cast(claims.injured_at as date))
where claims.programme = 'weigongka'
    and claims.benefit_yuan > cap.number
