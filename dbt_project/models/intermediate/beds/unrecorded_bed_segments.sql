{{ built_in_parts(['admission_key'], changed({
    'admissions': 'admission_key', 'recorded_bed_segments': 'admission_key',
})) }}

with

admissions as (

    select * from {{ ref('admissions') }}
    where is_measurable and {{ is_touched(['admission_key']) }}

),

recorded as (

    select * from {{ ref('recorded_bed_segments') }}
    where {{ is_touched(['admission_key']) }}

),

first_starts as (

    select
        admission_key,
        min(starts_at_utc) as first_starts_at_utc
    from recorded
    group by admission_key

),

-- from leaving one bed to the next recorded bed, or to the end of the stay
after_a_bed as (

    select
        recorded.admission_key,
        recorded.branch_id,
        recorded.department_id,
        recorded.branch_key,
        recorded.department_key,
        recorded.bed_type,
        recorded.leaves_at_utc as starts_at_utc,
        coalesce(recorded.next_starts_at_utc, admissions.occupied_until_utc)
            as leaves_at_utc
    from recorded
    inner join admissions on recorded.admission_key = admissions.admission_key
    where
        recorded.leaves_at_utc
        < coalesce(recorded.next_starts_at_utc, admissions.occupied_until_utc)

),

-- from admission to the first recorded bed, or the whole stay
before_any_bed as (

    select
        admissions.admission_key,
        admissions.branch_id,
        admissions.department_id,
        admissions.branch_key,
        admissions.department_key,
        admissions.bed_type,
        admissions.admitted_at_utc as starts_at_utc,
        coalesce(first_starts.first_starts_at_utc, admissions.occupied_until_utc)
            as leaves_at_utc
    from admissions
    left join first_starts on admissions.admission_key = first_starts.admission_key
    where
        first_starts.first_starts_at_utc is null
        or admissions.admitted_at_utc < first_starts.first_starts_at_utc

),

final as (

    select * from after_a_bed
    union all
    select * from before_any_bed

)

select * from final
