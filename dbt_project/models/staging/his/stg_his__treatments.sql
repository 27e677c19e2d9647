with source as (
    {{ typed('his', 'treatments') }}
),

renamed as (
    select
        treatment_id,
        appointment_id,
        admission_id,
        doctor_id,
        department_id,
        treatment_type,
        treated_on,
        cast(cost as numeric(18, 2)) as cost_amount,
        _faults,
        _batch_id,
        _row_number
    from source
)

select * from renamed
