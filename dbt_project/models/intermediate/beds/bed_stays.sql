{# Where a patient lay from admission to discharge, without overlap and without gap: a
   recorded bed stay ends where the next one begins; time in the stay for which no bed
   is recorded becomes a bed stay of its own, in the department before it, ward
   unknown. #}
with

admissions as (

    select * from {{ ref('admissions') }}
    where is_measurable

),

recorded as (

    select * from {{ ref('recorded_bed_stays') }}
    where is_admission_measurable and starts_at < ends_at

),

in_order as (

    select
        *,
        lead(starts_at) over (
            partition by admission_key
            order by starts_at, ends_at, bed_stay_id
        ) as next_starts_at
    from recorded

),

without_overlap as (

    select
        *,
        least(ends_at, next_starts_at) as leaves_at
    from in_order

),

first_starts as (

    select
        admission_key,
        min(starts_at) as first_starts_at
    from recorded
    group by admission_key

),

segments as (

    select
        source_system,
        admission_key,
        bed_stay_key,
        branch_id,
        department_id,
        branch_key,
        department_key,
        ward_key,
        bed_key,
        bed_type,
        starts_at,
        leaves_at,
        true as is_recorded
    from without_overlap
    where starts_at < leaves_at

    union all

    -- from leaving one bed to the next recorded bed, or to the end of the stay
    select
        segments.source_system,
        segments.admission_key,
        null as bed_stay_key,
        segments.branch_id,
        segments.department_id,
        segments.branch_key,
        segments.department_key,
        null as ward_key,
        null as bed_key,
        segments.bed_type,
        segments.leaves_at as starts_at,
        coalesce(segments.next_starts_at, admissions.occupied_until) as leaves_at,
        false as is_recorded
    from without_overlap as segments
    inner join admissions on segments.admission_key = admissions.admission_key
    where
        segments.leaves_at
        < coalesce(segments.next_starts_at, admissions.occupied_until)

    union all

    -- from admission to the first recorded bed, or the whole stay
    select
        admissions.source_system,
        admissions.admission_key,
        null as bed_stay_key,
        admissions.branch_id,
        admissions.department_id,
        admissions.branch_key,
        admissions.department_key,
        null as ward_key,
        null as bed_key,
        admissions.bed_type,
        admissions.admitted_at as starts_at,
        coalesce(first_starts.first_starts_at, admissions.occupied_until) as leaves_at,
        false as is_recorded
    from admissions
    left join first_starts on admissions.admission_key = first_starts.admission_key
    where
        first_starts.first_starts_at is null
        or admissions.admitted_at < first_starts.first_starts_at

),

keyed as (

    select
        segments.*,
        admissions.admission_id,
        admissions.as_of_date,
        case
            when
                not (
                    admissions.is_open
                    and segments.leaves_at = admissions.occupied_until
                )
                then segments.leaves_at
        end as ended_at,
        admissions.is_death,
        admissions.is_date_only
    from segments
    inner join admissions on segments.admission_key = admissions.admission_key

),

final as (

    select
        keyed.source_system,
        coalesce(
            bed_stay_key,
            {{ pseudonym('unrecorded_bed_stay', dbt.concat([
                'admission_id', "':'", 'cast(starts_at as ' ~ dbt.type_string() ~ ')'
            ])) }}
        ) as bed_stay_key,
        admission_key,
        branch_id,
        department_id,
        branch_key,
        department_key,
        ward_key,
        bed_key,
        bed_type,
        {{ bed_cell_key() }} as bed_cell_key,
        starts_at as started_at,
        ended_at,
        leaves_at as occupied_until,
        cast(starts_at as date) as started_on,
        cast(ended_at as date) as ended_on,
        -- the first night that is no longer spent in this bed
        coalesce(cast(ended_at as date), {{ days_after('as_of_date', 1) }})
            as nights_until,
        ended_at is null as is_open,
        is_recorded,
        is_death,
        is_date_only
    from keyed

)

select * from final
