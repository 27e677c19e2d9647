{# Where activity can name a place that no register has. #}
{%- set entities = [
    'wards', 'beds', 'doctors', 'admissions', 'recorded_bed_stays', 'appointments', 'treatments',
    'bills', 'doctor_shifts',
] -%}

with

registered_branches as ({{ unite('branches') }}),

registered_departments as ({{ unite('departments') }}),

mentioned as (

    select
        source_system,
        branch_id,
        cast(null as {{ dbt.type_string() }}) as department_id
    from registered_branches
    union
    select
        source_system,
        branch_id,
        department_id
    from registered_departments
    {% for entity in entities -%}
        union
        select
            source_system,
            branch_id,
            department_id
        from {{ ref(entity) }}
    {% endfor %}
),

final as (

    select
        source_system,
        branch_id,
        department_id,
        {{ natural_key('branch_id') }} as branch_key,
        {{ department_key() }} as department_key
    from mentioned
    where branch_id is not null or department_id is not null

)

select * from final
