-- grain: platform × worker_id with a known identity; a worker who is not here is a person of its own
-- kept: view
select platform_code, worker_id, person,
from core.worker
where person is not null
