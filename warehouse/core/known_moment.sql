-- grain: platform × worker_id × second in which a worker check says that the worker accepted an order; minute = its full minute
-- kept: whole
-- Order numbers are typed by hand: an order that is not there under its number may be there as the worker's at that moment.
select distinct platform_code, worker_id, accepted_at, date_trunc('minute', accepted_at) as minute,
from staging.worker_check
where platform_code is not null and worker_id is not null and accepted_at is not null
