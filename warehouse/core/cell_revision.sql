-- grain: platform × province × business_date with several accepted versions: what the current one changed against the first
-- kept: unit
-- renumbered: the same order under another serial; renamed: the same worker, second and fee under another order id.
-- on_claim: changed rows that carry a claim. minutes between the two versions tell a correction from a rewriting.
-- favoured: rows changed in the platform's favour or taken out of an accident (deleted, cancelled, less premium, other end, other worker),
-- a running order apart; favoured_on_claim: those of them that carry a claim, out of `claimed`.
with version as (
    select
        platform_code, province_code, business_date, version_id, sequence, version_status, known_at, order_id, serial, worker_id, accepted_at,
        finished_at, status, customer_paid_yuan, worker_income_yuan, premium_yuan, distance_m,
        row_number() over (partition by platform_code, province_code, business_date, version_id, order_id order by row_no) as key_no,
    from staging.order_version
    where order_id is not null
),
first_sequence as (
    select platform_code, province_code, business_date, min(sequence) as sequence,
    from version
    group by platform_code, province_code, business_date
),
earlier as (
    select v.*
    from version v
    join first_sequence s
        on s.platform_code = v.platform_code and s.province_code = v.province_code and s.business_date = v.business_date and s.sequence = v.sequence
    where v.key_no = 1 and v.version_status = 'superseded'
),
later as (
    select * from version where key_no = 1 and version_status = 'accepted'
),
unit as (
    select platform_code, province_code, business_date, count(*) as orders_earlier, min(known_at) as earlier_known_at, min(sequence) as earlier_sequence,
    from earlier
    group by platform_code, province_code, business_date
),
claimed as (
    select distinct platform_code, order_id from core.claims where order_id is not null
),
compared_row as (
    select
        coalesce(e.platform_code, l.platform_code) as platform_code,
        coalesce(e.province_code, l.province_code) as province_code,
        coalesce(e.business_date, l.business_date) as business_date,
        l.known_at,
        l.sequence,
        e.order_id is not null as is_earlier,
        l.order_id is not null as is_later,
        e.order_id is not null and l.order_id is not null and e.serial <> l.serial as is_renumbered,
        e.status = 'completed' and l.status = 'cancelled' as is_cancelled,
        coalesce(l.premium_yuan, 0) < coalesce(e.premium_yuan, 0) as is_cheaper,
        coalesce(l.premium_yuan, 0) > coalesce(e.premium_yuan, 0) as is_dearer,
        e.finished_at <> l.finished_at and e.status = l.status as is_retimed,
        l.finished_at < e.finished_at and e.status = l.status as is_shortened,
        e.worker_id <> l.worker_id as is_reassigned,
        (e.customer_paid_yuan <> l.customer_paid_yuan or e.worker_income_yuan <> l.worker_income_yuan) as is_repriced,
        coalesce(e.status, '') = 'running' as was_running,
        c.order_id is not null as is_claimed,
        coalesce(e.serial, l.serial) as serial,
    from earlier e
    full join later l
        on l.platform_code = e.platform_code and l.province_code = e.province_code and l.business_date = e.business_date and l.order_id = e.order_id
    left join claimed c on c.platform_code = coalesce(e.platform_code, l.platform_code) and c.order_id = coalesce(e.order_id, l.order_id)
),
compared as (
    select
        *,
        is_earlier and not was_running and (not is_later or is_cancelled or is_cheaper or is_retimed or is_reassigned) as is_favoured,
    from compared_row
),
renamed as (
    select l.platform_code, l.province_code, l.business_date, count(*) as renamed,
    from later l
    join earlier e
        on e.platform_code = l.platform_code and e.province_code = l.province_code and e.business_date = l.business_date
        and e.worker_id = l.worker_id and e.accepted_at = l.accepted_at and e.customer_paid_yuan = l.customer_paid_yuan
        and e.order_id <> l.order_id
    group by l.platform_code, l.province_code, l.business_date
)
select
    u.platform_code, u.province_code, u.business_date,
    u.orders_earlier,
    u.earlier_known_at,
    max(x.known_at) as known_at,
    max(x.sequence) as sequence,
    count(case when x.is_later then 1 end) as orders_later,
    count(case when x.is_earlier and not x.is_later then 1 end) as deleted,
    count(case when x.is_later and not x.is_earlier then 1 end) as added,
    count(case when x.is_renumbered then 1 end) as renumbered,
    coalesce(max(r.renamed), 0) as renamed,
    count(case when x.is_cancelled then 1 end) as cancelled,
    count(case when x.is_cheaper and x.is_earlier and x.is_later then 1 end) as cheaper,
    count(case when x.is_dearer and x.is_earlier and x.is_later and not x.was_running then 1 end) as dearer,
    count(case when x.is_retimed and not x.was_running then 1 end) as retimed,
    count(case when x.is_shortened and not x.was_running then 1 end) as shortened,
    count(case when x.is_reassigned then 1 end) as reassigned,
    count(case when x.is_repriced and not x.was_running then 1 end) as repriced,
    count(case when x.is_claimed and (not x.is_later or x.is_cancelled or x.is_renumbered or x.is_retimed or x.is_reassigned or x.is_cheaper) then 1 end) as on_claim,
    count(case when x.is_claimed and x.is_later and not x.is_earlier then 1 end) as added_on_claim,
    count(case when x.is_claimed and x.is_earlier then 1 end) as claimed,
    count(case when x.is_favoured then 1 end) as favoured,
    count(case when x.is_favoured and x.is_claimed then 1 end) as favoured_on_claim,
from unit u
join compared x
    on x.platform_code = u.platform_code and x.province_code = u.province_code and x.business_date = u.business_date
left join renamed r
    on r.platform_code = u.platform_code and r.province_code = u.province_code and r.business_date = u.business_date
group by u.platform_code, u.province_code, u.business_date, u.orders_earlier, u.earlier_known_at
