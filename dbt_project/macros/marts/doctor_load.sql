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
    {{ pct('rostered_completed_minutes', '(rostered_hours * 60)') }}
        as clinic_utilisation_pct,
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
