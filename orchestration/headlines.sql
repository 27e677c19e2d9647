-- The figures at the end of a refresh: one row per source system, from the marts alone.
with flow as (
    select
        source_system,
        sum(admissions) as admissions,
        sum(discharges) as discharges
    from marts.patient_flow_daily
    group by source_system
),

stays as (
    select
        source_system,
        round(sum(bed_days) / nullif(sum(discharges), 0), 2) as average_nights
    from marts.length_of_stay_monthly
    group by source_system
),

house as (
    select
        source_system,
        sum(occupied_beds_midnight) as patients_in_house,
        round(
            100.0 * sum(occupied_beds_midnight) / nullif(sum(available_beds), 0), 1
        ) as occupancy_pct
    from marts.bed_occupancy_daily as nights
    where
        date_day = (
            select max(latest.date_day) from marts.bed_occupancy_daily as latest
            where latest.source_system = nights.source_system
        )
    group by source_system
),

appointments as (
    select
        source_system,
        sum(booked) as appointments,
        round(
            100.0 * sum(no_show) / nullif(sum(completed) + sum(no_show), 0), 2
        ) as no_show_of_attended_pct
    from marts.appointment_activity_daily
    group by source_system
),

bills as (
    select
        source_system,
        sum(billed_amount) as billed_amount,
        sum(collected_amount) as collected_amount
    from marts.billing_monthly
    group by source_system
),

patients as (
    select source_system, sum(patients) as patients
    from marts.patient_demographics
    group by source_system
)

select
    patients.source_system,
    patients.patients::bigint,
    flow.admissions::bigint,
    flow.discharges::bigint,
    stays.average_nights,
    house.patients_in_house::bigint,
    house.occupancy_pct,
    appointments.appointments::bigint,
    appointments.no_show_of_attended_pct,
    bills.billed_amount,
    bills.collected_amount
from patients
left join flow using (source_system)
left join stays using (source_system)
left join house using (source_system)
left join appointments using (source_system)
left join bills using (source_system)
order by patients.source_system
