with

stays as (

    select
        admissions.source_system,
        source_systems.as_of_date,
        min(admissions.admitted_on) as first_on
    from {{ ref('admissions') }} as admissions
    inner join {{ ref('source_systems') }} as source_systems
        on admissions.source_system = source_systems.source_system
    where admissions.is_measurable
    group by admissions.source_system, source_systems.as_of_date

),

numbers as (

    {{ dbt.generate_series(longest_history_days()) }}

),

days as (

    select
        stays.source_system,
        stays.first_on,
        {{ days_after('stays.as_of_date', '1 - numbers.generated_number') }} as date_day
    from stays
    cross join numbers

),

final as (

    select
        source_system,
        date_day,
        min(date_day) over (partition by source_system) as first_day
    from days
    where date_day >= first_on

)

select * from final
