/* ---
id: T10
version: 1
title_zh: 送达滞后
title_en: received over an hour after submitted_at
consequence: suspect
dimension: timeliness
responsible: platform
basis: {text: "校验惯例（项目约定，参数 delivery_lag）：防止倒填发送时间", grade: A}
effective: [null, null]
needs: [package]
parameters: [delivery_lag]
evidence: [submission, submitted_at, known_at, lag_s]
message_zh: 请核对服务器时钟与传输链路：submitted_at 应为实际发送时间。
message_en: Check the servers' clock and the line; submitted_at is the time the package was really sent.
defaults:
  staging.submission: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, status: accepted, submitted_at: 2025-10-02 02:00:00}
cases:
  - when: 02:00发送，04:00收到
    staging.submission: [{submission: A, known_at: 2025-10-02 04:00:00}]
    expect: [{submission: A, lag_s: 7200}]
  - when: 一分钟后收到；重放运行以发送时间为准；拒收的不计
    staging.submission:
      - {submission: A, known_at: 2025-10-02 02:01:00}
      - {submission: B, known_at: 2025-10-02 02:00:00, received_at: 2025-12-01 00:00:00}
      - {submission: C, known_at: 2025-10-02 09:00:00, status: refused}
    expect: []
  - when: 恰一小时；多一秒（边界）
    staging.submission: [{submission: A, known_at: 2025-10-02 03:00:00}, {submission: B, known_at: 2025-10-02 03:00:01}]
    expect: [{submission: B, lag_s: 3601}]
--- */
-- grain: accepted package (later replaced or not: a resubmission does not cure the lag) that arrived long after it says it was sent.
-- Live runs only, by itself: a replay records known_at = submitted_at.
select
    submission.platform_code,
    submission.province_code,
    submission.business_date,
    submission.submission,
    submission.submitted_at,
    submission.known_at,
    date_diff('second', submission.submitted_at, submission.known_at) as lag_s,
from staging.submission as submission
join ref.parameter as bound
    on bound.parameter = 'delivery_lag'
    and bound.valid_from <= submission.business_date
    and (bound.valid_to is null or bound.valid_to > submission.business_date)
where submission.status <> 'refused'
    and date_diff('second', submission.submitted_at, submission.known_at) > bound.number * 3600
