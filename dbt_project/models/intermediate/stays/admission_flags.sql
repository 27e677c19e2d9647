{{ built_in_parts(['admission_key'], changed({
    'admissions': 'admission_key', 'admission_issues': 'record_key',
    'readmissions': ['index_admission_key', 'readmission_admission_key'],
})) }}

with

admissions as (

    select * from {{ ref('admissions') }}
    where {{ is_touched(['admission_key']) }}

),

readmissions as (

    select * from {{ ref('readmissions') }}

),

coming_back as (

    select
        readmission_admission_key as admission_key,
        max(cast(is_readmission_30d as integer)) as readmission,
        max(cast(is_emergency_readmission_nhs as integer)) as emergency_readmission
    from readmissions
    where {{ is_touched(['readmission_admission_key']) }}
    group by readmission_admission_key

),

followed as (

    select
        index_admission_key as admission_key,
        max(cast(is_readmission_30d as integer)) as readmission,
        max(cast(is_emergency_readmission_nhs as integer)) as emergency_readmission
    from readmissions
    where {{ is_touched(['index_admission_key']) }}
    group by index_admission_key

),

faulty as (

    select distinct record_key from {{ ref('admission_issues') }}
    where {{ is_touched(['record_key']) }}

),

final as (

    select
        admissions.source_system,
        admissions.admission_key,
        admissions.is_measurable
        and not admissions.is_open
        and not admissions.is_death
        and not admissions.is_transfer_out as is_index_for_readmission,
        coalesce(coming_back.readmission = 1, false) as is_readmission_30d,
        coalesce(coming_back.emergency_readmission = 1, false)
            as is_emergency_readmission_nhs,
        coalesce(followed.readmission = 1, false) as is_followed_by_readmission_30d,
        coalesce(followed.emergency_readmission = 1, false)
            as is_followed_by_emergency_readmission_nhs,
        faulty.record_key is not null as has_quality_issue
    from admissions
    left join coming_back on admissions.admission_key = coming_back.admission_key
    left join followed on admissions.admission_key = followed.admission_key
    left join faulty on admissions.admission_key = faulty.record_key

)

select * from final
