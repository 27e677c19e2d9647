with

registered as ({{ unite('branches') }}),

checked as (

    select
        source_system,
        branch_id,
        time_zone,
        coalesce({{ is_time_zone('time_zone') }}, false) as is_known
    from registered

),

final as (

    select
        source_system,
        branch_id,
        {{ natural_key('branch_id') }} as branch_key,
        case
            when is_known then time_zone
            else {{ hospital_time_zone() }}
        end as time_zone,
        time_zone is not null and not is_known as is_time_zone_unknown
    from checked

)

select * from final
