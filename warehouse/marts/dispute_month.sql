-- grain: platform ('' = not told) × province ('' = not told) × month of receipt × topic × stage as last published × outcome
-- kept: view
-- The pipeline: reception, mediation, referral, closed. Days are calendar days from receipt to closing; open cases: to the last night.
select
    coalesce(d.platform_code, '') as platform_code,
    coalesce(d.province_code, '') as province_code,
    cast(date_trunc('month', d.received_at) as date) as month,
    coalesce(d.topic, '') as topic,
    d.stage,
    coalesce(d.outcome, '') as outcome,
    count(*) as cases,
    count(d.closed_at) as closed,
    cast(coalesce(sum(date_diff('day', cast(d.received_at as date), cast(d.closed_at as date))), 0) as bigint) as days_closed,
    median(date_diff('day', cast(d.received_at as date), cast(d.closed_at as date))) as days_median,
    cast(coalesce(sum(case when d.closed_at is null then date_diff('day', cast(d.received_at as date), k.night) end), 0) as bigint) as days_open,
from marts.dispute d
cross join (select last_date as night from marts.horizon) k
where d.received_at is not null
group by
    coalesce(d.platform_code, ''), coalesce(d.province_code, ''), cast(date_trunc('month', d.received_at) as date),
    coalesce(d.topic, ''), d.stage, coalesce(d.outcome, '')
