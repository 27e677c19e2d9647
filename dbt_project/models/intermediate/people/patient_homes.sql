with

visits as (

    select
        source_system,
        patient_key,
        branch_key,
        admitted_at as visited_at
    from {{ ref('admissions') }}
    union all
    select
        source_system,
        patient_key,
        branch_key,
        scheduled_at
    from {{ ref('appointments') }}
    where appointment_status = 'completed'

),

in_order as (

    select
        visits.source_system,
        visits.patient_key,
        visits.branch_key,
        row_number() over (
            partition by visits.patient_key
            order by visits.visited_at desc, visits.branch_key asc
        ) as visits_since
    from visits
    inner join {{ ref('source_systems') }} as source_systems
        on
            visits.source_system = source_systems.source_system
            and visits.visited_at <= source_systems.as_of
    where visits.patient_key is not null and visits.branch_key is not null

),

final as (

    select
        source_system,
        patient_key,
        branch_key
    from in_order
    where visits_since = 1

)

select * from final
