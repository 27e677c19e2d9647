with

registered as ({{ unite('wards') }}),

unregistered as (

    select mentioned_wards.*
    from {{ ref('mentioned_wards') }} as mentioned_wards
    left join registered
        on
            mentioned_wards.source_system = registered.source_system
            and mentioned_wards.ward_id = registered.ward_id
    where registered.ward_id is null

),

all_wards as (

    select
        source_system,
        ward_id,
        branch_id,
        department_id,
        ward_name,
        true as is_registered
    from registered
    union all
    select
        source_system,
        ward_id,
        branch_id,
        department_id,
        null as ward_name,
        false as is_registered
    from unregistered

),

final as (

    select
        source_system,
        {{ natural_key('ward_id') }} as ward_key,
        ward_id,
        branch_id,
        department_id,
        {{ natural_key('branch_id') }} as branch_key,
        {{ department_key() }} as department_key,
        coalesce(ward_name, ward_id) as ward_name,
        is_registered
    from all_wards

)

select * from final
