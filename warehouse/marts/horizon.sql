-- grain: one row: the first accepted and the last accepted or due business date; null before anything is known
-- kept: whole
-- What is open goes on until last_date. Not the clock's night: a past state is asked for at any hour of the day.
select
    min(case when is_accepted then business_date end) as first_date,
    max(business_date) as last_date,
from marts.unit_day
where is_accepted or is_due
