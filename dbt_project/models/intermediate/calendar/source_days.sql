with

stays as (

    select
        source_system,
        as_of_date,
        min(admitted_on) as first_on
    from {{ ref('admissions') }}
    where is_measurable
    group by source_system, as_of_date

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
