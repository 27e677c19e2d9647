with

places as (

    select * from {{ ref('places') }}
    where department_id is not null

),

registered as ({{ unite('departments') }}),

-- a register without branches names its departments for the whole hospital
ranked as (

    select
        source_system,
        department_id,
        department_name,
        row_number() over (
            partition by source_system, department_id
            order by {{ in_code_order('department_name') }} nulls last
        ) as name_rank
    from registered
    where branch_id is null

),

hospital_wide as (

    select * from ranked
    where name_rank = 1

),

final as (

    select
        places.source_system,
        places.department_key,
        places.branch_key,
        places.branch_id,
        places.department_id,
        coalesce(
            registered.department_name,
            hospital_wide.department_name,
            places.department_id
        ) as department_name,
        coalesce(registered.department_id, hospital_wide.department_id) is not null
            as is_registered
    from places
    left join registered
        on
            places.source_system = registered.source_system
            and places.branch_id = registered.branch_id
            and places.department_id = registered.department_id
    left join hospital_wide
        on
            places.source_system = hospital_wide.source_system
            and places.department_id = hospital_wide.department_id

)

select * from final
