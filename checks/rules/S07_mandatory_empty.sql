/* ---
id: S07
version: 1
title_zh: 必填为空
title_en: mandatory cell empty
consequence: quarantine
dimension: completeness
responsible: platform
basis: {text: "社会保险法第74条（用人单位应如实提供社会保险信息）；报送规范1.0 第2–4节", grade: V}
effective: [null, null]
needs: [package, orders]
checked: package
evidence: [submission, extract, row_no, line_no, column_name]
message_zh: 请补齐所列必填单元格（结束时间仅在订单进行中可空），以新序号重报。
message_en: Fill the listed mandatory cells (the finish may be empty only while an order is running) and resubmit.
defaults:
  staging.quarantine: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, version_id: a, extract: orders, rule_id: S07}
  staging.orders: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, version_id: a, is_untyped: false, accepted_at: 2025-10-01 10:00:00}
  staging.submission: {version_id: a, status: accepted}
  staging.lake_version: {version_id: a, extract: orders, first_row: 0}
cases:
  - when: 从业人员编号为空；已完成订单没有结束时间
    staging.submission: [{}]
    staging.quarantine: [{row_no: 11, line_no: 12, column_name: worker_id}]
    staging.orders: [{row_no: 20, order_id: o1, status: completed}]
    expect: [{row_no: 11, line_no: 12, column_name: worker_id}, {row_no: 20, column_name: finished_at}]
  - when: 值无法解析（S06）不算为空，其结束时间读不出也不另计
    staging.submission: [{}]
    staging.lake_version: [{}]
    staging.quarantine: [{row_no: 12, column_name: finished_at, rule_id: S06}]
    staging.orders: [{row_no: 11, order_id: o1, status: completed, is_untyped: true}]
    expect: []
  - when: 里程读不出而结束时间为空，仍为必填为空；已被取代的版本不计
    staging.submission: [{}, {version_id: b, status: superseded}]
    staging.lake_version: [{}]
    staging.quarantine: [{row_no: 12, column_name: distance_m, rule_id: S06}, {row_no: 12, column_name: worker_id, version_id: b}]
    staging.orders: [{row_no: 11, order_id: o1, status: completed, is_untyped: true}]
    expect: [{row_no: 11, column_name: finished_at, violations: 1}]
  - when: 进行中可无结束时间；同一行两个空单元格算一行（边界）
    staging.submission: [{}]
    staging.orders: [{row_no: 20, order_id: o1, status: running}]
    staging.quarantine: [{row_no: 11, column_name: order_id}, {row_no: 11, column_name: worker_id}]
    expect: [{column_name: order_id, violations: 1}, {column_name: worker_id, violations: 0}]
--- */
-- grain: mandatory cell of a current version that is empty; a row counts once
with bad as (
    select
        quarantine.platform_code,
        quarantine.province_code,
        quarantine.business_date,
        quarantine.submission,
        quarantine.version_id,
        quarantine.extract,
        quarantine.row_no,
        quarantine.line_no,
        quarantine.column_name,
        quarantine.rule_id,
    from staging.quarantine as quarantine
    join staging.submission as submission
        on submission.version_id = quarantine.version_id
        and submission.status = 'accepted'
    where quarantine.rule_id in ('S06', 'S07')
)

select
    platform_code,
    province_code,
    business_date,
    submission,
    extract,
    row_no,
    line_no,
    column_name,
    case
        when row_number() over (partition by version_id, extract, row_no order by column_name) = 1 then 1
        else 0
    end as violations,
from bad
where rule_id = 'S07'
union all
select
    platform_code,
    province_code,
    business_date,
    submission,
    'orders' as extract,
    row_no,
    cast(null as bigint) as line_no,
    'finished_at' as column_name,
    1 as violations,
from staging.orders as orders
where finished_at is null
    and status in ('completed', 'cancelled')
    -- a finish that cannot be read is not an empty one (S06); a row told above is told once
    and (
        not is_untyped
        or not exists (
            select 1
            from bad
            join staging.lake_version as lake
                on lake.version_id = bad.version_id
                and lake.extract = bad.extract
            where bad.version_id = orders.version_id
                and bad.extract = 'orders'
                -- an order's row_no is its place in the lake's file, a bad cell's the one in the platform's
                and bad.row_no = orders.row_no - lake.first_row + 1
                and (bad.rule_id = 'S07' or bad.column_name = 'finished_at')
        )
    )
