-- How many alerts of each kind are open.
select
    kind,
    count(*) as alerts
from serving.open_alerts
group by kind
order by kind
