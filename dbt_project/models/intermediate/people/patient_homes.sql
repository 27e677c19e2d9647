{%- set touched -%}
    {%- for relation, moment, day in [
        ('admissions', 'admitted_at', 'admitted_on'),
        ('appointments', 'scheduled_at', 'scheduled_on'),
    ] %}
    select patient_key from {{ changes(relation) }}
    union all
    select visits.patient_key
    from {{ upstream(relation) }} as visits
    inner join {{ changes('source_systems') }} as moved
        on
            visits.source_system = moved.source_system
            and visits.{{ moment }} >= cast(moved.as_of_date as timestamp)
            and visits.{{ moment }} <= (
                select max(as_of) from {{ changes('source_systems') }}
            )
    where visits.{{ day }} >= {{ first_as_of() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(['patient_key'], touched) }}

with

visits as (

    select
        source_system,
        patient_key,
        branch_key,
        admitted_at as visited_at
    from {{ ref('admissions') }}
    where {{ is_touched(['patient_key']) }}
    union all
    select
        source_system,
        patient_key,
        branch_key,
        scheduled_at
    from {{ ref('appointments') }}
    where appointment_status = 'completed' and {{ is_touched(['patient_key']) }}

),

in_order as (

    select
        visits.source_system,
        visits.patient_key,
        visits.branch_key,
        row_number() over (
            partition by visits.patient_key
            order by
                visits.visited_at desc,
                {{ in_code_order('visits.branch_key') }} asc
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
