/* ---
id: T02
version: 1
title_zh: 迟报
title_en: submitted after the deadline
consequence: breach
dimension: timeliness
responsible: platform
basis: {text: "社会保险法第74条；截止时刻为项目约定（未核实）", grade: A}
effective: [null, null]
needs: [package]
parameters: [submission_deadline]
evidence: [submission, sequence, submitted_at, known_at, late_s, first_refused_at]
message_zh: 请在业务日次日06:00前报送；系统故障请事先告知并说明原因。
message_en: Send by 06:00 on the day after the business date; give notice and the cause of a system fault.
defaults:
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, sequence: 1, status: accepted}
cases:
  - when: 首次报送晚了一小时
    staging.submission: [{submission: A, known_at: 2025-10-02 07:00:00, submitted_at: 2025-10-02 07:00:00}]
    expect: [{submission: A, late_s: 3600, first_refused_at: null}]
  - when: 按时首报，之后更正不算迟
    staging.submission:
      - {submission: A, status: superseded, known_at: 2025-10-02 02:00:00}
      - {submission: B, sequence: 2, known_at: 2025-10-20 02:00:00}
    expect: []
  - when: 按时的批次被拒收，过了截止才有可接受的 → 迟报，附拒收时间
    staging.submission:
      - {submission: A, status: refused, known_at: 2025-10-02 02:00:00}
      - {submission: B, sequence: 2, known_at: 2025-10-02 09:00:00}
    expect: [{submission: B, late_s: 10800, first_refused_at: 2025-10-02 02:00:00}]
  - when: 实时运行按收到时间：按时发出、过时才到
    staging.submission: [{submission: A, submitted_at: 2025-10-02 02:00:00, known_at: 2025-10-02 06:00:01}]
    expect: [{submission: A, late_s: 1}]
  - when: 恰在截止时刻（边界）
    staging.submission: [{submission: A, known_at: 2025-10-02 06:00:00}]
    expect: []
  - when: 别的省、平台、日期被拒收的不算本单元的；其后才被拒收的不算；恰同时算（边界）
    staging.submission:
      - {submission: A, known_at: 2025-10-02 07:00:00}
      - {submission: R1, status: refused, known_at: 2025-10-02 02:00:00, province_code: 320000}
      - {submission: R2, status: refused, known_at: 2025-10-02 02:00:00, platform_code: P03}
      - {submission: R3, status: refused, known_at: 2025-10-02 02:00:00, business_date: 2025-10-02}
      - {submission: R4, status: refused, known_at: 2025-10-02 07:00:01}
      - {submission: B, known_at: 2025-10-02 07:00:00, province_code: 330000}
      - {submission: R5, status: refused, known_at: 2025-10-02 07:00:00, province_code: 330000}
    expect: [{submission: A, first_refused_at: null}, {submission: B, first_refused_at: 2025-10-02 07:00:00}]
--- */
-- grain: platform × province × business_date whose first acceptable submission came after the deadline.
-- The first one counts: a later sequence is a correction, and correcting must not be punished. A refused package is no
-- submission (nothing of it was taken, T01 says the same), else an unreadable file sent in time would buy days.
-- known_at is what each run recorded as the time of knowledge: received_at in a live run, submitted_at in a replay.
with first_accepted as (
    select
        platform_code,
        province_code,
        business_date,
        submission,
        sequence,
        submitted_at,
        known_at,
        row_number() over (
            partition by platform_code, province_code, business_date
            order by known_at, sequence, version_id
        ) as arrival_no,
    from staging.submission
    where status <> 'refused'
),

first_refused as (
    select platform_code, province_code, business_date, min(known_at) as first_refused_at,
    from staging.submission
    where status = 'refused'
    group by platform_code, province_code, business_date
)

select
    accepted.platform_code,
    accepted.province_code,
    accepted.business_date,
    accepted.submission,
    accepted.sequence,
    accepted.submitted_at,
    accepted.known_at,
    cast(
        date_diff('second', cast(accepted.business_date as timestamp), accepted.known_at) - (24 + deadline.number) * 3600
        as bigint
    ) as late_s,
    refused.first_refused_at,
from first_accepted as accepted
join ref.parameter as deadline
    on deadline.parameter = 'submission_deadline'
    and deadline.valid_from <= accepted.business_date
    and (deadline.valid_to is null or deadline.valid_to > accepted.business_date)
left join first_refused as refused
    on refused.platform_code = accepted.platform_code
    and refused.province_code = accepted.province_code
    and refused.business_date = accepted.business_date
    and refused.first_refused_at <= accepted.known_at
where accepted.arrival_no = 1
    and date_diff('second', cast(accepted.business_date as timestamp), accepted.known_at) > (24 + deadline.number) * 3600
