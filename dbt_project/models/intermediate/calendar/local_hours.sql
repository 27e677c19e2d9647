{# The clock's hours and how long they last; as_of ends the last one. An hour that the
   clock skips does not last and has no row; one that it shows twice is one row that
   lasts two hours, since a time without its offset does not tell which of the two is
   meant. #}
{%- set touched -%}
    select date_day from {{ changes('source_days') }}
    union all
    {{ passed_months() }}
    union all
    -- a time zone that no cell had before, and one that none has now
    select source_days.date_day
    from {{ upstream('source_days') }} as source_days
    inner join (
        select source_system, time_zone from {{ changes('bed_cells') }}
        except
        select source_system, time_zone from {{ this }}
    ) as come
        on source_days.source_system = come.source_system
    union all
    select date_day from {{ this }}
    where (source_system, time_zone) in (
        select source_system, time_zone from {{ changes('bed_cells') }}
        except
        select source_system, time_zone from {{ upstream('bed_cells') }}
    )
{%- endset -%}
{{ built_in_months('date_day', touched) }}

with

time_zones as (

    select distinct
        source_system,
        time_zone,
        as_of_utc
    from {{ ref('bed_cell_clocks') }}

),

hour_numbers as (

    {{ dbt.generate_series(24) }}

),

shown as (

    select
        time_zones.source_system,
        time_zones.time_zone,
        time_zones.as_of_utc,
        source_days.date_day,
        {{ dbt.dateadd(
            'hour', 'hour_numbers.generated_number - 1',
            'cast(source_days.date_day as timestamp)'
        ) }} as hour_starts_at
    from time_zones
    inner join {{ ref('source_days') }} as source_days
        on time_zones.source_system = source_days.source_system
    cross join hour_numbers
    where {{ is_in_touched_month('source_days.date_day') }}

),

in_true_time as (

    select
        *,
        {{ utc_of('hour_starts_at', 'time_zone') }} as hour_starts_at_utc,
        {{ utc_of(dbt.dateadd('hour', 1, 'hour_starts_at'), 'time_zone') }}
            as hour_ends_at_utc
    from shown

),

final as (

    select
        source_system,
        time_zone,
        date_day,
        hour_starts_at,
        hour_starts_at_utc,
        {{ microseconds_between(
            'hour_starts_at_utc', 'least(hour_ends_at_utc, as_of_utc)'
        ) }} as elapsed_microseconds
    from in_true_time
    where
        hour_starts_at_utc < hour_ends_at_utc
        and hour_starts_at_utc <= as_of_utc

)

select * from final
