with

united as ({{ unite('doctors') }}),

final as (

    select
        source_system,
        {{ natural_key('doctor_id') }} as doctor_key,
        doctor_id,
        branch_id,
        department_id,
        {{ natural_key('branch_id') }} as branch_key,
        {{ department_key() }} as department_key,
        doctor_name,
        specialty,
        contracted_hours_per_week,
        -- without history, what is known now has always been so
        case
            when row_number() over (
                partition by source_system, doctor_id order by _valid_from
            ) > 1 then _valid_from
            else cast('1900-01-01' as date)
        end as valid_from,
        _valid_to as valid_to,
        coalesce(_is_current, true) as is_current,
        _batch_id
    from united

)

select * from final
