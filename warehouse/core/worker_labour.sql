-- grain: platform × province × business_date × industry × worker_id: time, fares and speed of the orders accepted that day
-- kept: unit
-- busy_s: seconds from acceptance to finish, orders that overlap counted once (over all the worker's orders of the day on the
-- platform, so provinces and industries add up); an order that runs past midnight stays with the day of its acceptance.
-- Orders longer than order_duration allows are not timed. Priced: completed, both amounts told and the customer's above zero.
-- Ridden: completed, distance told, from pick-up (else acceptance) to finish longer than speed_bound's least duration.
with bound as (
    select
        longest.valid_from, longest.valid_to, longest.number as longest_s, shortest.number as shortest_s,
    from ref.parameter longest
    join ref.parameter shortest
        on shortest.parameter = 'order_duration' and shortest.key = 'min' and shortest.valid_from = longest.valid_from
    where longest.parameter = 'order_duration' and longest.key = 'max'
),
taken as (
    select
        o.platform_code, o.province_code, o.business_date, o.industry, o.worker_id, o.status, o.accepted_at,
        case
            when o.finished_at > o.accepted_at and date_diff('second', o.accepted_at, o.finished_at) <= b.longest_s
            then o.finished_at
        end as finished_at,
        case
            when o.status = 'completed' and o.distance_m > 0 and o.work_class = 'order'
            then date_diff('second', coalesce(o.picked_up_at, o.accepted_at), o.finished_at)
        end as ride_s,
        b.shortest_s,
        o.distance_m, o.customer_paid_yuan, o.worker_income_yuan, s.number as riding_speed,
        o.status = 'completed' and o.customer_paid_yuan > 0 and o.worker_income_yuan is not null as is_priced,
    from core.orders o
    join bound b on b.valid_from <= o.business_date and (b.valid_to is null or b.valid_to > o.business_date)
    left join ref.parameter s
        on s.parameter = 'riding_speed'
        and s.key = o.industry
        and s.valid_from <= o.business_date
        and (s.valid_to is null or s.valid_to > o.business_date)
    where o.worker_id is not null
),
reached as (
    select
        *,
        max(finished_at) over (
            partition by platform_code, business_date, worker_id
            order by accepted_at, finished_at
            rows between unbounded preceding and 1 preceding
        ) as busy_until,
    from taken
)
select
    platform_code, province_code, business_date, industry, worker_id,
    count(*) as orders,
    count(case when status = 'completed' then 1 end) as orders_completed,
    count(case when finished_at is not null then 1 end) as orders_timed,
    cast(
        coalesce(
            sum(
                case
                    when busy_until is null or busy_until <= accepted_at then date_diff('second', accepted_at, finished_at)
                    when finished_at > busy_until then date_diff('second', busy_until, finished_at)
                    else 0
                end
            ),
            0
        ) as bigint
    ) as busy_s,
    cast(coalesce(sum(worker_income_yuan), 0) as decimal(18, 2)) as worker_income_yuan,
    cast(coalesce(sum(case when finished_at is not null then worker_income_yuan end), 0) as decimal(18, 2)) as timed_income_yuan,
    count(case when is_priced then 1 end) as orders_priced,
    cast(coalesce(sum(case when is_priced then customer_paid_yuan end), 0) as decimal(18, 2)) as priced_customer_yuan,
    cast(coalesce(sum(case when is_priced then worker_income_yuan end), 0) as decimal(18, 2)) as priced_worker_yuan,
    count(case when ride_s >= shortest_s then 1 end) as orders_ridden,
    cast(coalesce(sum(case when ride_s >= shortest_s then ride_s end), 0) as bigint) as ride_s,
    cast(coalesce(sum(case when ride_s >= shortest_s then distance_m end), 0) as bigint) as ride_m,
    count(case when ride_s >= shortest_s and riding_speed is not null then 1 end) as orders_bounded,
    count(case when ride_s >= shortest_s and distance_m * 3600 > riding_speed * 1000 * ride_s then 1 end) as orders_fast,
from reached
group by platform_code, province_code, business_date, industry, worker_id
