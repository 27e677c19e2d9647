with

united as ({{ unite('bed_stays') }}),

beds as (

    select * from {{ ref('beds') }}

),

wards as (

    select * from {{ ref('wards') }}

),

admissions as (

    select * from {{ ref('admissions') }}

),

keyed as (

    select
        *,
        {{ pseudonym('bed_stay', 'bed_stay_id') }} as bed_stay_key,
        {{ pseudonym('admission', 'admission_id') }} as admission_key
    from united
    {{ keep_apart() }}

),

in_admission as (

    select
        keyed.*,
        beds.bed_key,
        beds.bed_type as register_bed_type,
        coalesce(keyed.ward_id, beds.ward_id) as found_ward_id,
        admissions.admission_key is not null as is_admission_known,
        coalesce(admissions.is_measurable, false) as is_admission_measurable,
        admissions.admitted_at,
        admissions.occupied_until,
        admissions.branch_id as admission_branch_id,
        admissions.department_id as admission_department_id,
        admissions.bed_type as admission_bed_type
    from keyed
    left join admissions on keyed.admission_key = admissions.admission_key
    left join beds
        on
            keyed.source_system = beds.source_system
            and keyed.bed_id = beds.bed_id

),

placed as (

    select
        in_admission.*,
        wards.ward_key,
        coalesce(
            wards.branch_id, in_admission.branch_id, in_admission.admission_branch_id
        )
            as found_branch_id,
        coalesce(
            wards.department_id,
            in_admission.department_id,
            in_admission.admission_department_id
        ) as found_department_id
    from in_admission
    left join wards
        on
            in_admission.source_system = wards.source_system
            and in_admission.found_ward_id = wards.ward_id

),

-- the part of the recorded time that lies within the stay
final as (

    select
        source_system,
        bed_stay_key,
        bed_stay_id,
        admission_key,
        found_branch_id as branch_id,
        found_department_id as department_id,
        {{ natural_key('found_branch_id') }} as branch_key,
        {{ department_key('found_branch_id', 'found_department_id') }}
            as department_key,
        ward_key,
        bed_key,
        coalesce(register_bed_type, bed_type, admission_bed_type) as bed_type,
        started_at,
        ended_at,
        greatest(started_at, admitted_at) as starts_at,
        least(coalesce(ended_at, occupied_until), occupied_until) as ends_at,
        is_admission_known,
        is_admission_measurable,
        started_at < admitted_at or coalesce(ended_at, started_at) > occupied_until
            as is_outside_stay,
        bed_id is not null and bed_key is null as is_bed_unknown,
        _batch_id
    from placed

)

select * from final
