with

united as ({{ unite('outcomes') }}),

final as (

    select
        source_system,
        admission_id,
        outcome,
        is_death,
        is_transfer_out,
        is_readmission_recorded,
        _batch_id
    from united

)

select * from final
