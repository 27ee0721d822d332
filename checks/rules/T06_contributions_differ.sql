/* ---
id: T06
version: 1
title_zh: 缴费与单量不符
title_en: contributions collected differ from the orders of the month
consequence: defect
dimension: consistency
responsible: platform
basis: {text: "山东经办规定：按月就上月订单向税务机关缴费；容差2%为项目约定（未核实）", grade: A}
effective: [2022-07-01, null]
needs: [orders, contributions]
parameters: [contribution_tolerance, contribution_lag_months]
evidence: [source, date_from, date_to, collected_yuan, premium_yuan, premium_month_before_yuan]
message_zh: 税务征收的缴费与报送订单的缴费合计不符；请核对当月订单与缴费，漏报补报、少缴补缴。
message_en: What the tax office collected differs from the premiums of the orders reported; reconcile the month, report and pay what is missing.
defaults:
  staging.witness: {source: tax, platform_code: P02, province_code: 310000, measure: contributions_yuan, date_from: 2025-10-01, date_to: 2025-10-02, file: witness-tax-20251115.csv, known_at: 2025-11-15 10:00:00}
  core.unit: {platform_code: P02, province_code: 310000}
cases:
  - when: 征收1000元，报送订单只有700元
    staging.witness: [{value: 1000}]
    core.unit: [{business_date: 2025-10-01, premium_yuan: 300}, {business_date: 2025-10-02, premium_yuan: 400}]
    expect: [{platform_code: P02, province_code: 310000, business_date: 2025-10-02, collected_yuan: 1000, premium_yuan: 700, premium_month_before_yuan: null}]
  - when: 相符；期间有缺报不判；期间先于首次报送不判；后发布的更正了先发布的
    staging.witness:
      - {value: 700}
      - {value: 1000, province_code: 320000}
      - {value: 1000, province_code: 330000}
      - {value: 1000, province_code: 340000}
      - {value: 700, province_code: 340000, known_at: 2025-12-15 10:00:00}
    core.unit:
      - {business_date: 2025-10-01, premium_yuan: 300}
      - {business_date: 2025-10-02, premium_yuan: 400}
      - {business_date: 2025-10-01, premium_yuan: 300, province_code: 320000}
      - {business_date: 2025-10-02, premium_yuan: 400, province_code: 330000}
      - {business_date: 2025-10-01, premium_yuan: 300, province_code: 340000}
      - {business_date: 2025-10-02, premium_yuan: 400, province_code: 340000}
    expect: []
  - when: 全国一行按平台各省合计
    staging.witness: [{value: 1000, province_code: null}]
    core.unit:
      - {business_date: 2025-10-01, premium_yuan: 300}
      - {business_date: 2025-10-02, premium_yuan: 400}
      - {business_date: 2025-10-02, premium_yuan: 200, province_code: 320000}
    expect: [{province_code: null, premium_yuan: 900}]
  - when: 恰差2%不算；再差一分算（边界）
    staging.witness: [{value: 1000}, {value: 1000, platform_code: P03}]
    core.unit:
      - {business_date: 2025-10-01, premium_yuan: 480}
      - {business_date: 2025-10-02, premium_yuan: 500}
      - {business_date: 2025-10-01, premium_yuan: 479.99, platform_code: P03}
      - {business_date: 2025-10-02, premium_yuan: 500, platform_code: P03}
    expect: [{platform_code: P03}]
  - when: 整月的行若按入库月列示，与上月订单相符即可（边界）
    staging.witness: [{value: 100, date_from: 2023-02-01, date_to: 2023-02-28, province_code: 460000}]
    core.unit:
      - {business_date: 2023-01-31, premium_yuan: 100, province_code: 460000}
      - {business_date: 2023-02-01, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-02, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-03, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-04, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-05, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-06, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-07, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-08, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-09, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-10, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-11, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-12, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-13, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-14, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-15, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-16, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-17, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-18, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-19, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-20, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-21, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-22, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-23, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-24, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-25, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-26, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-27, premium_yuan: 1, province_code: 460000}
      - {business_date: 2023-02-28, premium_yuan: 1, province_code: 460000}
    expect: []
--- */
-- grain: contributions of a platform × province (or platform) over a period, as last published, that differ from the premiums of
-- the orders of that period by more than the tolerance. Judged only where every date of the period was reported.
-- The period is the one the contributions are for. Some series state the month of payment: a whole month that agrees with the
-- orders of the month before (contribution_lag_months) is no difference either.
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
    where measure = 'contributions_yuan'
        and platform_code is not null
),

stated as (
    select
        published.source,
        published.platform_code,
        published.province_code,
        published.date_from,
        published.date_to,
        published.value,
        tolerance.number as tolerance,
        case
            when extract(day from published.date_from) = 1
                and extract(day from published.date_to + interval 1 day) = 1
                then cast(published.date_from - cast(lag.number as integer) * interval 1 month as date)
        end as before_from,
        case
            when extract(day from published.date_from) = 1
                and extract(day from published.date_to + interval 1 day) = 1
                then cast(
                    cast(published.date_to + interval 1 day as date)
                    - cast(lag.number as integer) * interval 1 month - interval 1 day as date
                )
        end as before_to,
    from published
    join ref.parameter as tolerance
        on tolerance.parameter = 'contribution_tolerance'
        and tolerance.valid_from <= published.date_to
        and (tolerance.valid_to is null or tolerance.valid_to > published.date_to)
    join ref.parameter as lag
        on lag.parameter = 'contribution_lag_months'
        and lag.valid_from <= published.date_to
        and (lag.valid_to is null or lag.valid_to > published.date_to)
    where published.newest_no = 1
),

first_of_pair as (
    select platform_code, province_code, min(business_date) as first_business_date,
    from core.unit
    group by platform_code, province_code
),

-- dates owed: of each pair from its first report on; the place itself must have begun before the period
owed as (
    select
        stated.source,
        stated.platform_code,
        stated.province_code,
        stated.date_from,
        stated.date_to,
        min(pair.first_business_date) as first_business_date,
        sum(
            case
                when pair.first_business_date <= stated.date_to
                    then date_diff('day', greatest(pair.first_business_date, stated.date_from), stated.date_to) + 1
                else 0
            end
        ) as dates_owed,
    from stated
    join first_of_pair as pair
        on pair.platform_code = stated.platform_code
        and (stated.province_code is null or pair.province_code = stated.province_code)
    group by stated.source, stated.platform_code, stated.province_code, stated.date_from, stated.date_to
),

told as (
    select
        stated.source,
        stated.platform_code,
        stated.province_code,
        stated.date_from,
        stated.date_to,
        stated.value,
        stated.tolerance,
        count(case when unit.business_date between stated.date_from and stated.date_to then 1 end) as dates_told,
        coalesce(
            sum(case when unit.business_date between stated.date_from and stated.date_to then unit.premium_yuan end), 0
        ) as premium_yuan,
        sum(case when unit.business_date between stated.before_from and stated.before_to then unit.premium_yuan end)
            as premium_month_before_yuan,
    from stated
    join core.unit as unit
        on unit.platform_code = stated.platform_code
        and (stated.province_code is null or unit.province_code = stated.province_code)
    group by
        stated.source, stated.platform_code, stated.province_code, stated.date_from, stated.date_to, stated.value,
        stated.tolerance
)

select
    told.platform_code,
    told.province_code,
    told.date_to as business_date,
    told.source,
    told.date_from,
    told.date_to,
    told.value as collected_yuan,
    told.premium_yuan,
    told.premium_month_before_yuan,
from told
join owed
    on owed.source = told.source
    and owed.platform_code = told.platform_code
    and owed.province_code is not distinct from told.province_code
    and owed.date_from = told.date_from
    and owed.date_to = told.date_to
where owed.first_business_date <= told.date_from
    and told.dates_told = owed.dates_owed
    and abs(told.premium_yuan - told.value) > told.tolerance * told.value
    and (
        told.premium_month_before_yuan is null
        or abs(told.premium_month_before_yuan - told.value) > told.tolerance * told.value
    )
