with

census as (

    select
        source_system,
        date_day,
        branch_key,
        branch_name,
        department_key,
        department_name,
        sum(occupied_beds_midnight) as census_midnight
    from {{ ref('bed_occupancy_daily') }}
    group by
        source_system,
        date_day,
        branch_key,
        branch_name,
        department_key,
        department_name

),

movements as (

    select
        source_system,
        date_day,
        coalesce(branch_key, '') as branch_key,
        coalesce(department_key, '') as department_key,
        sum(admissions) as admissions,
        sum(discharges) as discharges,
        sum(transfers_in) as transfers_in,
        sum(transfers_out) as transfers_out,
        sum(deaths) as deaths,
        sum(discharges_before_noon) as discharges_before_noon
    from {{ ref('patient_movements') }}
    group by
        source_system, date_day, coalesce(branch_key, ''), coalesce(department_key, '')

),

final as (

    select
        census.source_system,
        census.date_day,
        census.branch_key,
        census.branch_name,
        census.department_key,
        census.department_name,
        coalesce(movements.admissions, 0) as admissions,
        coalesce(movements.discharges, 0) as discharges,
        coalesce(movements.transfers_in, 0) as transfers_in,
        coalesce(movements.transfers_out, 0) as transfers_out,
        coalesce(movements.deaths, 0) as deaths,
        coalesce(
            movements.admissions + movements.transfers_in
            - movements.discharges - movements.transfers_out, 0
        ) as net_flow,
        census.census_midnight,
        -- a source of dates without times cannot tell on any day
        case
            when
                count(movements.discharges_before_noon)
                    over (partition by census.source_system)
                > 0
                then coalesce(movements.discharges_before_noon, 0)
        end as discharges_before_noon
    from census
    left join movements
        on
            census.source_system = movements.source_system
            and census.date_day = movements.date_day
            and coalesce(census.branch_key, '') = movements.branch_key
            and coalesce(census.department_key, '') = movements.department_key

)

select * from final
