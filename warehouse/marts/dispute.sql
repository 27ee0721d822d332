-- grain: case_no: a dispute as last published
-- kept: view
with stated as (
    select
        d.*,
        row_number() over (partition by d.case_no order by d.known_at desc, d.file desc, d.row_no desc) as newest_no,
    from staging.dispute d
    where d.case_no is not null
)
select
    case_no, platform_code, province_code, received_at, stage, closed_at, outcome, topic, file, known_at,
from stated
where newest_no = 1
