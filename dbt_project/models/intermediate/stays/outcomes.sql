{{ built_in_parts(
    ['source_system', 'admission_id'], touched_records('outcomes', ['admission_id'])
) }}

with

united as ({{ unite('outcomes', part=['staged.admission_id']) }}),

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
