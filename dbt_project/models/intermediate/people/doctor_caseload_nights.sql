{%- set touched -%}
    select {{ each_month(
        'changed.admitted_on',
        'coalesce(changed.discharged_on, source_systems.as_of_date)'
    ) }}
    from {{ changes('admissions') }} as changed
    inner join {{ upstream('source_systems') }} as source_systems
        on changed.source_system = source_systems.source_system
    where changed.is_measurable
    union all
    {{ passed_months() }}
    union all
    select date_day from {{ changes('source_days') }}
{%- endset -%}
{{ built_in_months('date_day', touched) }}

{# Running sums over the days of a month on which a doctor's stays begin or end, from
   those who were there before it. #}
with

stays as (

    select
        admissions.source_system,
        admissions.doctor_key,
        admissions.admitted_on,
        coalesce(
            admissions.discharged_on, {{ days_after('source_systems.as_of_date', 1) }}
        ) as nights_until
    from {{ ref('admissions') }} as admissions
    inner join {{ ref('source_systems') }} as source_systems
        on admissions.source_system = source_systems.source_system
    where
        admissions.is_measurable
        and admissions.doctor_key is not null
        and {{ is_in_touched_month(
            'admissions.admitted_on',
            "coalesce(admissions.discharged_on, cast('9999-12-31' as date))"
        ) }}

),

changes as (

    select
        source_system,
        doctor_key,
        admitted_on as date_day,
        1 as change
    from stays
    union all
    select
        source_system,
        doctor_key,
        nights_until as date_day,
        -1 as change
    from stays
    union all
    -- who was there when the month began
    select
        source_system,
        doctor_key,
        month_start as date_day,
        cast(count(*) as integer) as change
    from (
        select
            source_system,
            doctor_key,
            {{ each_month(
                month_after('admitted_on'), 'nights_until'
            ) }} as month_start
        from stays
    ) as carried
    group by source_system, doctor_key, month_start

),

source_days as (

    select * from {{ ref('source_days') }}

),

first_days as (

    select distinct
        source_system,
        first_day
    from source_days

),

daily_changes as (

    select
        changes.doctor_key,
        greatest(changes.date_day, first_days.first_day) as date_day,
        cast(sum(changes.change) as integer) as change
    from changes
    inner join first_days on changes.source_system = first_days.source_system
    -- what was before the first month has been carried over
    where changes.date_day >= {{ month_of('first_days.first_day') }}
    group by changes.doctor_key, greatest(changes.date_day, first_days.first_day)

),

doctors as (

    select distinct
        source_system,
        doctor_key
    from stays

),

grid as (

    select
        doctors.source_system,
        doctors.doctor_key,
        source_days.date_day
    from doctors
    inner join source_days on doctors.source_system = source_days.source_system
    where {{ is_in_touched_month('source_days.date_day') }}

),

summed as (

    select
        grid.*,
        sum(coalesce(daily_changes.change, 0)) over (
            partition by grid.doctor_key, {{ month_of('grid.date_day') }}
            order by grid.date_day
        ) as caseload
    from grid
    left join daily_changes
        on
            grid.doctor_key = daily_changes.doctor_key
            and grid.date_day = daily_changes.date_day

),

final as (

    select
        source_system,
        doctor_key,
        date_day,
        cast(caseload as integer) as midnight_caseload
    from summed
    where caseload > 0

)

select * from final
