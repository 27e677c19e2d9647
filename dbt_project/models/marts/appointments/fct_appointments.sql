{%- set touched -%}
    select appointment_key from {{ changes('appointments') }}
    union all
    {{ touched_by_text(['appointment_key'], 'reason', upstream('appointments')) }}
    union all
    {{ touched_by_places(['appointment_key'], {
        'branches': 'branch_key', 'departments': 'department_key'
    }) }}
{%- endset -%}
{{ built_in_parts(['appointment_key'], touched, dated=['scheduled_on']) }}

with

appointments as (

    select * from {{ ref('appointments') }}
    where {{ is_touched(['appointment_key']) }}

),

final as (

    select
        appointments.source_system,
        appointments.appointment_key,
        appointments.patient_key,
        appointments.doctor_key,
        appointments.branch_key,
        branches.branch_name,
        appointments.department_key,
        departments.department_name,
        appointments.scheduled_at,
        appointments.scheduled_on,
        appointments.booked_at,
        {{ dbt.datediff('appointments.booked_on', 'appointments.scheduled_on', 'day') }}
            as lead_time_days,
        appointments.appointment_status,
        {{ published_text('appointments.reason', 'withheld') }} as reason,
        appointments.duration_minutes
    from appointments
    left join {{ ref('branches') }} as branches
        on appointments.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on appointments.department_key = departments.department_key
    left join {{ ref('withheld_texts') }} as withheld
        on
            appointments.source_system = withheld.source_system
            and appointments.reason = withheld.told

)

select * from final
