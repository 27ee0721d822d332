/* ---
id: S08
version: 1
title_zh: 未登记编码
title_en: unknown code (province, city, industry, programme, …)
consequence: quarantine
dimension: validity
responsible: platform
basis: {text: "GB/T 2260 行政区划代码；报送规范1.0 第1–4节代码表（项目约定）", grade: V}
effective: [null, null]
needs: [package, orders, enrollment, claims]
checked: package
evidence: [submission, extract, row_no, record_id, column_name, value]
message_zh: 请改用登记的代码（省、市按 GB/T 2260，行业、项目等按报送规范代码表），以新序号重报。
message_en: Use registered codes (provinces and cities of GB/T 2260, industries, programmes and others of the standard) and resubmit.
defaults:
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, order_id: o1, work_type: order, industry: instant_delivery, city_code: 310100, status: completed}
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, coverage_id: c1, action: start, programme: oip, labor_relation: partial, engagement: crowdsourced, industry: instant_delivery, city_code: 310100}
  staging.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, claim_id: k1, programme: oip, injury_city_code: 310100, reported_by: worker, outcome: pending, injury_class: minor}
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
  staging.package_reason: {platform_code: P02, province_code: 310000, business_date: 2025-10-01}
cases:
  - when: 订单的市、参保的项目、申领的市未登记
    staging.orders: [{city_code: 319999}]
    staging.enrollment: [{programme: oipp}]
    staging.claims: [{injury_city_code: 999999, outcome: done}]
    expect:
      - {extract: orders, record_id: o1, column_name: city_code, value: 319999, consequence: quarantine}
      - {extract: enrollment, record_id: c1, column_name: programme, value: oipp}
      - {extract: claims, record_id: k1, column_name: injury_city_code, value: 999999, violations: 1}
      - {extract: claims, record_id: k1, column_name: outcome, value: done, violations: 0}
  - when: 代码均已登记，可空的代码为空
    staging.orders: [{}]
    staging.enrollment: [{agreement: none, subsidy_payer: fiscal}, {}]
    staging.claims: [{}]
    expect: []
  - when: 清单上的平台未登记 → 拒收；其后接受的报送已答复
    staging.submission:
      - {version_id: a, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, sequence: 1, status: refused, submitted_at: 2025-10-03 02:00:00, business_date: 2025-10-02}
      - {version_id: c, sequence: 2, status: accepted, submitted_at: 2025-10-03 03:00:00, business_date: 2025-10-02}
    staging.package_reason:
      - {version_id: a, rule_id: S08, value: P99}
      - {version_id: b, rule_id: S08, value: P99, business_date: 2025-10-02}
    expect: [{extract: manifest, value: P99, consequence: refuse, business_date: 2025-10-01}]
  - when: 读不出的代码（空）不是未登记编码（边界）
    staging.orders: [{city_code: null, industry: null}]
    expect: []
  - when: 同一行里只有未登记的那一格算；清单理由只看S08，同序号稍后接受才答复
    staging.orders: [{status: finished}]
    staging.enrollment: [{agreement: oral, coverage_id: c2}]
    staging.claims: [{reported_by: neighbour}]
    staging.submission:
      - {version_id: a, sequence: 1, status: refused, submitted_at: 2025-10-02 02:00:00}
      - {version_id: b, sequence: 1, status: accepted, submitted_at: 2025-10-02 02:00:00}
      - {version_id: c, sequence: 2, status: accepted, submitted_at: 2025-10-02 03:00:00, province_code: 320000}
      - {version_id: d, sequence: 2, status: accepted, submitted_at: 2025-10-02 03:00:00, platform_code: P03}
    staging.package_reason: [{version_id: a, rule_id: S08, value: P99}, {version_id: a, rule_id: S01}]
    expect:
      - {extract: orders, column_name: status, value: finished}
      - {extract: enrollment, column_name: agreement}
      - {extract: claims, column_name: reported_by}
      - {extract: manifest, value: P99}
--- */
-- grain: cell whose code is not registered; a row counts once
with answered as (
    select refused.version_id,
    from staging.submission as refused
    join staging.submission as taken
        on taken.platform_code = refused.platform_code
        and taken.province_code = refused.province_code
        and taken.business_date = refused.business_date
    where refused.status = 'refused'
        and taken.status <> 'refused'
        and (
            taken.sequence > refused.sequence
            or (
                taken.sequence = refused.sequence
                and (refused.submitted_at is null or taken.submitted_at > refused.submitted_at)
            )
        )
),

programme as (
    select distinct programme,
    from ref.programme
),

industry as (
    select distinct industry,
    from ref.industry
),

orders_suspected as (
    select
        orders.platform_code,
        orders.province_code,
        orders.business_date,
        orders.submission,
        orders.version_id,
        orders.row_no,
        orders.order_id,
        orders.work_type,
        orders.status,
        case when industry.industry is null then orders.industry end as industry,
        case when city.city_code is null then orders.city_code end as city_code,
    from staging.orders as orders
    left join industry on industry.industry = orders.industry
    left join ref.city as city on city.city_code = orders.city_code
    where (orders.industry is not null and industry.industry is null)
        or (orders.city_code is not null and city.city_code is null)
        or orders.work_type not in ('order', 'shift')
        or orders.status not in ('completed', 'cancelled', 'running')
),

enrollment_suspected as (
    select
        enrollment.platform_code,
        enrollment.province_code,
        enrollment.business_date,
        enrollment.submission,
        enrollment.version_id,
        enrollment.row_no,
        enrollment.coverage_id,
        enrollment.action,
        enrollment.labor_relation,
        enrollment.engagement,
        enrollment.agreement,
        enrollment.subsidy_payer,
        case when programme.programme is null then enrollment.programme end as programme,
        case when industry.industry is null then enrollment.industry end as industry,
        case when city.city_code is null then enrollment.city_code end as city_code,
    from staging.enrollment as enrollment
    left join programme on programme.programme = enrollment.programme
    left join industry on industry.industry = enrollment.industry
    left join ref.city as city on city.city_code = enrollment.city_code
    where (enrollment.programme is not null and programme.programme is null)
        or (enrollment.industry is not null and industry.industry is null)
        or (enrollment.city_code is not null and city.city_code is null)
        or enrollment.action not in ('start', 'change', 'end')
        or enrollment.labor_relation not in ('employment', 'partial', 'civil')
        or enrollment.engagement not in ('full_time', 'part_time', 'crowdsourced')
        or enrollment.agreement not in ('labour_contract', 'written_agreement', 'none')
        or enrollment.subsidy_payer not in ('fiscal', 'platform', 'union')
),

claims_suspected as (
    select
        claims.platform_code,
        claims.province_code,
        claims.business_date,
        claims.submission,
        claims.version_id,
        claims.row_no,
        claims.claim_id,
        claims.reported_by,
        claims.outcome,
        claims.injury_class,
        case when programme.programme is null then claims.programme end as programme,
        case when city.city_code is null then claims.injury_city_code end as injury_city_code,
    from staging.claims as claims
    left join programme on programme.programme = claims.programme
    left join ref.city as city on city.city_code = claims.injury_city_code
    where (claims.programme is not null and programme.programme is null)
        or (claims.injury_city_code is not null and city.city_code is null)
        or claims.reported_by not in ('worker', 'platform', 'family', 'authority')
        or claims.outcome not in ('pending', 'confirmed', 'denied', 'withdrawn')
        or claims.injury_class not in ('minor', 'medical', 'disability', 'death')
),

cell as (
    select
        platform_code, province_code, business_date, submission, version_id,
        'orders' as extract, row_no, order_id as record_id, 'work_type' as column_name, work_type as value,
    from orders_suspected
    where work_type not in ('order', 'shift')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'orders', row_no, order_id, 'industry', industry,
    from orders_suspected
    where industry is not null
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'orders', row_no, order_id, 'city_code', city_code,
    from orders_suspected
    where city_code is not null
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'orders', row_no, order_id, 'status', status,
    from orders_suspected
    where status not in ('completed', 'cancelled', 'running')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'enrollment', row_no, coverage_id, 'action', action,
    from enrollment_suspected
    where action not in ('start', 'change', 'end')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'enrollment', row_no, coverage_id, 'programme', programme,
    from enrollment_suspected
    where programme is not null
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'enrollment', row_no, coverage_id, 'labor_relation', labor_relation,
    from enrollment_suspected
    where labor_relation not in ('employment', 'partial', 'civil')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'enrollment', row_no, coverage_id, 'engagement', engagement,
    from enrollment_suspected
    where engagement not in ('full_time', 'part_time', 'crowdsourced')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'enrollment', row_no, coverage_id, 'industry', industry,
    from enrollment_suspected
    where industry is not null
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'enrollment', row_no, coverage_id, 'city_code', city_code,
    from enrollment_suspected
    where city_code is not null
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'enrollment', row_no, coverage_id, 'agreement', agreement,
    from enrollment_suspected
    where agreement not in ('labour_contract', 'written_agreement', 'none')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'enrollment', row_no, coverage_id, 'subsidy_payer', subsidy_payer,
    from enrollment_suspected
    where subsidy_payer not in ('fiscal', 'platform', 'union')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'claims', row_no, claim_id, 'programme', programme,
    from claims_suspected
    where programme is not null
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'claims', row_no, claim_id, 'injury_city_code', injury_city_code,
    from claims_suspected
    where injury_city_code is not null
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'claims', row_no, claim_id, 'reported_by', reported_by,
    from claims_suspected
    where reported_by not in ('worker', 'platform', 'family', 'authority')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'claims', row_no, claim_id, 'outcome', outcome,
    from claims_suspected
    where outcome not in ('pending', 'confirmed', 'denied', 'withdrawn')
    union all
    select
        platform_code, province_code, business_date, submission, version_id,
        'claims', row_no, claim_id, 'injury_class', injury_class,
    from claims_suspected
    where injury_class not in ('minor', 'medical', 'disability', 'death')
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    extract,
    row_no,
    record_id,
    column_name,
    value,
    'quarantine' as consequence,
    case
        when row_number() over (partition by version_id, extract, row_no, record_id order by column_name) = 1 then 1
        else 0
    end as violations,
from cell
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'manifest' as extract,
    cast(null as bigint) as row_no,
    cast(null as varchar) as record_id,
    reason_en as column_name,
    value,
    'refuse' as consequence,
    case
        when row_number() over (partition by reason.version_id order by reason.reason_en, reason.value) = 1 then 1
        else 0
    end as violations,
from staging.package_reason as reason
where reason.rule_id = 'S08'
    and not exists (select 1 from answered where answered.version_id = reason.version_id)
