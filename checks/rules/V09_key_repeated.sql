/* ---
id: V09
version: 1
title_zh: 主键重复
title_en: same key, different content
consequence: quarantine
dimension: consistency
responsible: platform
basis: {text: "报送规范1.0 第2–4节：订单编号在平台内永久唯一；参保、申领编号在同一业务日内一行（项目约定）", grade: S}
effective: [null, null]
needs: [orders, enrollment, claims]
evidence: [submission, extract, record_id, row_no]
message_zh: 同一编号只能对应一个订单（参保、申领每业务日一行，为当日末状态）；请查明重复原因并重报有关批次。
message_en: A key stands for one order for ever (a spell or claim has one row a business date, its last state); find the cause and resubmit.
defaults:
  core.duplicate_order: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, order_id: o1, differs: true}
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, coverage_id: c1, worker_id: w1}
  staging.claims: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, claim_id: k1, worker_id: w1}
cases:
  - when: 订单编号再次出现且内容不同；参保同日两行不同；申领同日三行，后两行都与第一行不同
    core.duplicate_order: [{row_no: 9}]
    staging.enrollment: [{row_no: 1, premium_yuan: 1}, {row_no: 2, premium_yuan: 2}]
    staging.claims: [{row_no: 1, outcome: pending}, {row_no: 2, outcome: confirmed}, {row_no: 3, outcome: confirmed}]
    expect:
      - {extract: orders, record_id: o1, row_no: 9}
      - {extract: enrollment, record_id: c1, row_no: 2}
      - {extract: claims, record_id: k1, row_no: 2}
      - {extract: claims, record_id: k1, row_no: 3}
  - when: 编号各异；同一编号在不同平台或不同业务日
    staging.enrollment: [{row_no: 1}, {row_no: 2, coverage_id: c2}, {row_no: 1, platform_code: P03}, {row_no: 1, business_date: 2025-10-02, action: change}]
    staging.claims: [{row_no: 1, outcome: pending}, {row_no: 1, business_date: 2025-10-02, outcome: confirmed}]
    expect: []
  - when: 同号同文（包括空值）不是同号异文（边界）
    core.duplicate_order: [{row_no: 9, differs: false}]
    staging.enrollment: [{row_no: 1}, {row_no: 2}]
    expect: []
  - when: 两省批次用了同一参保编号而内容不同（边界）
    staging.enrollment: [{row_no: 1, action: start}, {row_no: 4, province_code: 320000, action: end}]
    expect: [{province_code: 320000, row_no: 4}]
--- */
-- grain: row beyond the first of its key that says something else than the first
with enrollment_key as (
    select platform_code, business_date, coverage_id,
    from staging.enrollment
    where coverage_id is not null
    group by platform_code, business_date, coverage_id
    having count(*) > 1
),

enrollment_content as (
    select
        row.platform_code,
        row.province_code,
        row.business_date,
        row.submission,
        row.coverage_id,
        row.row_no,
        concat_ws(
            '|', coalesce(row.action, ''), coalesce(row.worker_id, ''), coalesce(row.person, ''),
            coalesce(row.programme, ''), coalesce(cast(row.registered_at as varchar), ''),
            coalesce(cast(row.covered_from as varchar), ''), coalesce(cast(row.covered_to as varchar), ''),
            coalesce(row.labor_relation, ''), coalesce(row.engagement, ''), coalesce(row.contracting_party, ''),
            coalesce(row.industry, ''), coalesce(row.city_code, ''), coalesce(row.trade, ''),
            coalesce(row.agreement, ''), coalesce(cast(row.premium_yuan as varchar), ''),
            coalesce(cast(row.worker_paid_yuan as varchar), ''), coalesce(cast(row.subsidy_yuan as varchar), ''),
            coalesce(row.subsidy_payer, ''), coalesce(cast(row.contribution_base_yuan as varchar), '')
        ) as content,
    from staging.enrollment as row
    join enrollment_key
        on enrollment_key.platform_code = row.platform_code
        and enrollment_key.business_date = row.business_date
        and enrollment_key.coverage_id = row.coverage_id
),

enrollment_compared as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        coverage_id,
        row_no,
        content,
        first_value(content) over (
            partition by platform_code, business_date, coverage_id
            order by province_code, row_no
        ) as first_content,
    from enrollment_content
),

claims_key as (
    select platform_code, business_date, claim_id,
    from staging.claims
    where claim_id is not null
    group by platform_code, business_date, claim_id
    having count(*) > 1
),

claims_content as (
    select
        row.platform_code,
        row.province_code,
        row.business_date,
        row.submission,
        row.claim_id,
        row.row_no,
        concat_ws(
            '|', coalesce(row.worker_id, ''), coalesce(row.person, ''), coalesce(row.programme, ''),
            coalesce(row.coverage_id, ''), coalesce(row.order_id, ''), coalesce(cast(row.injured_at as varchar), ''),
            coalesce(row.injury_city_code, ''), coalesce(cast(row.reported_at as varchar), ''),
            coalesce(row.reported_by, ''), coalesce(cast(row.applied_at as varchar), ''),
            coalesce(cast(row.confirmed_at as varchar), ''), coalesce(cast(row.appraised_at as varchar), ''),
            coalesce(cast(row.decided_at as varchar), ''), coalesce(cast(row.paid_at as varchar), ''),
            coalesce(row.outcome, ''), coalesce(cast(row.suspended_days as varchar), ''),
            coalesce(row.injury_class, ''), coalesce(cast(row.disability_grade as varchar), ''),
            coalesce(cast(row.medical_yuan as varchar), ''), coalesce(cast(row.benefit_yuan as varchar), '')
        ) as content,
    from staging.claims as row
    join claims_key
        on claims_key.platform_code = row.platform_code
        and claims_key.business_date = row.business_date
        and claims_key.claim_id = row.claim_id
),

claims_compared as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        claim_id,
        row_no,
        content,
        first_value(content) over (
            partition by platform_code, business_date, claim_id
            order by province_code, row_no
        ) as first_content,
    from claims_content
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    'orders' as extract,
    order_id as record_id,
    row_no,
from core.duplicate_order
where differs
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'enrollment' as extract,
    coverage_id as record_id,
    row_no,
from enrollment_compared
where content <> first_content
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'claims' as extract,
    claim_id as record_id,
    row_no,
from claims_compared
where content <> first_content
