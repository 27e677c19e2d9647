-- What the gates found in the last run that asked them: what stops it first.
with last_run as (
    select run_id
    from serving.gates
    order by judged_at desc
    limit 1
)

select
    findings.gate,
    findings.severity,
    findings.sentence
from serving.findings
inner join last_run on findings.run_id = last_run.run_id
order by findings.severity = 'warning', findings.gate, findings.finding_id
