{%- set scope = ['source_system', 'bed_stay_id'] -%}
{%- set touched -%}
    {{ touched_records('bed_stays', ['bed_stay_id']) }}
    union all
    {{ touched_by('admissions', scope, ['admission_key']) }}
    union all
    {{ touched_by('beds', scope, ['source_system', 'bed_id']) }}
    union all
    {{ touched_by_text(
        ['source_system', 'bed_stay_id'], 'bed_type',
        '(' ~ unite('bed_stays') ~ ') as bed_stays'
    ) }}
    union all
    {{ touched_by_time(scope, 'false') }}
{%- endset -%}
{{ built_in_parts(scope, touched, found_by=[['admission_key']]) }}

with

united as ({{ unite('bed_stays', part=['staged.bed_stay_id']) }}),

beds as (

    select * from {{ ref('beds') }}

),

admissions as (

    select * from {{ ref('admissions') }}

),

keyed as (

    select
        *,
        {{ pseudonym('bed_stay', 'bed_stay_id') }} as bed_stay_key,
        {{ pseudonym('admission', 'admission_id') }} as admission_key
    from united
    {{ keep_apart() }}

),

in_ward as (

    select
        keyed.*,
        beds.bed_key,
        beds.bed_type as register_bed_type,
        {{ published_text('keyed.bed_type', 'withheld') }} as own_bed_type,
        coalesce(keyed.ward_id, beds.ward_id) as found_ward_id
    from keyed
    left join beds
        on
            keyed.source_system = beds.source_system
            and keyed.bed_id = beds.bed_id
    left join {{ ref('withheld_texts') }} as withheld
        on
            keyed.source_system = withheld.source_system
            and keyed.bed_type = withheld.told

),

placed as (

    select
        in_ward.*,
        wards.ward_key,
        {{ place_branch(['wards', 'in_ward', 'admissions']) }} as found_branch_id,
        {{ place_department(['wards', 'in_ward', 'admissions']) }}
            as found_department_id,
        coalesce(in_ward.register_bed_type, in_ward.own_bed_type, admissions.bed_type)
            as found_bed_type,
        admissions.admission_key is not null as is_admission_known,
        coalesce(admissions.is_measurable, false) as is_admission_measurable,
        admissions.admitted_at_utc,
        admissions.occupied_until_utc,
        admissions.time_zone
    from in_ward
    left join admissions on in_ward.admission_key = admissions.admission_key
    left join {{ ref('wards') }} as wards
        on
            in_ward.source_system = wards.source_system
            and in_ward.found_ward_id = wards.ward_id

),

-- one clock measures a whole stay: a bed under another clock is reported, not used
in_true_time as (

    select
        placed.*,
        {{ utc_of('placed.started_at', 'placed.time_zone') }} as started_at_utc,
        {{ utc_of('placed.ended_at', 'placed.time_zone') }} as ended_at_utc,
        coalesce(branch_clocks.time_zone, source_systems.time_zone) <> placed.time_zone
            as is_in_other_time_zone
    from placed
    inner join {{ ref('source_systems') }} as source_systems
        on placed.source_system = source_systems.source_system
    left join {{ ref('branch_clocks') }} as branch_clocks
        on
            placed.source_system = branch_clocks.source_system
            and placed.found_branch_id = branch_clocks.branch_id

),

-- the part of the recorded time that lies within the stay
final as (

    select
        source_system,
        bed_stay_key,
        bed_stay_id,
        admission_key,
        found_branch_id as branch_id,
        found_department_id as department_id,
        {{ natural_key('found_branch_id') }} as branch_key,
        {{ department_key('found_branch_id', 'found_department_id') }}
            as department_key,
        ward_key,
        bed_id,
        bed_key,
        found_bed_type as bed_type,
        started_at,
        ended_at,
        started_at_utc,
        greatest(started_at_utc, admitted_at_utc) as starts_at_utc,
        least(coalesce(ended_at_utc, occupied_until_utc), occupied_until_utc)
            as ends_at_utc,
        is_admission_known,
        is_admission_measurable and not is_in_other_time_zone as is_used,
        coalesce(is_in_other_time_zone, false) as is_in_other_time_zone,
        started_at_utc < admitted_at_utc
        or coalesce(ended_at_utc, started_at_utc) > occupied_until_utc
            as is_outside_stay,
        _batch_id
    from in_true_time

)

select * from final
