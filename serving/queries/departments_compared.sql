-- The departments side by side: load, stay, occupancy, outcomes, revenue. Each part is
-- summed where its own mart places it; what names no department has a row per branch.
with departments as (
    select
        source_system,
        branch_key,
        department_key,
        department_name,
        branch_name
    from marts.dim_department
    where
        (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    union all
    select
        source_system,
        branch_key,
        null as department_key,
        null as department_name,
        branch_name
    from marts.dim_branch
    where
        (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and %(department_key)s::text is null
    union all
    select distinct
        source_system,
        null as branch_key,
        null as department_key,
        null as department_name,
        null as branch_name
    from marts.dim_department
    where %(branch_key)s::text is null and %(department_key)s::text is null
),

flow as (
    select
        source_system,
        branch_key,
        department_key,
        sum(admissions) as admissions,
        sum(transfers_in) as transfers_in
    from marts.patient_flow_daily
    where
        date_day between %(date_from)s and %(date_to)s
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, branch_key, department_key
),

beds as (
    select
        source_system,
        branch_key,
        department_key,
        sum(occupied_beds_midnight) as bed_days,
        sum(case when available_beds is not null then occupied_beds_midnight end)
            as bed_days_of_available,
        sum(available_beds) as available_bed_days
    from marts.bed_occupancy_daily
    where
        date_day between %(date_from)s and %(date_to)s
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, branch_key, department_key
),

stays as (
    select
        source_system,
        branch_key,
        department_key,
        count(*) as discharges,
        count(*) filter (where is_death) as deaths,
        count(*) filter (where is_index_for_readmission) as index_discharges,
        count(*) filter (where is_followed_by_readmission_30d) as readmissions_30d,
        avg(length_of_stay_nights) as average_stay
    from marts.fct_admissions
    where
        discharged_on between %(date_from)s and %(date_to)s
        and is_measurable
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, branch_key, department_key
),

appointments as (
    select
        source_system,
        branch_key,
        department_key,
        sum(booked) as appointments
    from marts.appointment_activity_daily
    where
        date_day between %(date_from)s and %(date_to)s
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, branch_key, department_key
),

bills as (
    select
        source_system,
        branch_key,
        department_key,
        sum(billed_amount) as billed_amount,
        sum(collected_amount) as collected_amount
    from marts.fct_bills
    where
        billed_on between %(date_from)s and %(date_to)s
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
    group by source_system, branch_key, department_key
)

select
    -- departments of one name in two branches are two departments
    case
        when
            %(branch_key)s::text is null
            and (select count(*) from marts.dim_branch) > 1
            and departments.branch_name is not null
            then concat_ws(
                ', ',
                coalesce(departments.department_name, 'not known'),
                departments.branch_name
            )
        else departments.department_name
    end as department_name,
    departments.source_system,
    departments.branch_key,
    departments.department_key,
    flow.admissions,
    flow.transfers_in,
    stays.discharges,
    beds.bed_days,
    beds.available_bed_days,
    round(100.0 * beds.bed_days_of_available / nullif(beds.available_bed_days, 0), 1)
        as occupancy_pct,
    round(stays.average_stay, 2) as average_length_of_stay_nights,
    stays.deaths,
    round(100.0 * stays.deaths / nullif(stays.discharges, 0), 2) as mortality_pct,
    stays.index_discharges,
    stays.readmissions_30d,
    round(100.0 * stays.readmissions_30d / nullif(stays.index_discharges, 0), 2)
        as readmission_30d_pct,
    appointments.appointments,
    bills.billed_amount,
    bills.collected_amount
from departments
left join flow
    on
        departments.source_system = flow.source_system
        and departments.branch_key is not distinct from flow.branch_key
        and departments.department_key is not distinct from flow.department_key
left join beds
    on
        departments.source_system = beds.source_system
        and departments.branch_key is not distinct from beds.branch_key
        and departments.department_key is not distinct from beds.department_key
left join stays
    on
        departments.source_system = stays.source_system
        and departments.branch_key is not distinct from stays.branch_key
        and departments.department_key is not distinct from stays.department_key
left join appointments
    on
        departments.source_system = appointments.source_system
        and departments.branch_key is not distinct from appointments.branch_key
        and departments.department_key is not distinct from appointments.department_key
left join bills
    on
        departments.source_system = bills.source_system
        and departments.branch_key is not distinct from bills.branch_key
        and departments.department_key is not distinct from bills.department_key
where
    coalesce(
        flow.admissions,
        beds.bed_days,
        stays.discharges,
        appointments.appointments,
        bills.billed_amount
    ) is not null
order by
    beds.bed_days desc nulls last,
    appointments.appointments desc nulls last,
    department_name asc
