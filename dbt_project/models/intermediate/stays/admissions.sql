with

united as ({{ unite('admissions') }}),

outcomes as (

    select * from {{ ref('outcomes') }}

),

source_systems as (

    select * from {{ ref('source_systems') }}

),

with_outcome as (

    select
        united.*,
        source_systems.as_of,
        source_systems.as_of_date,
        coalesce(outcomes.outcome, united.outcome) as final_outcome,
        coalesce(outcomes.is_death, united.is_death, false) as final_is_death,
        coalesce(outcomes.is_transfer_out, united.is_transfer_out, false)
            as final_is_transfer_out,
        outcomes.is_readmission_recorded
    from united
    inner join source_systems on united.source_system = source_systems.source_system
    left join outcomes
        on
            united.source_system = outcomes.source_system
            and united.admission_id = outcomes.admission_id

),

-- a discharge later than the extract has not happened yet: the stay is open at as_of
at_as_of as (

    select
        *,
        case when discharged_at <= as_of then discharged_at end as left_at
    from with_outcome

),

final as (

    select
        source_system,
        {{ pseudonym('admission', 'admission_id') }} as admission_key,
        {{ pseudonym('patient', 'patient_id') }} as patient_key,
        {{ natural_key('doctor_id') }} as doctor_key,
        {{ natural_key('branch_id') }} as branch_key,
        {{ department_key() }} as department_key,
        admission_id,
        patient_id,
        branch_id,
        department_id,
        admission_type,
        coalesce(is_emergency, false) as is_emergency,
        admitted_at,
        left_at as discharged_at,
        cast(admitted_at as date) as admitted_on,
        cast(left_at as date) as discharged_on,
        coalesce(left_at, as_of) as occupied_until,
        left_at is null as is_open,
        coalesce(is_date_only, false) as is_date_only,
        bed_type,
        final_outcome as outcome,
        final_is_death and left_at is not null as is_death,
        final_is_transfer_out and left_at is not null as is_transfer_out,
        is_readmission_recorded,
        -- its own length can be told: it has begun, and ends no earlier than that
        coalesce(admitted_at <= coalesce(left_at, as_of), false) as is_measurable,
        coalesce(discharged_at > as_of, false) as is_discharge_after_as_of,
        as_of,
        as_of_date,
        _batch_id
    from at_as_of

)

select * from final
