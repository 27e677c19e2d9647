{# How many beds of a cell are occupied from each moment on at which that changes, and
   from the beginning of each month. Who is there at as_of has not left. #}
{%- set months_of_stay = [
    each_month(days_after('started_on', -1), days_after('nights_until', 1)),
    short_key('bed_cell_key'),
] -%}
{%- set touched -%}
    select {{ months_of_stay | join(', ') }} from {{ changes('bed_stays') }}
    union all
    {{ touched_by('bed_cells', months_of_stay, ['bed_cell_key'], rows='bed_stays') }}
    union all
    {{ touched_by('bed_cells', ['changes_at', 'bed_cell_number'], ['bed_cell_number']) }}
    union all
    {{ passed_months('bed_cell_number', 'bed_cells') }}
{%- endset -%}
{{ built_in_months('changes_at', touched, ['bed_cell_number']) }}

with

stays as (

    select
        bed_cells.bed_cell_number,
        bed_cells.source_system,
        bed_cells.time_zone,
        bed_stays.is_open,
        bed_stays.started_at_utc,
        bed_stays.occupied_until_utc,
        bed_cells.as_of_utc
    from {{ ref('bed_stays') }} as bed_stays
    inner join {{ ref('bed_cell_clocks') }} as bed_cells
        on bed_stays.bed_cell_key = bed_cells.bed_cell_key
    where {{ is_in_touched_month(
        days_after('bed_stays.started_on', -1),
        days_after('bed_stays.nights_until', 1),
        ['bed_cells.bed_cell_number']
    ) }}

),

-- a time that the clock skipped may lie after the as_of that follows it
up_to_as_of as (

    select
        bed_cell_number,
        source_system,
        time_zone,
        is_open,
        case when is_open then least(started_at_utc, as_of_utc) else started_at_utc end
            as starts_at_utc,
        occupied_until_utc as ends_at_utc
    from stays

),

-- who was there when a month began
carried as (

    select
        bed_cell_number,
        source_system,
        time_zone,
        {{ each_month(
            month_after(local_of('starts_at_utc', 'time_zone')),
            local_of('ends_at_utc', 'time_zone')
        ) }} as month_start
    from up_to_as_of

),

changes as (

    select
        bed_cell_number,
        source_system,
        time_zone,
        starts_at_utc as changes_at_utc,
        1 as change,
        0 as carried_beds
    from up_to_as_of
    union all
    select
        bed_cell_number,
        source_system,
        time_zone,
        ends_at_utc as changes_at_utc,
        -1 as change,
        0 as carried_beds
    from up_to_as_of
    where not is_open
    union all
    select
        bed_cell_number,
        source_system,
        time_zone,
        {{ utc_of('cast(month_start as timestamp)', 'time_zone') }} as changes_at_utc,
        0 as change,
        cast(count(*) as integer) as carried_beds
    from carried
    group by bed_cell_number, source_system, time_zone, month_start

),

-- who leaves at the moment at which another comes was not there together with them
moments as (

    select
        bed_cell_number,
        source_system,
        time_zone,
        changes_at_utc,
        {{ local_of('changes_at_utc', 'time_zone') }} as changes_at,
        cast(sum(change) as integer) as change,
        cast(sum(carried_beds) as integer) as carried_beds
    from changes
    group by bed_cell_number, source_system, time_zone, changes_at_utc

),

final as (

    select
        source_system,
        time_zone,
        bed_cell_number,
        changes_at_utc,
        changes_at,
        change,
        carried_beds,
        cast(sum(change + carried_beds) over (
            partition by bed_cell_number, {{ month_of('changes_at') }}
            order by changes_at_utc
        ) as integer) as occupied_beds
    from moments

)

select * from final
where {{ is_in_touched_month('changes_at', of=['bed_cell_number']) }}
