{# Where activity can name a place that no register has. Of the touched ones, those are
   kept that anything still names; the first record that does is enough, for which each
   place is looked for by itself. #}
{%- set entities = [
    'wards', 'beds', 'doctors', 'admissions', 'recorded_bed_stays', 'appointments',
    'treatments', 'bills', 'doctor_shifts',
] -%}
{%- set names = ["coalesce(branch_id, '')", "coalesce(department_id, '')"] -%}
{%- set touched -%}
    {{ touched_records('branches', ["coalesce(branch_id, '')", "''"]) }}
    union all
    {{ touched_records('departments', ["''", names[1]]) }}
    union all
    {{ touched_records('departments', names, given='branch_id') }}
    {%- for entity in entities %}
    union all
    select source_system, {{ names | join(', ') }} from {{ changes(entity) }}
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(['source_system'] + names, touched) }}

with

registered_branches as ({{ unite('branches') }}),

registered_departments as ({{ unite('departments') }}),

mentioned as (

    {%- set selects -%}
        select
            source_system,
            branch_id,
            cast(null as {{ dbt.type_string() }}) as department_id
        from registered_branches
        union all
        select
            source_system,
            branch_id,
            department_id
        from registered_departments
        {%- for entity in entities %}
        union all
        select
            source_system,
            branch_id,
            department_id
        from {{ ref(entity) }}
        {%- endfor %}
    {%- endset %}
    {%- if execute and is_built_in_parts() %}
        select
            named.part_1 as source_system,
            nullif(named.part_2, '') as branch_id,
            nullif(named.part_3, '') as department_id
        from {{ touched_parts() }} as named
        where exists (
            select 1
            from ({{ selects }}) as records
            where
                records.source_system = named.part_1
                and coalesce(records.branch_id, '') = named.part_2
                and coalesce(records.department_id, '') = named.part_3
            {{ keep_apart() }}
        )
    {%- else %}
        select distinct * from ({{ selects }}) as records
    {%- endif %}

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
