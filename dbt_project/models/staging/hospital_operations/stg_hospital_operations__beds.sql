with source as (
    {{ typed('hospital_operations', 'beds') }}
),

renamed as (
    select
        bed_id as bed_observation_id,
        branch as branch_id,
        department as department_id,
        bed_type,
        occupied_date as observed_on,
        occupied_flag as is_occupied,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
