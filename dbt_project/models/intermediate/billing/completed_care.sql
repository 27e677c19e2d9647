{%- set scope = ['source_system', 'care_type', 'record_key'] -%}
{%- set treatment = ['source_system', "'treatment'", 'treatment_key'] -%}
{%- set appointment = ['source_system', "'appointment'", 'appointment_key'] -%}
{%- set stay = ['source_system', "'stay'", 'admission_key'] -%}
{%- set touched -%}
    select {{ treatment | join(', ') }} from {{ changes('treatments') }}
    union all
    select {{ treatment | join(', ') }} from {{ changes('bills') }}
    union all
    {{ touched_by('bills', treatment, ['admission_key'], rows='treatments') }}
    union all
    select {{ stay | join(', ') }} from {{ changes('admissions') }}
    union all
    select {{ stay | join(', ') }} from {{ changes('bills') }}
    union all
    select {{ appointment | join(', ') }} from {{ changes('appointments') }}
    union all
    select {{ appointment | join(', ') }} from {{ changes('treatments') }}
    {%- for named in ['treatment_key', 'admission_key'] %}
    union all
    {{ touched_by('bills', appointment, [named], rows='treatments') }}
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(scope, touched, dated=['completed_on']) }}

with

given_treatments as (

    select * from {{ ref('treatments') }}
    where {{ is_touched(treatment) }}
    {%- if execute and is_built_in_parts() %}
    union
    select * from {{ ref('treatments') }}
    where {{ is_touched(appointment) }}
    {%- endif %}

),

ended_stays as (

    select * from {{ ref('admissions') }}
    where not is_open and {{ is_touched(stay) }}

),

billed_treatments as (

    select distinct treatment_key from {{ ref('bills') }}
    where {{ is_named_in(['given_treatments'], 'treatment_key') }}

),

billed_stays as (

    select distinct admission_key from {{ ref('bills') }}
    where {{ is_named_in(['given_treatments', 'ended_stays'], 'admission_key') }}

),

-- a treatment within a stay is billed with the stay
treatments as (

    select
        given_treatments.source_system,
        given_treatments.branch_key,
        given_treatments.department_key,
        given_treatments.treatment_key,
        given_treatments.appointment_key,
        given_treatments.treated_on,
        given_treatments.cost_amount,
        billed_treatments.treatment_key is not null
        or billed_stays.admission_key is not null as is_billed
    from given_treatments
    left join billed_treatments
        on given_treatments.treatment_key = billed_treatments.treatment_key
    left join billed_stays
        on given_treatments.admission_key = billed_stays.admission_key

),

billed_appointments as (

    select distinct appointment_key from treatments
    where is_billed and appointment_key is not null

),

final as (

    select
        source_system,
        branch_key,
        department_key,
        'treatment' as care_type,
        treatment_key as record_key,
        treated_on as completed_on,
        is_billed,
        case when is_billed then 0 else cost_amount end as unbilled_cost_amount
    from treatments
    where {{ is_touched(treatment) }}
    union all
    select
        stays.source_system,
        stays.branch_key,
        stays.department_key,
        'stay' as care_type,
        stays.admission_key as record_key,
        stays.discharged_on as completed_on,
        billed_stays.admission_key is not null as is_billed,
        cast(null as numeric(18, 2)) as unbilled_cost_amount
    from ended_stays as stays
    left join billed_stays on stays.admission_key = billed_stays.admission_key
    union all
    select
        visits.source_system,
        visits.branch_key,
        visits.department_key,
        'appointment' as care_type,
        visits.appointment_key as record_key,
        visits.scheduled_on as completed_on,
        billed_appointments.appointment_key is not null as is_billed,
        cast(null as numeric(18, 2)) as unbilled_cost_amount
    from {{ ref('appointments') }} as visits
    left join billed_appointments
        on visits.appointment_key = billed_appointments.appointment_key
    where
        visits.appointment_status = 'completed'
        and {{ is_touched(
            ['visits.source_system', "'appointment'", 'visits.appointment_key']
        ) }}

)

select * from final
