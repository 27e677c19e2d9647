{%- set touched -%}
    {{ changed({
        'admissions': 'admission_key', 'recorded_bed_segments': 'admission_key',
        'unrecorded_bed_segments': 'admission_key',
    }) }}
    union all
    {{ touched_by_time(['admission_key'], 'own.is_open') }}
{%- endset -%}
{{ built_in_parts(['admission_key'], touched) }}

{# Where a patient lay from admission to discharge, without overlap and without gap. #}
{%- set places = [
    'branch_id', 'department_id', 'branch_key', 'department_key', 'bed_type',
] -%}

with

segments as (

    select
        admission_key,
        bed_stay_key,
        ward_key,
        bed_key,
        {{ places | join(', ') }},
        starts_at_utc,
        leaves_at_utc,
        true as is_recorded
    from {{ ref('recorded_bed_segments') }}
    where {{ is_touched(['admission_key']) }}
    union all
    select
        admission_key,
        null as bed_stay_key,
        null as ward_key,
        null as bed_key,
        {{ places | join(', ') }},
        starts_at_utc,
        leaves_at_utc,
        false as is_recorded
    from {{ ref('unrecorded_bed_segments') }}
    where {{ is_touched(['admission_key']) }}

),

in_stay as (

    select
        segments.*,
        admissions.source_system,
        admissions.admission_id,
        source_systems.as_of_date,
        admissions.time_zone,
        admissions.is_open and segments.leaves_at_utc = admissions.occupied_until_utc
            as is_open,
        admissions.is_death,
        admissions.is_date_only,
        {{ local_of('segments.starts_at_utc', 'admissions.time_zone') }} as started_at,
        {{ local_of('segments.leaves_at_utc', 'admissions.time_zone') }} as leaves_at
    from segments
    inner join {{ ref('admissions') }} as admissions
        on segments.admission_key = admissions.admission_key
    inner join {{ ref('source_systems') }} as source_systems
        on admissions.source_system = source_systems.source_system

),

final as (

    select
        source_system,
        coalesce(
            bed_stay_key,
            {{ pseudonym('unrecorded_bed_stay', dbt.concat([
                'admission_id', "':'",
                'cast(starts_at_utc as ' ~ dbt.type_string() ~ ')'
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
        started_at,
        case when not is_open then leaves_at end as ended_at,
        starts_at_utc as started_at_utc,
        leaves_at_utc as occupied_until_utc,
        cast(started_at as date) as started_on,
        case when not is_open then cast(leaves_at as date) end as ended_on,
        -- the first night that is no longer spent in this bed
        case
            when is_open then {{ days_after('as_of_date', 1) }}
            else cast(leaves_at as date)
        end as nights_until,
        time_zone,
        is_open,
        is_recorded,
        is_death,
        is_date_only
    from in_stay

)

select * from final
