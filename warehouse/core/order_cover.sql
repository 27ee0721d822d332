-- grain: platform × order_id of the frame, only of worker-days not wholly inside one spell, or touched by employee_insurance
-- kept: frame
-- A needing order that is not here is covered and not exempt: one look at the worker's day spares a look at every order.
-- An order without a readable worker or time proves neither cover nor its absence and is not here.
with span as (
    select platform_code, business_date, work_class, worker_id, min(first_accepted_at) as first_at, max(last_accepted_at) as last_at,
    from core.worker_span
    where needs_cover and worker_id is not null and first_accepted_at is not null
    group by platform_code, business_date, work_class, worker_id
),
covering as (
    select split_part(key, '/', 1) as work_class, split_part(key, '/', 2) as programme, valid_from, valid_to,
    from ref.parameter
    where parameter = 'cover_programmes' and number = 1
),
spell as (
    select c.platform_code, c.worker_id, c.programme, c.covered_from, c.covered_to, p.work_class, p.valid_from, p.valid_to,
    from core.cover c
    join covering p on p.programme = c.programme
    where c.covered_from is not null and (c.covered_to is null or c.covered_to > c.covered_from)
    union all
    -- a programme that cannot be read may be any: a spell with readable worker and times still covers
    select
        c.platform_code, c.worker_id, c.programme, c.covered_from, c.covered_to, k.work_class,
        cast('1900-01-01' as date) as valid_from, cast(null as date) as valid_to,
    from core.cover c
    cross join (select distinct work_class from covering) k
    where
        c.covered_from is not null
        and (c.covered_to is null or c.covered_to > c.covered_from)
        and not exists (select 1 from ref.programme g where g.programme = c.programme)
),
whole_day as (
    select distinct s.platform_code, s.business_date, s.work_class, s.worker_id,
    from span s
    join spell c
        on c.platform_code = s.platform_code
        and c.worker_id = s.worker_id
        and c.work_class = s.work_class
        and c.covered_from <= s.first_at
        and (c.covered_to is null or c.covered_to > s.last_at)
        and c.valid_from <= s.business_date
        and (c.valid_to is null or c.valid_to > s.business_date)
),
employed_day as (
    select distinct s.platform_code, s.business_date, s.work_class, s.worker_id,
    from span s
    join core.cover c
        on c.platform_code = s.platform_code
        and c.worker_id = s.worker_id
        and c.programme = 'employee_insurance'
        and c.covered_from <= s.last_at
        and (c.covered_to is null or c.covered_to > s.first_at)
),
open_day as (
    select s.platform_code, s.business_date, s.work_class, s.worker_id,
    from span s
    where
        not exists (
            select 1
            from whole_day w
            where
                w.platform_code = s.platform_code
                and w.business_date = s.business_date
                and w.work_class = s.work_class
                and w.worker_id = s.worker_id
        )
    union
    select platform_code, business_date, work_class, worker_id,
    from employed_day
),
open_order as (
    select o.*,
    from core.orders o
    where
        o.needs_cover
        and o.accepted_at is not null
        and exists (
            select 1
            from open_day d
            where
                d.platform_code = o.platform_code
                and d.business_date = o.business_date
                and d.work_class = o.work_class
                and d.worker_id = o.worker_id
        )
),
covered as (
    select distinct o.version_id, o.row_no,
    from open_order o
    join spell c
        on c.platform_code = o.platform_code
        and c.worker_id = o.worker_id
        and c.work_class = o.work_class
        and c.covered_from <= o.accepted_at
        and (c.covered_to is null or c.covered_to > o.accepted_at)
        and c.valid_from <= o.business_date
        and (c.valid_to is null or c.valid_to > o.business_date)
),
employed as (
    select distinct o.version_id, o.row_no,
    from open_order o
    join core.cover c
        on c.platform_code = o.platform_code
        and c.worker_id = o.worker_id
        and c.programme = 'employee_insurance'
        and c.covered_from <= o.accepted_at
        and (c.covered_to is null or c.covered_to > o.accepted_at)
)
select
    o.platform_code, o.province_code, o.business_date, o.submission, o.version_id, o.row_no, o.order_id, o.serial, o.work_type,
    o.worker_id, w.person, o.industry, o.city_code, o.accepted_at, o.picked_up_at, o.finished_at, o.status, o.distance_m,
    o.customer_paid_yuan, o.worker_income_yuan, o.premium_yuan, o.is_in_scope, o.work_class, o.needs_cover,
    c.version_id is not null as is_covered,
    e.version_id is not null as is_employee,
from open_order o
left join covered c on c.version_id = o.version_id and c.row_no = o.row_no
left join employed e on e.version_id = o.version_id and e.row_no = o.row_no
left join core.worker w on w.platform_code = o.platform_code and w.worker_id = o.worker_id
