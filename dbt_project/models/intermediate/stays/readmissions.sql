{{ built_in_parts(
    ['patient_key'], changed({'admissions': 'patient_key'})
) }}

with

stays as (

    select * from {{ ref('admissions') }}
    where
        is_measurable
        and patient_key is not null
        and {{ is_touched(['patient_key']) }}

),

-- live discharges; who is transferred out is still somebody's inpatient
index_stays as (

    select * from stays
    where not is_open and not is_death and not is_transfer_out

),

-- a stay that begins within the index stay is a data fault and never counts; of two
-- stays of the same moment only the later one can follow the other
pairs as (

    select
        index_stays.source_system,
        index_stays.patient_key,
        index_stays.admission_key as index_admission_key,
        stays.admission_key as readmission_admission_key,
        {{ dbt.datediff('index_stays.discharged_on', 'stays.admitted_on', 'day') }}
            as days_after_discharge,
        stays.is_emergency
    from index_stays
    inner join stays
        on
            index_stays.patient_key = stays.patient_key
            and index_stays.occupied_until_utc <= stays.admitted_at_utc
            and (
                index_stays.admitted_at_utc < stays.admitted_at_utc
                or index_stays.occupied_until_utc < stays.occupied_until_utc
                or {{ in_code_order('index_stays.admission_id') }}
                < {{ in_code_order('stays.admission_id') }}
            )

),

final as (

    select
        source_system,
        patient_key,
        index_admission_key,
        readmission_admission_key,
        days_after_discharge,
        days_after_discharge <= 30 as is_readmission_30d,
        is_emergency and days_after_discharge <= 29 as is_emergency_readmission_nhs
    from pairs
    where days_after_discharge <= 30

)

select * from final
