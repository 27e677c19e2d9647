with

recorded as (

    select
        *,
        lead(case when is_admission_measurable then starts_at end) over (
            partition by admission_key order by starts_at, ends_at, bed_stay_id
        ) as next_starts_at
    from {{ ref('recorded_bed_stays') }}

),

flagged as (

    select
        source_system,
        bed_stay_key,
        branch_key,
        department_key,
        next_starts_at < ends_at as bed_stay_overlaps_next,
        is_outside_stay as bed_stay_outside_stay,
        ended_at < started_at as bed_stay_ends_before_it_begins,
        not is_admission_known as unknown_admission,
        is_bed_unknown as unknown_bed
    from recorded

),

-- only where beds are recorded at all can some time lack one
gaps as (

    select
        source_system,
        bed_stay_key,
        branch_key,
        department_key,
        {{ provides('bed_stays') }} as time_without_recorded_bed
    from {{ ref('bed_stays') }}
    where not is_recorded and started_at < occupied_until

),

final as (

    {{ list_issues('flagged', 'bed_stays', 'bed_stay_key', [
        'bed_stay_overlaps_next', 'bed_stay_outside_stay',
        'bed_stay_ends_before_it_begins', 'unknown_admission', 'unknown_bed',
    ]) }}
    union all
    {{ list_issues('gaps', 'bed_stays', 'bed_stay_key', [
        'time_without_recorded_bed',
    ]) }}

)

select * from final
