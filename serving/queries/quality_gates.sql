-- What each gate judged in the last runs that asked it, the latest first.
select
    judged_at,
    gate,
    expectations,
    failures,
    warnings
from serving.gates
order by judged_at desc, gate asc
limit 20
