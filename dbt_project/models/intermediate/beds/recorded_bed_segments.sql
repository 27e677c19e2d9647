{{ built_in_parts(
    ['admission_key'], changed({'recorded_bed_stays': 'admission_key'})
) }}

with

used as (

    select * from {{ ref('recorded_bed_stays') }}
    where
        is_used
        and starts_at_utc < ends_at_utc
        and {{ is_touched(['admission_key']) }}

),

in_order as (

    select
        *,
        lead(starts_at_utc) over (
            partition by admission_key
            order by
                starts_at_utc,
                started_at_utc nulls last,
                {{ in_code_order('bed_stay_id') }}
        ) as next_starts_at_utc
    from used

),

without_overlap as (

    select
        admission_key,
        bed_stay_key,
        branch_id,
        department_id,
        branch_key,
        department_key,
        ward_key,
        bed_key,
        bed_type,
        starts_at_utc,
        least(ends_at_utc, next_starts_at_utc) as leaves_at_utc,
        next_starts_at_utc
    from in_order

),

final as (

    select * from without_overlap
    where starts_at_utc < leaves_at_utc

)

select * from final
