with

bounds as (

    select
        source_system,
        min(admitted_on) as first_on,
        cast(null as date) as last_on
    from {{ ref('admissions') }}
    group by source_system

    union all

    select
        source_system,
        min(scheduled_on) as first_on,
        max(scheduled_on) as last_on
    from {{ ref('appointments') }}
    group by source_system

    union all

    select
        source_system,
        min(treated_on) as first_on,
        max(treated_on) as last_on
    from {{ ref('treatments') }}
    group by source_system

    union all

    select
        source_system,
        min(billed_on) as first_on,
        max(billed_on) as last_on
    from {{ ref('bills') }}
    group by source_system

    union all

    select
        source_system,
        min(shift_on) as first_on,
        max(shift_on) as last_on
    from {{ ref('doctor_shifts') }}
    group by source_system

    union all

    select
        source_system,
        as_of_date as first_on,
        as_of_date as last_on
    from {{ ref('source_systems') }}

),

final as (

    select
        source_system,
        min(first_on) as first_on,
        max(last_on) as last_on
    from bounds
    group by source_system

)

select * from final
