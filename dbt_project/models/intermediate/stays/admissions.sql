{%- set scope = ['source_system', 'admission_id'] -%}
{%- set touched -%}
    {{ touched_records('admissions', ['admission_id']) }}
    union all
    select source_system, admission_id from {{ changes('outcomes') }}
    union all
    select source_system, admission_id from ({{ unite('admissions') }}) as admissions
    where (source_system, patient_id) in (
        select source_system, patient_id from {{ changes('merged_patients') }}
    )
    union all
    {{ touched_by_text(
        ['source_system', 'admission_id'], 'bed_type',
        '(' ~ unite('admissions') ~ ') as admissions'
    ) }}
    union all
    {{ touched_by_time(scope, "own.is_open or own.discharged_at > moved.as_of
        or own.admitted_at > moved.as_of or own.is_before_history
        or own.admitted_at < " ~ dbt.dateadd('year', -40, 'moved.as_of')) }}
{%- endset -%}
{{ built_in_parts(
    scope, touched, found_by=[['patient_key']],
    dated=['admitted_on', 'discharged_on']
) }}

with

united as ({{ unite('admissions', part=['staged.admission_id']) }}),

with_outcome as (

    select
        united.*,
        coalesce(merged_patients.surviving_patient_id, united.patient_id)
            as counted_patient_id,
        {{ published_text('united.bed_type', 'withheld') }} as published_bed_type,
        source_systems.as_of,
        source_systems.as_of_date,
        coalesce(branch_clocks.time_zone, source_systems.time_zone) as time_zone,
        coalesce(outcomes.outcome, united.outcome) as final_outcome,
        coalesce(outcomes.is_death, united.is_death, false) as final_is_death,
        coalesce(outcomes.is_transfer_out, united.is_transfer_out, false)
            as final_is_transfer_out,
        outcomes.is_readmission_recorded,
        -- a discharge later than the extract has not happened yet: the stay is open
        case
            when united.discharged_at <= source_systems.as_of then united.discharged_at
        end as left_at,
        cast(united.admitted_at as date) <= {{ days_after(
            'source_systems.as_of_date', '-' ~ longest_history_days()
        ) }} as is_before_history,
        -- midnight may be a date without its time, which a same-day stay has twice
        coalesce(
            united.admitted_at = united.discharged_at
            and united.admitted_at <> {{ dbt.date_trunc('day', 'united.admitted_at') }},
            false
        ) as is_of_no_time
    from united
    inner join {{ ref('source_systems') }} as source_systems
        on united.source_system = source_systems.source_system
    left join {{ ref('branch_clocks') }} as branch_clocks
        on
            united.source_system = branch_clocks.source_system
            and united.branch_id = branch_clocks.branch_id
    left join {{ ref('outcomes') }} as outcomes
        on
            united.source_system = outcomes.source_system
            and united.admission_id = outcomes.admission_id
    left join {{ ref('merged_patients') }} as merged_patients
        on
            united.source_system = merged_patients.source_system
            and united.patient_id = merged_patients.patient_id
    left join {{ ref('withheld_texts') }} as withheld
        on
            united.source_system = withheld.source_system
            and united.bed_type = withheld.told

),

in_true_time as (

    select
        *,
        {{ utc_of('admitted_at', 'time_zone') }} as admitted_at_utc,
        {{ utc_of('left_at', 'time_zone') }} as left_at_utc,
        {{ utc_of('as_of', 'time_zone') }} as as_of_utc,
        -- its own length can be told: it has begun, and lasts some time since then
        coalesce(admitted_at <= coalesce(left_at, as_of), false)
        and not coalesce(is_before_history, false)
        and not is_of_no_time as is_measurable
    from with_outcome

),

-- what the clock showed: another time than recorded, if it skipped that one
on_the_clock as (

    select
        *,
        {{ local_of('admitted_at_utc', 'time_zone') }} as shown_admitted_at,
        {{ local_of('left_at_utc', 'time_zone') }} as shown_left_at
    from in_true_time

),

final as (

    select
        source_system,
        {{ pseudonym('admission', 'admission_id') }} as admission_key,
        {{ pseudonym('patient', 'counted_patient_id') }} as patient_key,
        {{ natural_key('doctor_id') }} as doctor_key,
        {{ natural_key('branch_id') }} as branch_key,
        {{ department_key() }} as department_key,
        admission_id,
        branch_id,
        department_id,
        admission_type,
        coalesce(is_emergency, false) as is_emergency,
        admitted_at,
        left_at as discharged_at,
        cast(shown_admitted_at as date) as admitted_on,
        cast(shown_left_at as date) as discharged_on,
        time_zone,
        admitted_at_utc,
        left_at_utc as discharged_at_utc,
        -- a time that the clock skipped may lie after the times that follow it
        case
            when is_measurable
                then greatest(coalesce(left_at_utc, as_of_utc), admitted_at_utc)
            else coalesce(left_at_utc, as_of_utc)
        end as occupied_until_utc,
        left_at is null as is_open,
        coalesce(is_date_only, false) as is_date_only,
        published_bed_type as bed_type,
        final_outcome as outcome,
        final_is_death and left_at is not null as is_death,
        final_is_transfer_out and left_at is not null as is_transfer_out,
        is_readmission_recorded,
        is_measurable,
        coalesce(is_before_history, false) as is_before_history,
        is_of_no_time,
        coalesce(admitted_at > as_of, false) as is_admission_after_as_of,
        coalesce(discharged_at > as_of, false) as is_discharge_after_as_of,
        not coalesce(is_date_only, false) and (
            coalesce(shown_admitted_at <> admitted_at, false)
            or coalesce(shown_left_at <> left_at, false)
        ) as is_time_skipped,
        coalesce(is_id_reused, false) as is_id_reused,
        _batch_id
    from on_the_clock

)

select * from final
