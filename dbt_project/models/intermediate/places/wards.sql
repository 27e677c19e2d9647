with

registered as ({{ unite('wards') }}),

bed_stays as ({{ unite('bed_stays') }}),

beds as ({{ unite('beds') }}),

mentioned as (

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

unregistered as (

    select
        mentioned.source_system,
        mentioned.ward_id,
        min(mentioned.branch_id) as branch_id,
        min(mentioned.department_id) as department_id
    from mentioned
    left join registered
        on
            mentioned.source_system = registered.source_system
            and mentioned.ward_id = registered.ward_id
    where registered.ward_id is null
    group by mentioned.source_system, mentioned.ward_id

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
