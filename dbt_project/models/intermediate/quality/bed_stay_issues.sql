{%- set touched -%}
    {{ changed({'recorded_bed_stays': 'bed_stay_key', 'bed_stays': 'bed_stay_key'}) }}
    union all
    {{ touched_by(
        'recorded_bed_stays', ['bed_stay_key'], ['admission_key'],
        rows='recorded_bed_stays'
    ) }}
{%- endset -%}
{{ built_in_parts(['record_key'], touched) }}

with

recorded as (

    select
        *,
        is_used and starts_at_utc < ends_at_utc as is_counted,
        lead(starts_at_utc) over (
            partition by admission_key, is_used and starts_at_utc < ends_at_utc
            order by
                starts_at_utc,
                started_at_utc nulls last,
                {{ in_code_order('bed_stay_id') }}
        ) as next_starts_at_utc
    from {{ ref('recorded_bed_stays') }}
    where {{ is_touched_or_beside(
        'recorded_bed_stays', 'bed_stay_key', 'admission_key'
    ) }}

),

flagged as (

    select
        source_system,
        bed_stay_key,
        branch_key,
        department_key,
        is_counted and next_starts_at_utc < ends_at_utc as bed_stay_overlaps_next,
        is_outside_stay as bed_stay_outside_stay,
        ended_at < started_at as bed_stay_ends_before_it_begins,
        {{ names_unknown('admissions', 'admission_key', 'is_admission_known') }}
            as unknown_admission,
        is_in_other_time_zone as bed_stay_in_other_time_zone,
        {{ names_unknown('beds', 'bed_id', 'bed_key is not null') }} as unknown_bed
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
    where
        not is_recorded
        and started_at_utc < occupied_until_utc
        and {{ is_touched(['bed_stay_key']) }}

),

final as (

    {{ list_issues('flagged', 'bed_stays', 'bed_stay_key', [
        'bed_stay_overlaps_next', 'bed_stay_outside_stay',
        'bed_stay_ends_before_it_begins', 'bed_stay_in_other_time_zone',
        'unknown_admission', 'unknown_bed',
    ]) }}
    union all
    {{ list_issues('gaps', 'bed_stays', 'bed_stay_key', [
        'time_without_recorded_bed',
    ]) }}

)

select * from final
where {{ is_touched(['record_key']) }}
