-- What a hospital without marts would have: plain views over the typed extracts, under
-- the names and with the columns that the dashboard's questions ask for. Nothing is
-- stored, so each click computes them anew. Written as an analyst would, each as simply
-- as it can be; keys and corrections that cost the nightly refresh time are left out.
create schema views;

create view views.dim_branch as
select
    'his' as source_system,
    'his:' || branch_id as branch_key,
    branch_name
from staging.stg_his__branches;

create view views.dim_doctor as
select
    'his:' || doctor_id as doctor_key,
    doctor_name,
    department_name,
    _valid_from as valid_from
from staging.stg_his__doctors
left join staging.stg_his__departments using (department_id);

create view views.fct_admissions as
select
    'his' as source_system,
    admission_id as admission_key,
    'his:' || admissions.branch_id as branch_key,
    branch_name,
    'his:' || admissions.branch_id || ':' || department_id as department_key,
    department_name,
    admission_type,
    discharged_at::date as discharged_on,
    discharged_at >= admitted_at as is_measurable,
    extract(epoch from discharged_at - admitted_at) / 3600 as length_of_stay_hours,
    discharged_at::date - admitted_at::date as length_of_stay_nights,
    greatest(discharged_at::date - admitted_at::date, 1)
        as length_of_stay_days_medicare,
    discharged_at::date = admitted_at::date as is_same_day,
    discharged_at::date - admitted_at::date >= 21 as is_long_stay
from staging.stg_his__admissions as admissions
inner join staging.stg_his__branches using (branch_id)
inner join staging.stg_his__departments using (department_id);

create view views.calendar as
select day::date as date_day
from
    generate_series(
        (select min(admitted_at)::date from staging.stg_his__admissions),
        (select max(admitted_at)::date from staging.stg_his__admissions),
        interval '1 day'
    ) as day;

create view views.places as
select
    bed_id,
    bed_type,
    ward_id,
    ward_name,
    departments.department_id,
    department_name,
    branches.branch_id,
    branch_name,
    opened_on,
    closed_on
from staging.stg_his__beds as beds
inner join staging.stg_his__wards as wards using (ward_id)
inner join staging.stg_his__departments as departments using (department_id)
inner join staging.stg_his__branches as branches
    on wards.branch_id = branches.branch_id
where is_staffed;

create view views.bed_occupancy_daily as
select
    'his' as source_system,
    date_day,
    'his:' || branch_id as branch_key,
    branch_name,
    'his:' || branch_id || ':' || department_id as department_key,
    department_name,
    'his:' || places.ward_id as ward_key,
    ward_name,
    bed_type,
    count(distinct places.bed_id) as available_beds,
    count(bed_stay_id) as occupied_beds_midnight
from views.calendar
inner join views.places
    on
        date_day >= coalesce(opened_on, date_day)
        and date_day < coalesce(closed_on, 'infinity')
left join staging.stg_his__bed_stays as bed_stays
    on
        places.bed_id = bed_stays.bed_id
        and started_at < date_day + 1
        and coalesce(ended_at, 'infinity') >= date_day + 1
group by
    date_day, branch_id, branch_name, department_id, department_name,
    places.ward_id, ward_name, bed_type;

create view views.bed_occupancy_hourly as
select
    hour_starts_at,
    1.0 as elapsed_hours,
    'his:' || branch_id as branch_key,
    'his:' || branch_id || ':' || department_id as department_key,
    count(distinct places.bed_id) as available_beds,
    count(bed_stay_id) filter (where started_at <= hour_starts_at) as occupied_beds,
    coalesce(
        sum(
            extract(
                epoch
                from least(coalesce(ended_at, 'infinity'), hour_starts_at + '1 hour')
                - greatest(started_at, hour_starts_at)
            ) / 3600
        ) filter (where bed_stay_id is not null),
        0
    ) as occupied_bed_hours
from views.calendar
cross join lateral generate_series(
    date_day::timestamp, date_day + interval '23 hours', interval '1 hour'
) as hour_starts_at
inner join views.places
    on
        date_day >= coalesce(opened_on, date_day)
        and date_day < coalesce(closed_on, 'infinity')
left join staging.stg_his__bed_stays as bed_stays
    on
        places.bed_id = bed_stays.bed_id
        and started_at < hour_starts_at + interval '1 hour'
        and coalesce(ended_at, 'infinity') > hour_starts_at
group by hour_starts_at, branch_id, department_id;

create view views.patient_flow_daily as
select
    'his' as source_system,
    date_day,
    'his:' || branch_id as branch_key,
    'his:' || branch_id || ':' || department_id as department_key,
    count(*) filter (where admitted_at::date = date_day) as admissions,
    count(*) filter (where discharged_at::date = date_day) as discharges,
    count(*) filter (
        where admitted_at::date <= date_day
        and coalesce(discharged_at, 'infinity') >= date_day + 1
    ) as census_midnight
from views.calendar
inner join staging.stg_his__admissions
    on
        admitted_at < date_day + 1
        and coalesce(discharged_at, 'infinity') >= date_day
group by date_day, branch_id, department_id;

create view views.appointment_activity_daily as
select
    'his' as source_system,
    scheduled_at::date as date_day,
    'his:' || appointments.branch_id as branch_key,
    branch_name,
    'his:' || appointments.branch_id || ':' || department_id as department_key,
    count(*) as booked,
    count(*) filter (where appointment_status = 'completed') as completed,
    count(*) filter (where appointment_status = 'no_show') as no_show,
    count(*) filter (where appointment_status like 'cancelled%') as cancelled,
    count(*) filter (where appointment_status = 'cancelled_by_patient')
        as cancelled_by_patient,
    count(*) filter (where appointment_status = 'cancelled_by_hospital')
        as cancelled_by_hospital,
    count(*) filter (where appointment_status = 'scheduled') as scheduled
from staging.stg_his__appointments as appointments
inner join staging.stg_his__branches using (branch_id)
group by scheduled_at::date, appointments.branch_id, branch_name, department_id;

create view views.fct_bills as
select
    billed_on,
    'his:' || branch_id as branch_key,
    'his:' || branch_id || ':' || department_id as department_key,
    payer,
    billed_amount,
    coalesce(collected_amount, 0) as collected_amount,
    billed_amount - coalesce(collected_amount, 0) - coalesce(failed_amount, 0)
        as outstanding_amount,
    coalesce(failed_amount, 0) as failed_amount,
    payment_method
from staging.stg_his__bills
left join (
    select
        bill_id,
        sum(collected_amount) as collected_amount,
        sum(failed_amount) as failed_amount,
        max(payment_method) as payment_method
    from staging.stg_his__payments
    group by bill_id
) as payments using (bill_id);

create view views.doctor_load_daily as
with activities as (
    select
        doctor_id,
        scheduled_at::date as date_day,
        1 as appointments,
        (appointment_status = 'completed')::integer as completed_appointments,
        (appointment_status = 'no_show')::integer as no_shows,
        0 as admissions,
        0 as midnight_caseload,
        0 as treatments,
        0 as rostered_hours,
        0 as worked_hours
    from staging.stg_his__appointments
    union all
    select doctor_id, admitted_at::date, 0, 0, 0, 1, 0, 0, 0, 0
    from staging.stg_his__admissions
    union all
    select doctor_id, date_day, 0, 0, 0, 0, 1, 0, 0, 0
    from views.calendar
    inner join staging.stg_his__admissions
        on
            admitted_at < date_day + 1
            and coalesce(discharged_at, 'infinity') >= date_day + 1
    union all
    select doctor_id, treated_on, 0, 0, 0, 0, 0, 1, 0, 0
    from staging.stg_his__treatments
    union all
    select doctor_id, shift_on, 0, 0, 0, 0, 0, 0, rostered_hours, worked_hours
    from staging.stg_his__doctor_shifts
)

select
    'his' as source_system,
    date_day,
    'his:' || doctor_id as doctor_key,
    'his:' || branch_id as branch_key,
    'his:' || branch_id || ':' || department_id as department_key,
    sum(appointments) as appointments,
    sum(completed_appointments) as completed_appointments,
    sum(no_shows) as no_shows,
    sum(admissions) as admissions,
    sum(midnight_caseload) as midnight_caseload,
    sum(treatments) as treatments,
    0 as billed_amount,
    sum(rostered_hours) as rostered_hours,
    sum(worked_hours) as worked_hours
from activities
inner join staging.stg_his__doctors using (doctor_id)
group by date_day, doctor_id, branch_id, department_id;

create view views.outcomes_monthly as
with followed as (
    select
        *,
        lead(admitted_at) over (partition by patient_id order by admitted_at)
            as next_admitted_at,
        lead(is_emergency) over (partition by patient_id order by admitted_at)
            as is_next_emergency
    from staging.stg_his__admissions
)

select
    'his' as source_system,
    date_trunc('month', discharged_at)::date as month_start,
    'his:' || followed.branch_id as branch_key,
    branch_name,
    'his:' || followed.branch_id || ':' || department_id as department_key,
    department_name,
    count(*) as discharges,
    count(*) filter (where is_death) as deaths,
    count(*) filter (where not is_death and not is_transfer_out) as index_discharges,
    count(*) filter (
        where not is_death and not is_transfer_out
        and next_admitted_at::date - discharged_at::date between 0 and 30
    ) as readmissions_30d,
    count(*) filter (
        where not is_death and not is_transfer_out and is_next_emergency
        and next_admitted_at::date - discharged_at::date between 0 and 29
    ) as emergency_readmissions_nhs
from followed
inner join staging.stg_his__branches using (branch_id)
inner join staging.stg_his__departments using (department_id)
where discharged_at >= admitted_at
group by
    date_trunc('month', discharged_at)::date,
    followed.branch_id, branch_name, department_id, department_name;

create view views.hospital_overview_daily as
select
    date_day,
    branch_key,
    admissions,
    discharges,
    census_midnight,
    available_beds,
    measured_discharges,
    bed_days_discharged,
    appointments,
    no_show,
    completed,
    billed_amount,
    collected_amount
from (
    select
        date_day,
        branch_key,
        sum(admissions) as admissions,
        sum(discharges) as discharges,
        sum(census_midnight) as census_midnight
    from views.patient_flow_daily
    group by date_day, branch_key
) as flow
left join (
    select
        date_day,
        'his:' || branch_id as branch_key,
        count(*) as available_beds
    from views.calendar
    inner join views.places
        on
            date_day >= coalesce(opened_on, date_day)
            and date_day < coalesce(closed_on, 'infinity')
    group by date_day, branch_id
) as beds using (date_day, branch_key)
left join (
    select
        discharged_on as date_day,
        branch_key,
        count(*) as measured_discharges,
        sum(length_of_stay_nights) as bed_days_discharged
    from views.fct_admissions
    where is_measurable
    group by discharged_on, branch_key
) as stays using (date_day, branch_key)
left join (
    select
        date_day,
        branch_key,
        sum(booked) as appointments,
        sum(no_show) as no_show,
        sum(completed) as completed
    from views.appointment_activity_daily
    group by date_day, branch_key
) as appointments using (date_day, branch_key)
left join (
    select
        billed_on as date_day,
        branch_key,
        sum(billed_amount) as billed_amount,
        sum(collected_amount) as collected_amount
    from views.fct_bills
    group by billed_on, branch_key
) as bills using (date_day, branch_key);
