{%- set touched -%}
    select bed_stay_key from {{ changes('bed_stays') }}
    union all
    {{ touched_by_places(['bed_stay_key'], {
        'branches': 'branch_key', 'departments': 'department_key',
        'wards': 'ward_key',
    }) }}
{%- endset -%}
{{ built_in_parts(['bed_stay_key'], touched) }}

with

bed_stays as (

    select * from {{ ref('bed_stays') }}
    where {{ is_touched(['bed_stay_key']) }}

),

final as (

    select
        bed_stays.source_system,
        bed_stays.bed_stay_key,
        bed_stays.admission_key,
        bed_stays.branch_key,
        branches.branch_name,
        bed_stays.department_key,
        departments.department_name,
        bed_stays.ward_key,
        wards.ward_name,
        bed_stays.bed_key,
        bed_stays.bed_type,
        bed_stays.started_at,
        bed_stays.ended_at,
        bed_stays.is_open,
        bed_stays.is_recorded,
        {{ hours_between('bed_stays.started_at_utc', 'bed_stays.occupied_until_utc') }}
            as stay_hours,
        {{ dbt.datediff('bed_stays.started_on', 'bed_stays.nights_until', 'day') }}
            as nights
    from bed_stays
    left join {{ ref('branches') }} as branches
        on bed_stays.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on bed_stays.department_key = departments.department_key
    left join {{ ref('wards') }} as wards on bed_stays.ward_key = wards.ward_key

)

select * from final
