{%- set touched -%}
    select bed_cell_key from {{ changes('bed_stays') }}
    union all
    select bed_cell_key from {{ changes('beds') }}
    union all
    {{ touched_by_places(['bed_cell_key'], {'branches': 'branch_key'}) }}
    union all
    {{ touched_by_time(['bed_cell_key'], 'false') }}
{%- endset -%}
{{ built_in_parts(['bed_cell_key'], touched) }}

with

occupied as (

    select distinct
        source_system,
        bed_cell_key,
        branch_key,
        department_key,
        ward_key,
        bed_type
    from {{ ref('bed_stays') }}
    where {{ is_touched(['bed_cell_key']) }}

),

registered as (

    select distinct
        source_system,
        bed_cell_key,
        branch_key,
        department_key,
        ward_key,
        bed_type
    from {{ ref('beds') }}
    where {{ is_touched(['bed_cell_key']) }}

),

cells as (

    select * from occupied
    union
    select * from registered

),

final as (

    select
        cells.*,
        -- short, so that millions of hours can be sorted and joined by it
        {{ short_key('cells.bed_cell_key') }} as bed_cell_number,
        coalesce(branches.time_zone, source_systems.time_zone) as time_zone
    from cells
    inner join {{ ref('source_systems') }} as source_systems
        on cells.source_system = source_systems.source_system
    left join {{ ref('branches') }} as branches
        on cells.branch_key = branches.branch_key

)

select * from final
