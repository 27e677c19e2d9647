{# Running sums over the days on which a doctor's stays begin or end. #}
with

stays as (

    select
        source_system,
        doctor_key,
        admitted_on,
        coalesce(discharged_on, {{ days_after('as_of_date', 1) }}) as nights_until
    from {{ ref('admissions') }}
    where is_measurable and doctor_key is not null

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

),

summed as (

    select
        grid.*,
        sum(coalesce(daily_changes.change, 0)) over (
            partition by grid.doctor_key order by grid.date_day
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
