/* ---
id: M07
version: 1
title_zh: 小格未抑制
title_en: released cell that is small or can be recovered
consequence: defect
dimension: credibility
responsible: agency
basis: {text: "统计法实施条例（国务院令第681号）第29条：不得识别或推断单个统计调查对象；最小规模为项目约定（未核实）", grade: V}
effective: [null, null]
needs: [releases]
parameters: [disclosure_minimum]
checked: package
evidence: [problem, release_name, dataset, measure, row_label, column_label, persons, platforms]
message_zh: 请抑制所列单元格；只抑制了一格而总数仍公布的，请再抑制同行或同列的另一格。
message_en: Suppress the listed cells; where a single cell of a row or column is suppressed and its total published, suppress a second one.
defaults:
  releases.cell: {release_name: r1, released_on: 2025-12-01, dataset: d, measure: persons, is_suppressed: false, persons: 100, platforms: 5, value: 100}
cases:
  - when: 9人的单元格；只有两家平台的单元格
    releases.cell:
      - {row_label: a, column_label: x, persons: 9}
      - {row_label: b, column_label: x, platforms: 2}
    expect: [{problem: small, row_label: a}, {problem: small, row_label: b}]
  - when: 已抑制两格，不能由总数推回；另一指标、另一期各自计
    releases.cell:
      - {row_label: a, column_label: x, persons: 3, is_suppressed: true, value: null}
      - {row_label: a, column_label: y, persons: 4, is_suppressed: true, value: null}
      - {row_label: a, column_label: "*"}
      - {row_label: b, column_label: x, persons: 3, is_suppressed: true, value: null, measure: cases}
      - {row_label: b, column_label: "*", measure: persons}
    expect: []
  - when: 同行只抑制一格而公布了总数，可推回；同列亦然
    releases.cell:
      - {row_label: a, column_label: x, persons: 3, is_suppressed: true, value: null}
      - {row_label: a, column_label: y}
      - {row_label: a, column_label: "*"}
      - {row_label: c, column_label: z, persons: 3, is_suppressed: true, value: null, dataset: e}
      - {row_label: "*", column_label: z, dataset: e}
    expect: [{problem: recoverable, row_label: a, column_label: x}, {problem: recoverable, row_label: c, column_label: z}]
  - when: 恰10人、恰3家平台；空单元格（0人）不识别任何人（边界）
    releases.cell:
      - {row_label: a, column_label: x, persons: 10, platforms: 3}
      - {row_label: b, column_label: x, persons: 0, platforms: 0, value: 0}
    expect: []
--- */
-- grain: cell of a release that fewer persons or platforms stand behind than the least, or a suppressed one that its row's or
-- column's total gives away because no other cell beside it is suppressed
with bound as (
    select
        cell.release_name,
        persons.number as least_persons,
        platforms.number as least_platforms,
    from (select release_name, max(released_on) as released_on from releases.cell group by release_name) as cell
    join ref.parameter as persons
        on persons.parameter = 'disclosure_minimum'
        and persons.key = 'persons'
        and persons.valid_from <= cell.released_on
        and (persons.valid_to is null or persons.valid_to > cell.released_on)
    join ref.parameter as platforms
        on platforms.parameter = 'disclosure_minimum'
        and platforms.key = 'platforms'
        and platforms.valid_from <= cell.released_on
        and (platforms.valid_to is null or platforms.valid_to > cell.released_on)
),

alone_in_row as (
    select release_name, dataset, measure, row_label, max(case when is_suppressed then column_label end) as column_label,
    from releases.cell
    group by release_name, dataset, measure, row_label
    having sum(case when is_suppressed then 1 else 0 end) = 1
        and sum(case when column_label = '*' and not is_suppressed then 1 else 0 end) > 0
),

alone_in_column as (
    select release_name, dataset, measure, column_label, max(case when is_suppressed then row_label end) as row_label,
    from releases.cell
    group by release_name, dataset, measure, column_label
    having sum(case when is_suppressed then 1 else 0 end) = 1
        and sum(case when row_label = '*' and not is_suppressed then 1 else 0 end) > 0
),

recoverable as (
    select release_name, dataset, measure, row_label, column_label,
    from alone_in_row
    union
    select release_name, dataset, measure, row_label, column_label,
    from alone_in_column
)

select
    cast(null as varchar) as platform_code,
    cell.province_code,
    cell.released_on as business_date,
    case when cell.is_suppressed then 'recoverable' else 'small' end as problem,
    cell.release_name,
    cell.dataset,
    cell.measure,
    cell.row_label,
    cell.column_label,
    cell.persons,
    cell.platforms,
from releases.cell as cell
join bound on bound.release_name = cell.release_name
left join recoverable
    on recoverable.release_name = cell.release_name
    and recoverable.dataset = cell.dataset
    and recoverable.measure = cell.measure
    and recoverable.row_label = cell.row_label
    and recoverable.column_label = cell.column_label
where (
        not cell.is_suppressed
        and cell.persons > 0
        and (cell.persons < bound.least_persons or cell.platforms < bound.least_platforms)
    )
    or (cell.is_suppressed and recoverable.release_name is not null)
