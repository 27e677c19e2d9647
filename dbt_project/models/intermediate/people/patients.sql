with

united as ({{ unite('patients') }}),

source_systems as (

    select * from {{ ref('source_systems') }}

),

recorded_deaths as (

    select
        patient_key,
        min(discharged_on) as died_on
    from {{ ref('admissions') }}
    where is_death
    group by patient_key

),

keyed as (

    select
        *,
        {{ pseudonym('patient', 'patient_id') }} as patient_key
    from united

),

aged as (

    select
        keyed.*,
        coalesce(
            {{ age_years('keyed.birth_date', 'source_systems.as_of_date') }},
            keyed.age_years
        ) as age_years_at_as_of
    from keyed
    inner join source_systems on keyed.source_system = source_systems.source_system

),

final as (

    select
        aged.source_system,
        aged.patient_key,
        aged.patient_id,
        aged.patient_name,
        aged.email,
        aged.sex,
        aged.birth_date,
        {{ age_band('aged.age_years_at_as_of') }} as age_band,
        aged.insurance_type,
        aged.registered_on,
        coalesce(aged.deceased_on, recorded_deaths.died_on) as deceased_on,
        coalesce(aged.is_deceased, false)
        or coalesce(aged.deceased_on, recorded_deaths.died_on) is not null
            as is_deceased,
        aged._batch_id
    from aged
    left join recorded_deaths on aged.patient_key = recorded_deaths.patient_key

)

select * from final
