{# A doctor's load from rows that are one per doctor, period and patient; a row without
   a patient holds what concerns none. #}
{% macro doctor_load_sums() -%}
    cast(coalesce(sum(appointments), 0) as integer) as appointments,
    cast(coalesce(sum(completed_appointments), 0) as integer) as completed_appointments,
    cast(coalesce(sum(no_shows), 0) as integer) as no_shows,
    count(patient_key) as distinct_patients,
    cast(coalesce(sum(admissions), 0) as integer) as admissions,
    cast(coalesce(sum(midnight_caseload), 0) as integer) as caseload_nights,
    cast(coalesce(sum(treatments), 0) as integer) as treatments,
    cast(coalesce(sum(billed_amount), 0) as numeric(18, 2)) as billed_amount,
    cast(coalesce(sum(completed_minutes), 0) as integer) as completed_minutes,
    cast(sum(rostered_hours) as numeric(14, 4)) as rostered_hours,
    cast(sum(worked_hours) as numeric(14, 4)) as worked_hours,
    cast(
        coalesce(sum(completed_appointments), 0) + coalesce(sum(admissions), 0)
        + coalesce(sum(treatments), 0) as integer
    ) as activities
{%- endmacro %}


{# How much of a full-time week a doctor is contracted for; the week of 40 hours is the
   project's variable full_time_hours_per_week. #}
{% macro full_time_equivalents() -%}
    cast(
        contracted_hours_per_week / {{ var('full_time_hours_per_week', 40) }}
        as numeric(18, 4)
    )
{%- endmacro %}


{# The rates of a doctor's load, from its sums and activities_of_place. #}
{% macro doctor_load_rates() -%}
    {{ pct('worked_hours', 'rostered_hours') }} as utilisation_pct,
    {{ pct('completed_minutes', '(rostered_hours * 60)') }} as clinic_utilisation_pct,
    activities,
    case when department_key is not null then activities_of_place end
        as department_activities,
    case
        when department_key is not null
            then {{ pct('activities', 'activities_of_place') }}
    end as share_of_department_pct,
    {{ full_time_equivalents() }} as full_time_equivalents,
    {{ ratio('activities', full_time_equivalents()) }}
        as activities_per_full_time_equivalent
{%- endmacro %}
