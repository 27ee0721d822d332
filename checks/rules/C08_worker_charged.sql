/* ---
id: C08
version: 1
title_zh: 个人缴费
title_en: worker charged for oip
consequence: breach
price: refund
dimension: validity
responsible: platform
basis: {text: "人社部发〔2025〕24号：职业伤害保障费由平台企业缴纳，个人不缴费", grade: V}
effective: [2022-07-01, null]
needs: [enrollment]
evidence: [submission, coverage_id, worker_id, premium_yuan, worker_paid_yuan]
message_zh: 职业伤害保障费由平台缴纳，不得向劳动者收取；请退还并更正。
message_en: The platform alone pays for oip; refund the worker and correct.
defaults:
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, programme: oip, coverage_id: c1, version_id: a, row_no: 1}
  core.cover: {platform_code: P02, coverage_id: c1, version_id: a, row_no: 1}
cases:
  - when: 向个人收了0.5元
    staging.enrollment: [{worker_paid_yuan: 0.5}]
    core.cover: [{}]
    expect: [{coverage_id: c1, amount_yuan: 0.5}]
  - when: 个人未缴；益鹭保可由个人缴
    staging.enrollment: [{}, {programme: yilubao, worker_paid_yuan: 0.4}]
    expect: []
  - when: 个人缴0元与0.0001元（边界）
    staging.enrollment: [{worker_paid_yuan: 0}, {coverage_id: c2, worker_paid_yuan: 0.0001}]
    expect: [{coverage_id: c2}]
  - when: 同一保障期间的两个状态都报了个人缴费：各算一行，只在最新状态计价
    staging.enrollment: [{worker_paid_yuan: 0.5}, {worker_paid_yuan: 0.5, version_id: b, business_date: 2025-10-09, action: end}]
    core.cover: [{version_id: b}]
    expect: [{business_date: 2025-10-01, amount_yuan: null}, {business_date: 2025-10-09, amount_yuan: 0.5}]
--- */
-- grain: row of an oip spell that its worker paid for. Price: what to refund, once a spell (at its latest state).
select
    enrollment.platform_code,
    enrollment.province_code,
    enrollment.business_date,
    enrollment.submission,
    enrollment.coverage_id,
    enrollment.worker_id,
    enrollment.premium_yuan,
    enrollment.worker_paid_yuan,
    case when cover.version_id is not null then enrollment.worker_paid_yuan end as amount_yuan,
from staging.enrollment as enrollment
left join core.cover as cover
    on cover.version_id = enrollment.version_id
    and cover.row_no = enrollment.row_no
where enrollment.programme = 'oip'
    and enrollment.worker_paid_yuan > 0
