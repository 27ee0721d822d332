/* ---
id: P08
version: 1
title_zh: 书面协议缺失
title_en: partial labour relation without a written agreement
consequence: breach
dimension: completeness
responsible: platform
basis: {text: "2023年起对不完全符合确立劳动关系情形的须订立书面协议（三方协议）", grade: S}
effective: [2023-01-01, null]
needs: [enrollment]
evidence: [submission, coverage_id, worker_id, programme, labor_relation, agreement, contracting_party]
message_zh: 请与所列劳动者订立书面协议并更正协议形式。
message_en: Conclude written agreements with the listed workers and correct the entry.
defaults:
  staging.enrollment: {platform_code: P02, province_code: 310000, business_date: 2025-10-01, labor_relation: partial, programme: oip}
cases:
  - when: 不完全劳动关系且无协议
    staging.enrollment: [{coverage_id: c1, agreement: none}]
    expect: [{coverage_id: c1}]
  - when: 有书面协议或劳动合同；民事关系；劳动关系
    staging.enrollment:
      - {coverage_id: c1, agreement: written_agreement}
      - {coverage_id: c2, agreement: labour_contract}
      - {coverage_id: c3, agreement: none, labor_relation: civil}
      - {coverage_id: c4, agreement: none, labor_relation: employment}
    expect: []
  - when: 协议一栏可空，空即不知道，不等于没有（边界）
    staging.enrollment: [{coverage_id: c1}]
    expect: []
--- */
-- grain: row of a spell of a worker in a partial labour relation said to have no agreement
select
    platform_code,
    province_code,
    business_date,
    submission,
    coverage_id,
    worker_id,
    programme,
    labor_relation,
    agreement,
    contracting_party,
from staging.enrollment
where labor_relation = 'partial'
    and agreement = 'none'
