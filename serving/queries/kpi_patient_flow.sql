-- Who came, who left, who died, and how many lay in a bed on the last night.
select
    coalesce(sum(admissions), 0) as admissions,
    coalesce(sum(discharges), 0) as discharges,
    coalesce(sum(deaths), 0) as deaths,
    coalesce(
        sum(census_midnight) filter (
            where date_day = (
                select max(latest.date_day) from marts.patient_flow_daily as latest
                where
                    latest.source_system = flow.source_system
                    and latest.date_day <= %(date_to)s
            )
        ),
        0
    ) as occupied_beds
from marts.patient_flow_daily as flow
where
    date_day between %(date_from)s and %(date_to)s
    and (%(source_system)s::text is null or source_system = %(source_system)s)
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
