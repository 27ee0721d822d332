/* ---
id: C08
version: 1
title_zh: 个人缴费
title_en: worker charged for oip
consequence: breach
dimension: validity
responsible: platform
basis: {text: "人社部发〔2025〕24号：职业伤害保障费由平台企业缴纳，个人不缴费", grade: V}
effective: [2022-07-01, null]
needs: [enrollment]
evidence: [submission, coverage_id, worker_id, premium_yuan, worker_paid_yuan]
message_zh: 职业伤害保障费由平台缴纳，不得向劳动者收取；请退还并更正。
message_en: The platform alone pays for oip; refund the worker and correct.
defaults:
  core.cover: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, programme: oip, coverage_id: c1}
cases:
  - when: 向个人收了0.5元
    core.cover: [{worker_paid_yuan: 0.5}]
    expect: [{coverage_id: c1, amount_yuan: 0.5}]
  - when: 个人未缴；益鹭保可由个人缴
    core.cover: [{}, {programme: yilubao, worker_paid_yuan: 0.4}]
    expect: []
  - when: 个人缴0元与0.0001元（边界）
    core.cover: [{worker_paid_yuan: 0}, {coverage_id: c2, worker_paid_yuan: 0.0001}]
    expect: [{coverage_id: c2}]
--- */
-- grain: oip spell that its worker paid for. Price: what to refund.
select
    platform_code,
    province_code,
    business_date,
    submission,
    coverage_id,
    worker_id,
    premium_yuan,
    worker_paid_yuan,
    worker_paid_yuan as amount_yuan,
from core.cover
where programme = 'oip'
    and worker_paid_yuan > 0
