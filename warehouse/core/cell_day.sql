-- grain: platform × province × business_date × industry: additive features of the orders, counted in one pass
-- kept: unit
-- _ln = sum of natural logarithms, _ln2 = of their squares. Durations are seconds from pick-up (else acceptance) to the finish
-- of completed orders; speed is metres a second. Read by the detectors; none of it says anything of a person.
with timed as (
    select
        platform_code, province_code, business_date, industry, status, worker_income_yuan, customer_paid_yuan, premium_yuan, distance_m,
        accepted_at, finished_at,
        case
            when status = 'completed' and finished_at > accepted_at then date_diff('second', accepted_at, finished_at)
        end as duration_s,
        case when status = 'completed' and distance_m > 0 then distance_m end as metres,
        case when status = 'completed' and customer_paid_yuan > 0 then customer_paid_yuan end as fee_yuan,
        case when status = 'completed' and worker_income_yuan > 0 then worker_income_yuan end as income_yuan,
        picked_up_at,
    from core.orders
    where work_type = 'order'
)
select
    platform_code, province_code, business_date, industry,
    count(*) as orders,
    count(case when status = 'completed' then 1 end) as completed,
    count(case when status = 'cancelled' then 1 end) as cancelled,
    count(case when status = 'running' then 1 end) as running,
    count(case when status = 'cancelled' and worker_income_yuan > 0 and coalesce(premium_yuan, 0) = 0 then 1 end) as cancelled_paid,
    count(case when status = 'cancelled' and worker_income_yuan > 0 and picked_up_at is not null then 1 end) as cancelled_picked_up,
    count(case when status = 'cancelled' and picked_up_at is not null and distance_m > 0 then 1 end) as cancelled_carried,
    count(case when status = 'cancelled' and distance_m > 0 then 1 end) as cancelled_moved,
    count(case when status = 'completed' and coalesce(premium_yuan, 0) = 0 then 1 end) as completed_unpaid,
    coalesce(sum(premium_yuan), 0) as premium_yuan,
    count(fee_yuan) as fees,
    count(case when fee_yuan = floor(fee_yuan) then 1 end) as fees_whole,
    count(case when fee_yuan * 2 = floor(fee_yuan * 2) then 1 end) as fees_half,
    count(case when fee_yuan = floor(fee_yuan) and cast(fee_yuan as bigint) % 5 = 0 then 1 end) as fees_five,
    count(income_yuan) as incomes,
    count(case when income_yuan = floor(income_yuan) then 1 end) as incomes_whole,
    count(case when income_yuan * 2 = floor(income_yuan * 2) then 1 end) as incomes_half,
    count(duration_s) as durations,
    count(case when duration_s % 60 = 0 then 1 end) as durations_minute,
    count(case when duration_s % 300 = 0 then 1 end) as durations_five,
    count(accepted_at) as accepted,
    count(case when extract(second from accepted_at) = 0 then 1 end) as accepted_minute,
    count(finished_at) as finished,
    count(case when extract(second from finished_at) = 0 then 1 end) as finished_minute,
    count(case when duration_s is not null and extract(second from accepted_at) = 0 and extract(second from finished_at) = 0 then 1 end) as both_minute,
    count(metres) as distances,
    count(case when metres % 100 = 0 then 1 end) as distances_hundred,
    coalesce(sum(ln(cast(duration_s as double))), 0) as duration_ln,
    coalesce(sum(ln(cast(duration_s as double)) * ln(cast(duration_s as double))), 0) as duration_ln2,
    coalesce(sum(ln(cast(metres as double))), 0) as distance_ln,
    coalesce(sum(ln(cast(metres as double)) * ln(cast(metres as double))), 0) as distance_ln2,
    coalesce(sum(ln(cast(fee_yuan as double))), 0) as fee_ln,
    coalesce(sum(ln(cast(fee_yuan as double)) * ln(cast(fee_yuan as double))), 0) as fee_ln2,
    count(case when duration_s is not null and metres is not null then 1 end) as speeds,
    coalesce(sum(case when duration_s is not null and metres is not null
        then ln(cast(metres as double)) - ln(cast(duration_s as double)) end), 0) as speed_ln,
    coalesce(sum(case when duration_s is not null and metres is not null
        then (ln(cast(metres as double)) - ln(cast(duration_s as double))) * (ln(cast(metres as double)) - ln(cast(duration_s as double))) end), 0) as speed_ln2,
    count(case when fee_yuan is not null and metres is not null then 1 end) as tariffs,
    coalesce(sum(case when fee_yuan is not null and metres is not null
        then ln(cast(fee_yuan as double)) - ln(cast(metres as double)) end), 0) as tariff_ln,
    coalesce(sum(case when fee_yuan is not null and metres is not null
        then (ln(cast(fee_yuan as double)) - ln(cast(metres as double))) * (ln(cast(fee_yuan as double)) - ln(cast(metres as double))) end), 0) as tariff_ln2,
from timed
group by platform_code, province_code, business_date, industry
