-- The last runs that have ended, the latest first.
select
    ended_at,
    outcome,
    extract(epoch from ended_at - started_at) / 60 as duration_minutes,
    publication_id,
    as_of,
    rows_changed,
    is_complete
from serving.runs
order by ended_at desc
limit 20
