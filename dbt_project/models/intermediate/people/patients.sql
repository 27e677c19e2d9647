{%- set scope = ['source_system', 'patient_id'] -%}
{%- set touched -%}
    {{ touched_records('patients', ['patient_id']) }}
    union all
    select source_system, patient_id from {{ changes('merged_patients') }}
    union all
    select source_system, surviving_patient_id from {{ changes('merged_patients') }}
    union all
    select source_system, surviving_patient_id from {{ upstream('merged_patients') }}
    where (source_system, patient_id) in (
        {{ touched_records('patients', ['patient_id']) }}
    )
    union all
    {{ touched_by('admissions', scope, ['patient_key']) }}
    union all
    {{ touched_by_time(
        scope, 'own.birth_date is not null and '
        ~ age_band(age_years('own.birth_date', 'moved.as_of_date'))
        ~ ' is distinct from own.age_band'
    ) }}
{%- endset -%}
{{ built_in_parts(scope, touched) }}

with

united as ({{ unite('patients') }}),

source_systems as (

    select * from {{ ref('source_systems') }}

),

merged_patients as (

    select * from {{ ref('merged_patients') }}

),

merged as (

    select
        source_system,
        patient_id
    from merged_patients
    where surviving_patient_id is not null

),

-- first registration and death are those of the person, whichever id they stand by
merged_facts as (

    select
        merged_patients.source_system,
        merged_patients.surviving_patient_id,
        min(united.registered_on) as registered_on,
        min(united.deceased_on) as deceased_on
    from united
    inner join merged_patients
        on
            united.source_system = merged_patients.source_system
            and united.patient_id = merged_patients.patient_id
    group by merged_patients.source_system, merged_patients.surviving_patient_id

),

persons as (

    select
        united.source_system,
        united.patient_id,
        united.patient_name,
        united.email,
        united.sex,
        united.birth_date,
        united.age_years,
        united.insurance_type,
        least(united.registered_on, merged_facts.registered_on) as registered_on,
        united.is_deceased,
        coalesce(united.deceased_on, merged_facts.deceased_on) as deceased_on,
        coalesce(united.is_id_reused, false) as is_id_reused,
        coalesce(not_merged.is_target_unknown, false) as is_merge_target_unknown,
        coalesce(not_merged.is_in_circle, false) as is_merged_in_circle,
        united._batch_id
    from united
    left join merged
        on
            united.source_system = merged.source_system
            and united.patient_id = merged.patient_id
    left join merged_patients as not_merged
        on
            united.source_system = not_merged.source_system
            and united.patient_id = not_merged.patient_id
    left join merged_facts
        on
            united.source_system = merged_facts.source_system
            and united.patient_id = merged_facts.surviving_patient_id
    where
        merged.patient_id is null
        and {{ is_touched(['united.source_system', 'united.patient_id']) }}

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
    from persons
    {{ keep_apart() }}

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
        aged.is_id_reused,
        aged.is_merge_target_unknown,
        aged.is_merged_in_circle,
        aged._batch_id
    from aged
    left join recorded_deaths on aged.patient_key = recorded_deaths.patient_key

)

select * from final
