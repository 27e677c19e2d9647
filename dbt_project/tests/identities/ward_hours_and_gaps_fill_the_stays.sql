{{ config(
    description="Hours in recorded beds = hours of the stays less the gaps, and every"
        ~ " gap is reported."
) }}

with

stays as (

    select
        source_system,
        sum({{ seconds_between('admitted_at_utc', 'occupied_until_utc') }})
            as stay_seconds
    from {{ ref('admissions') }}
    where is_measurable
    group by source_system

),

reported as (

    select record_key from {{ ref('fct_quality_issues') }}
    where issue = 'time_without_recorded_bed'

),

in_beds as (

    select
        bed_stays.source_system,
        bed_stays.is_recorded,
        reported.record_key is not null
        or not {{ provides('bed_stays', 'bed_stays.source_system') }} as is_reported,
        {{ seconds_between(
            'bed_stays.started_at_utc', 'bed_stays.occupied_until_utc'
        ) }} as seconds
    from {{ ref('bed_stays') }} as bed_stays
    left join reported on bed_stays.bed_stay_key = reported.record_key

),

summed as (

    select
        source_system,
        sum(case when is_recorded then seconds else 0 end) as recorded_seconds,
        sum(case when is_recorded then 0 else seconds end) as gap_seconds,
        sum(case when not is_recorded and is_reported then seconds else 0 end)
            as reported_gap_seconds
    from in_beds
    group by source_system

)

select
    stays.source_system,
    stays.stay_seconds,
    summed.recorded_seconds,
    summed.gap_seconds,
    summed.reported_gap_seconds
from stays
left join summed on stays.source_system = summed.source_system
where
    coalesce(summed.recorded_seconds, -1) <> stays.stay_seconds - summed.gap_seconds
    or summed.reported_gap_seconds <> summed.gap_seconds
