-- Who came and who left, by day, week or month of the period.
-- Between departments of one view transfers in and out cancel each other.
select
    date_trunc(%(grain)s, date_day::timestamp)::date as period_start,
    sum(admissions) as admissions,
    sum(discharges) as discharges,
    sum(transfers_in) as transfers_in,
    sum(transfers_out) as transfers_out,
    sum(net_flow) as net_flow,
    sum(discharges_before_noon) as discharges_before_noon
from marts.patient_flow_daily
where
    date_day between %(date_from)s and %(date_to)s
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
group by period_start
order by period_start
