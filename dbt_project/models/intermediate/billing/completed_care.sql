with

billed_treatments as (

    select distinct treatment_key from {{ ref('bills') }}
    where treatment_key is not null

),

billed_stays as (

    select distinct admission_key from {{ ref('bills') }}
    where admission_key is not null

),

-- a treatment within a stay is billed with the stay
treatments as (

    select
        treatments.source_system,
        treatments.branch_key,
        treatments.department_key,
        treatments.treatment_key,
        treatments.appointment_key,
        treatments.treated_on,
        treatments.cost_amount,
        billed_treatments.treatment_key is not null
        or billed_stays.admission_key is not null as is_billed
    from {{ ref('treatments') }} as treatments
    left join billed_treatments
        on treatments.treatment_key = billed_treatments.treatment_key
    left join billed_stays on treatments.admission_key = billed_stays.admission_key

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
    from {{ ref('admissions') }} as stays
    left join billed_stays on stays.admission_key = billed_stays.admission_key
    where not stays.is_open
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
    where visits.appointment_status = 'completed'

)

select * from final
