with

bed_stays as ({{ unite('bed_stays') }}),

beds as ({{ unite('beds') }}),

mentions as (

    select
        source_system,
        ward_id,
        branch_id,
        department_id
    from bed_stays
    where ward_id is not null
    union all
    select
        source_system,
        ward_id,
        branch_id,
        department_id
    from beds
    where ward_id is not null

),

-- a record that names no place has no say in where the ward is
counted as (

    select
        source_system,
        ward_id,
        branch_id,
        department_id,
        count(coalesce(branch_id, department_id)) as mentions
    from mentions
    group by source_system, ward_id, branch_id, department_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by source_system, ward_id
            order by
                mentions desc,
                {{ in_code_order('branch_id') }} asc nulls last,
                {{ in_code_order('department_id') }} asc nulls last
        ) as place_rank
    from counted

),

final as (

    select
        source_system,
        ward_id,
        branch_id,
        department_id
    from ranked
    where place_rank = 1

)

select * from final
