/* ---
id: T01
version: 1
title_zh: 缺报
title_en: expected submission missing
consequence: defect
dimension: completeness
responsible: platform
basis: {text: "社会保险法第74条；报送规范1.0 第1节（应报清单；截止次日06:00，参数）", grade: V}
effective: [null, null]
needs: [package]
parameters: [submission_deadline]
evidence: [detected_on, refused_submission]
message_zh: 请立即补报该省该业务日的数据；确无业务的，请作零报送。
message_en: Send the data of that province and date at once; where there was no business, send a declared nil return.
defaults:
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, status: accepted}
  checks.clock: {now: 2025-10-03 08:00:00}
  ref.expected_submissions: {platform_code: P02, province_code: 310000}
cases:
  - when: 10月1日首次报送，10月2日未报且已过截止
    checks.clock: [{}]
    staging.submission: [{}]
    expect: [{platform_code: P02, province_code: 310000, business_date: 2025-10-02, detected_on: 2025-10-02}]
  - when: 每日都报；零报送也是报送；被取代的也算报过
    checks.clock: [{}]
    staging.submission: [{}, {business_date: 2025-10-02, status: superseded}, {business_date: 2025-10-02}]
    expect: []
  - when: 报了但被拒收，等于没报
    checks.clock: [{}]
    staging.submission: [{}, {business_date: 2025-10-02, status: refused, submission: R}]
    expect: [{business_date: 2025-10-02, refused_submission: R}]
  - when: 首次报送被拒收的组合尚不在应报之列
    checks.clock: [{}]
    staging.submission: [{status: refused}]
    expect: []
  - when: 应报清单按其起止日，从未报过也算；清单外的组合仍自首次报送起（边界）
    checks.clock: [{}]
    ref.expected_submissions: [{platform_code: P03, province_code: 320000, valid_from: 2025-10-01, valid_to: 2025-10-02}]
    staging.submission: [{business_date: 2025-10-02}]
    expect: [{platform_code: P03, province_code: 320000, business_date: 2025-10-01}]
  - when: 恰到截止时刻已算缺报，早一秒不算（边界）
    checks.clock: [{now: 2025-10-03 06:00:00}]
    staging.submission: [{}]
    expect: [{business_date: 2025-10-02}]
  - when: 早一秒（边界）
    checks.clock: [{now: 2025-10-03 05:59:59}]
    staging.submission: [{}]
    expect: []
  - when: 每个平台、每个省各算各的；清单只管它点名的组合
    checks.clock: [{}]
    ref.expected_submissions: [{platform_code: P02, province_code: 320000, valid_from: 2025-10-02}, {platform_code: P03, province_code: 310000, valid_from: 2025-10-02}]
    staging.submission:
      - {}
      - {business_date: 2025-10-02, province_code: 320000}
      - {business_date: 2025-10-02, platform_code: P03}
      - {business_date: 2025-10-01, province_code: 330000}
      - {business_date: 2025-10-02, province_code: 330000}
      - {business_date: 2025-10-02, status: refused, submission: R1, platform_code: P03}
      - {business_date: 2025-10-02, status: refused, submission: R2, province_code: 320000}
      - {business_date: 2025-10-01, status: refused, submission: R3}
      - {business_date: 2025-10-02, submission: Z9, platform_code: P04}
    expect: [{platform_code: P02, province_code: 310000, business_date: 2025-10-02, refused_submission: null}]
--- */
-- grain: expected platform × province × business_date whose deadline has passed without an accepted submission.
-- The register speaks for the pairs it names, from its valid_from (empty: the home's first date); every other pair is
-- expected from its first accepted submission on. Raised on the night of the missing date itself.
with first_of_pair as (
    select platform_code, province_code, min(business_date) as first_business_date,
    from staging.submission
    where status <> 'refused'
    group by platform_code, province_code
),

first_of_home as (
    select min(first_business_date) as first_business_date,
    from first_of_pair
),

expected as (
    select
        register.platform_code,
        register.province_code,
        coalesce(register.valid_from, first_of_home.first_business_date) as expected_from,
        register.valid_to as expected_to,
    from ref.expected_submissions as register
    cross join first_of_home
    union all
    select
        pair.platform_code,
        pair.province_code,
        pair.first_business_date as expected_from,
        cast(null as date) as expected_to,
    from first_of_pair as pair
    where not exists (
        select 1
        from ref.expected_submissions as register
        where register.platform_code = pair.platform_code
            and register.province_code = pair.province_code
    )
),

due as (
    select calendar.date as business_date,
    from ref.calendar as calendar
    cross join checks.clock as clock
    join ref.parameter as deadline
        on deadline.parameter = 'submission_deadline'
        and deadline.valid_from <= calendar.date
        and (deadline.valid_to is null or deadline.valid_to > calendar.date)
    where date_diff('second', cast(calendar.date as timestamp), clock.now) >= (24 + deadline.number) * 3600
)

select
    expected.platform_code,
    expected.province_code,
    due.business_date,
    due.business_date as detected_on,
    max(refused.submission) as refused_submission,
from expected
join due
    on due.business_date >= expected.expected_from
    and (expected.expected_to is null or due.business_date < expected.expected_to)
left join staging.submission as refused
    on refused.platform_code = expected.platform_code
    and refused.province_code = expected.province_code
    and refused.business_date = due.business_date
    and refused.status = 'refused'
where not exists (
    select 1
    from staging.submission as accepted
    where accepted.platform_code = expected.platform_code
        and accepted.province_code = expected.province_code
        and accepted.business_date = due.business_date
        and accepted.status <> 'refused'
)
group by expected.platform_code, expected.province_code, due.business_date
