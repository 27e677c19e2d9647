{#- A part is a doctor's day; the shifts of nobody, or of no day, are parts too. -#}
{%- set day_of_doctor = [
    'source_system', "coalesce(doctor_id, '')",
    "coalesce(shift_on, cast('1900-01-01' as date))",
] -%}
{%- set touched -%}
    {{ touched_records('doctor_shifts', day_of_doctor[1:]) }}
    union all
    {{ touched_by(
        'doctors', day_of_doctor, ['source_system', 'doctor_id']
    ) }}
{%- endset -%}
{{ built_in_parts(day_of_doctor, touched, dated=['shift_on']) }}

with

united as (

    select * from ({{ unite('doctor_shifts') }}) as united
    where {{ is_touched(day_of_doctor) }}

),

doctors as (

    select * from {{ ref('doctors') }}

),

placed as (

    select
        united.source_system,
        united.shift_id,
        united.doctor_id,
        {{ place_branch(['united', 'doctors']) }} as branch_id,
        {{ place_department(['united', 'doctors']) }} as department_id,
        united.shift_on,
        united.rostered_hours,
        united.worked_hours,
        united._batch_id
    from united
    left join doctors
        on
            united.source_system = doctors.source_system
            and united.doctor_id = doctors.doctor_id
            and {{ is_valid_on('united.shift_on', 'doctors') }}

),

-- a roster may come without ids of its shifts
numbered as (

    select
        *,
        row_number() over (
            partition by source_system, doctor_id, shift_on
            order by
                {{ in_code_order('shift_id') }} nulls last,
                rostered_hours nulls last,
                worked_hours nulls last
        ) as shift_of_day,
        row_number() over (
            partition by
                source_system, doctor_id, shift_on, branch_id, department_id,
                rostered_hours, worked_hours
            order by {{ in_code_order('shift_id') }} nulls last
        ) as occurrence
    from placed

),

identified as (

    select
        *,
        coalesce(shift_id, {{ dbt.concat([
            'doctor_id', "' '", 'cast(shift_on as ' ~ dbt.type_string() ~ ')', "' '",
            'cast(shift_of_day as ' ~ dbt.type_string() ~ ')'
        ]) }}) as found_shift_id
    from numbered

),

final as (

    select
        source_system,
        {{ natural_key('found_shift_id') }} as shift_key,
        {{ natural_key('doctor_id') }} as doctor_key,
        {{ natural_key('branch_id') }} as branch_key,
        {{ department_key() }} as department_key,
        doctor_id,
        branch_id,
        department_id,
        shift_on,
        rostered_hours,
        worked_hours,
        shift_of_day,
        occurrence,
        _batch_id
    from identified

)

select * from final
