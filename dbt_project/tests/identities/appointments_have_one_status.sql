{{ config(
    description="Every appointment up to as_of is counted once, under one status."
) }}

with

facts as (

    select
        fct_appointments.source_system,
        count(*) as appointments
    from {{ ref('fct_appointments') }} as fct_appointments
    inner join {{ ref('source_systems') }} as source_systems
        on fct_appointments.source_system = source_systems.source_system
    where fct_appointments.scheduled_on <= source_systems.as_of_date
    group by fct_appointments.source_system

),

activity as (

    select
        source_system,
        sum(booked) as booked,
        sum(scheduled + completed + no_show + cancelled) as with_status
    from {{ ref('appointment_activity_daily') }}
    group by source_system

)

select
    facts.source_system,
    facts.appointments,
    activity.booked,
    activity.with_status
from facts
left join activity on facts.source_system = activity.source_system
where
    facts.appointments <> coalesce(activity.booked, -1)
    or facts.appointments <> coalesce(activity.with_status, -1)
