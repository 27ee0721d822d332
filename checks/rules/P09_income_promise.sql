/* ---
id: P09
version: 1
title_zh: 收入承诺
title_en: income per order falls when a worker is moved to employee_insurance
consequence: suspect
dimension: credibility
responsible: platform
basis: {text: "京东承诺转为五险一金后骑手现金收入不减少（每单下降界限为项目约定，参数 income_drop）", grade: S}
effective: [2025-03-01, null]
needs: [enrollment, orders]
parameters: [income_drop]
checked: enrollment
evidence: [submission, worker_id, coverage_id, moved_on, orders_before, income_before_yuan, orders_after, income_after_yuan]
message_zh: 请说明所列人员转为五险一金前后的单均收入变化；承诺现金收入不减少。
message_en: Explain how the listed workers' income per order changed when they became employees; it was promised not to fall.
defaults:
  checks.clock: {now: 2025-12-31 08:00:00}
  core.cover: {platform_code: P04, province_code: 310000, business_date: 2025-10-01, first_business_date: 2025-10-01, programme: employee_insurance, covered_from: 2025-10-01 00:00:00}
  core.worker_day: {platform_code: P04, province_code: 310000, orders: 30}
cases:
  - when: 单均由6元降到5元
    checks.clock: [{}]
    core.cover: [{coverage_id: e1, worker_id: w1}]
    core.worker_day: [{worker_id: w1, business_date: 2025-09-20, worker_income_yuan: 180}, {worker_id: w1, business_date: 2025-10-05, worker_income_yuan: 150}]
    expect: [{worker_id: w1, moved_on: 2025-10-01, income_before_yuan: 180, income_after_yuan: 150}]
  - when: 没有下降；单数太少；此前没有接单；未满30日不判；只是续保
    checks.clock: [{}]
    core.cover:
      - {coverage_id: e1, worker_id: w1}
      - {coverage_id: e2, worker_id: w2}
      - {coverage_id: e3, worker_id: w3}
      - {coverage_id: e4, worker_id: w4, covered_from: 2025-12-05 00:00:00}
      - {coverage_id: e5, worker_id: w5, covered_from: 2025-01-01 00:00:00, covered_to: 2025-10-01 00:00:00}
      - {coverage_id: e6, worker_id: w5}
    core.worker_day:
      - {worker_id: w1, business_date: 2025-09-20, worker_income_yuan: 180}
      - {worker_id: w1, business_date: 2025-10-05, worker_income_yuan: 180}
      - {worker_id: w2, business_date: 2025-09-20, worker_income_yuan: 180, orders: 29}
      - {worker_id: w2, business_date: 2025-10-05, worker_income_yuan: 30}
      - {worker_id: w3, business_date: 2025-10-05, worker_income_yuan: 30}
      - {worker_id: w4, business_date: 2025-11-20, worker_income_yuan: 180}
      - {worker_id: w4, business_date: 2025-12-10, worker_income_yuan: 30}
      - {worker_id: w5, business_date: 2025-09-20, worker_income_yuan: 180}
      - {worker_id: w5, business_date: 2025-10-05, worker_income_yuan: 30}
    expect: []
  - when: 恰降10%；再少一分；第30日之外的不计（边界）
    checks.clock: [{}]
    core.cover: [{coverage_id: e1, worker_id: w1}, {coverage_id: e2, worker_id: w2}]
    core.worker_day:
      - {worker_id: w1, business_date: 2025-09-01, worker_income_yuan: 300}
      - {worker_id: w1, business_date: 2025-10-30, worker_income_yuan: 270}
      - {worker_id: w1, business_date: 2025-10-31, worker_income_yuan: 30}
      - {worker_id: w2, business_date: 2025-09-01, worker_income_yuan: 300}
      - {worker_id: w2, business_date: 2025-10-30, worker_income_yuan: 269.99}
    expect: [{worker_id: w2}]
--- */
-- grain: worker who became an employee: income per order in the 30 days from the day of the move against the 30 days before
with began as (
    select
        platform_code,
        province_code,
        first_business_date as business_date,
        submission,
        worker_id,
        coverage_id,
        cast(covered_from as date) as moved_on,
        row_number() over (
            partition by platform_code, worker_id
            order by covered_from, coverage_id
        ) as spell_no,
    from core.cover
    where programme = 'employee_insurance'
        and worker_id is not null
),

moved as (
    select
        began.platform_code,
        began.province_code,
        began.business_date,
        began.submission,
        began.worker_id,
        began.coverage_id,
        began.moved_on,
    from began
    cross join checks.clock as clock
    where began.spell_no = 1
        and date_diff('day', began.moved_on, cast(clock.now as date)) >= 30
),

compared as (
    select
        moved.platform_code,
        moved.province_code,
        moved.business_date,
        moved.submission,
        moved.worker_id,
        moved.coverage_id,
        moved.moved_on,
        sum(case when day.business_date < moved.moved_on then day.orders else 0 end) as orders_before,
        sum(case when day.business_date < moved.moved_on then day.worker_income_yuan else 0 end) as income_before_yuan,
        sum(case when day.business_date >= moved.moved_on then day.orders else 0 end) as orders_after,
        sum(case when day.business_date >= moved.moved_on then day.worker_income_yuan else 0 end) as income_after_yuan,
    from moved
    join core.worker_day as day
        on day.platform_code = moved.platform_code
        and day.worker_id = moved.worker_id
        and date_diff('day', moved.moved_on, day.business_date) >= -30
        and date_diff('day', moved.moved_on, day.business_date) < 30
    group by
        moved.platform_code, moved.province_code, moved.business_date, moved.submission, moved.worker_id,
        moved.coverage_id, moved.moved_on
)

select
    compared.platform_code,
    compared.province_code,
    compared.business_date,
    compared.submission,
    compared.worker_id,
    compared.coverage_id,
    compared.moved_on,
    cast(compared.orders_before as bigint) as orders_before,
    compared.income_before_yuan,
    cast(compared.orders_after as bigint) as orders_after,
    compared.income_after_yuan,
from compared
join ref.parameter as share
    on share.parameter = 'income_drop'
    and share.key = 'share'
    and share.valid_from <= compared.moved_on
    and (share.valid_to is null or share.valid_to > compared.moved_on)
join ref.parameter as minimum
    on minimum.parameter = 'income_drop'
    and minimum.key = 'minimum_orders'
    and minimum.valid_from <= compared.moved_on
    and (minimum.valid_to is null or minimum.valid_to > compared.moved_on)
where compared.orders_before >= minimum.number
    and compared.orders_after >= minimum.number
    -- income a/n below (1 − share) × income b/m, without a division
    and compared.income_after_yuan * compared.orders_before
        < compared.income_before_yuan * compared.orders_after * (1 - share.number)
