with

registered as ({{ unite('departments') }}),

final as (

    select
        source_system,
        department_id,
        min(branch_id) as branch_id
    from registered
    group by source_system, department_id
    having min(branch_id) = max(branch_id) and count(branch_id) = count(*)

)

select * from final
