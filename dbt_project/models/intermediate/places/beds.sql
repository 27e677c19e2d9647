with

registered as ({{ unite('beds') }}),

wards as (

    select * from {{ ref('wards') }}

),

placed as (

    select
        registered.source_system,
        registered.bed_id,
        registered.ward_id,
        {{ place_branch(['wards', 'registered']) }} as branch_id,
        {{ place_department(['wards', 'registered']) }} as department_id,
        wards.ward_key,
        {{ published_text('registered.bed_type', 'withheld') }} as bed_type,
        registered.opened_on,
        registered.closed_on,
        coalesce(registered.is_staffed, true) as is_staffed,
        registered._batch_id
    from registered
    left join wards
        on
            registered.source_system = wards.source_system
            and registered.ward_id = wards.ward_id
    left join {{ ref('withheld_texts') }} as withheld
        on
            registered.source_system = withheld.source_system
            and registered.bed_type = withheld.told

),

keyed as (

    select
        source_system,
        {{ natural_key('bed_id') }} as bed_key,
        bed_id,
        ward_id,
        branch_id,
        department_id,
        {{ natural_key('branch_id') }} as branch_key,
        {{ department_key() }} as department_key,
        ward_key,
        bed_type,
        opened_on,
        closed_on,
        is_staffed,
        _batch_id
    from placed

),

final as (

    select
        *,
        {{ bed_cell_key() }} as bed_cell_key
    from keyed

)

select * from final
