with source as (
    {{ typed('hospital_management', 'treatments') }}
),

renamed as (
    select
        treatment_id,
        appointment_id,
        treatment_type,
        treatment_date as treated_on,
        cast(cost as numeric(18, 2)) as cost_amount,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
