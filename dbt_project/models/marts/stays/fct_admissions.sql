{%- set touched -%}
    {{ changed({
        'admissions': 'admission_key', 'admission_flags': 'admission_key',
        'bills': 'admission_key',
    }) }}
    union all
    {{ touched_by_places(['admission_key'], {
        'branches': 'branch_key', 'departments': 'department_key'
    }) }}
{%- endset -%}
{{ built_in_parts(['admission_key'], touched, dated=['discharged_on']) }}

with

admissions as (

    select
        *,
        is_measurable and not is_open as has_length
    from {{ ref('admissions') }}
    where {{ is_touched(['admission_key']) }}

),

billed as (

    select
        admission_key,
        sum(billed_amount) as billed_amount
    from {{ ref('bills') }}
    where admission_key is not null and {{ is_touched(['admission_key']) }}
    group by admission_key

),

measured as (

    select
        *,
        case
            when has_length
                then {{ dbt.datediff('admitted_on', 'discharged_on', 'day') }}
        end as nights,
        case
            when has_length
                then {{ hours_between('admitted_at_utc', 'occupied_until_utc') }}
        end as hours,
        case
            when is_measurable and is_open
                then {{ hours_between('admitted_at_utc', 'occupied_until_utc') }}
        end as hours_to_date
    from admissions

),

final as (

    select
        measured.source_system,
        measured.admission_key,
        measured.patient_key,
        measured.doctor_key,
        measured.branch_key,
        branches.branch_name,
        measured.department_key,
        departments.department_name,
        measured.admission_type,
        measured.admitted_at,
        measured.discharged_at,
        measured.admitted_on,
        measured.discharged_on,
        measured.is_open,
        measured.outcome,
        measured.is_death,
        measured.is_transfer_out,
        measured.bed_type,
        measured.hours as length_of_stay_hours,
        measured.nights as length_of_stay_nights,
        case when measured.nights = 0 then 1 else measured.nights end
            as length_of_stay_days_medicare,
        measured.hours_to_date as stay_to_date_hours,
        measured.nights = 0 as is_same_day,
        measured.nights >= 21 as is_long_stay,
        measured.is_measurable,
        admission_flags.is_index_for_readmission,
        admission_flags.is_readmission_30d,
        admission_flags.is_emergency_readmission_nhs,
        admission_flags.is_followed_by_readmission_30d,
        admission_flags.is_followed_by_emergency_readmission_nhs,
        measured.is_readmission_recorded,
        billed.billed_amount,
        admission_flags.has_quality_issue
    from measured
    inner join {{ ref('admission_flags') }} as admission_flags
        on measured.admission_key = admission_flags.admission_key
    left join billed on measured.admission_key = billed.admission_key
    left join
        {{ ref('branches') }} as branches
        on measured.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on measured.department_key = departments.department_key

)

select * from final
