{# How much of a full-time week a doctor of dim_doctor is contracted for; the week of 40
   hours is the project's variable full_time_hours_per_week. #}
{% macro full_time_equivalents() -%}
    cast(
        dim_doctor.contracted_hours_per_week / {{ var('full_time_hours_per_week', 40) }}
        as numeric(18, 4)
    )
{%- endmacro %}


{# The condition that dim_doctor tells something else than a row of a doctor's load: of
   these columns, or of the contract. #}
{% macro is_told_otherwise(columns) -%}
    own.full_time_equivalents is distinct from {{ full_time_equivalents() }}
    {%- for column in columns %}
    or own.{{ column }} is distinct from dim_doctor.{{ column }}
    {%- endfor %}
{%- endmacro %}


{# The rates of a doctor's load, from its sums, activities_of_place and
   full_time_equivalents. #}
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
    full_time_equivalents,
    {{ ratio('activities', 'full_time_equivalents') }}
        as activities_per_full_time_equivalent
{%- endmacro %}
