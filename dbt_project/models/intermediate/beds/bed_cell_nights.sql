{# Running sums over the days of a month on which something changes, from what was there
   before it: the cost is changes plus nights of the result, never stays times nights. #}
{%- set touched -%}
    select {{ each_month('started_on', 'nights_until') }}, {{ short_key('bed_cell_key') }}
    from {{ changes('bed_stays') }}
    union all
    {{ touched_cells('source_days', ['source_system']) }}
    union all
    {{ touched_by_registered_beds() }}
{%- endset -%}
{{ built_in_months('date_day', touched, ['bed_cell_number']) }}
with

cells as (

    select * from {{ ref('bed_cells') }}

),

spans as (

    select
        source_system,
        min(date_day) as first_day,
        max(date_day) as last_day
    from {{ ref('source_days') }}
    group by source_system

),

registers as (

    select distinct source_system from {{ ref('beds') }}

),

standing_beds as (

    select
        beds.source_system,
        beds.bed_cell_key,
        beds.is_staffed,
        greatest(beds.opened_on, spans.first_day) as opened_on,
        beds.closed_on,
        coalesce(beds.closed_on, spans.last_day) as stands_until
    from {{ ref('beds') }} as beds
    inner join spans on beds.source_system = spans.source_system
    where
        coalesce(beds.closed_on > beds.opened_on, true)
        and coalesce(beds.closed_on > spans.first_day, true)

),

stays as (

    select
        source_system,
        bed_cell_key,
        started_on,
        nights_until
    from {{ ref('bed_stays') }}
    where {{ is_in_touched_month(
        'started_on', 'nights_until', [short_key('bed_cell_key')]
    ) }}

),

carried as (

    select
        source_system,
        bed_cell_key,
        {{ each_month(month_after('started_on'), 'nights_until') }} as changes_on,
        1 as occupied,
        0 as physical,
        0 as staffed
    from stays
    union all
    select
        source_system,
        bed_cell_key,
        {{ each_month(month_after('opened_on'), 'stands_until') }} as changes_on,
        0 as occupied,
        1 as physical,
        cast(is_staffed as integer) as staffed
    from standing_beds

),

changes as (

    select * from carried
    {%- for relation, day, sign in [
        ('stays', 'started_on', 1), ('stays', 'nights_until', -1),
        ('standing_beds', 'opened_on', 1), ('standing_beds', 'closed_on', -1),
    ] %}
        union all
        select
            source_system,
            bed_cell_key,
            {{ day }} as changes_on,
            {{ sign if relation == 'stays' else 0 }} as occupied,
            {{ 0 if relation == 'stays' else sign }} as physical,
            {{ 0 if relation == 'stays' else sign ~ ' * cast(is_staffed as integer)' }}
                as staffed
        from {{ relation }}
        where {{ day }} is not null
    {%- endfor %}

),

-- what was before the first day counts from the first day; what was before its month
-- has been carried over
daily_changes as (

    select
        bed_cells.bed_cell_number,
        greatest(changes.changes_on, spans.first_day) as changes_on,
        cast(sum(changes.occupied) as integer) as occupied,
        cast(sum(changes.physical) as integer) as physical,
        cast(sum(changes.staffed) as integer) as staffed
    from changes
    inner join cells as bed_cells on changes.bed_cell_key = bed_cells.bed_cell_key
    inner join spans on changes.source_system = spans.source_system
    where changes.changes_on >= {{ month_of('spans.first_day') }}
    group by
        bed_cells.bed_cell_number, greatest(changes.changes_on, spans.first_day)

),

grid as (

    select
        cells.source_system,
        cells.bed_cell_number,
        registers.source_system is not null as has_bed_register,
        source_days.date_day
    from cells
    inner join {{ ref('source_days') }} as source_days
        on cells.source_system = source_days.source_system
    left join registers on cells.source_system = registers.source_system
    where {{ is_in_touched_month(
        'source_days.date_day', of=['cells.bed_cell_number']
    ) }}

),

summed as (

    select
        grid.*,
        sum(coalesce(daily_changes.occupied, 0)) over running as occupied,
        sum(coalesce(daily_changes.physical, 0)) over running as physical,
        sum(coalesce(daily_changes.staffed, 0)) over running as staffed
    from grid
    left join daily_changes
        on
            grid.bed_cell_number = daily_changes.bed_cell_number
            and grid.date_day = daily_changes.changes_on
    window running as (
        partition by grid.bed_cell_number, {{ month_of('grid.date_day') }}
        order by grid.date_day
    )

),

final as (

    select
        source_system,
        bed_cell_number,
        date_day,
        cast(occupied as integer) as occupied_beds_midnight,
        case when has_bed_register then cast(physical as integer) end as physical_beds,
        case when has_bed_register then cast(staffed as integer) end as available_beds
    from summed

)

select * from final
