{# What is counted of a doctor's activity, and its type. #}
{% macro doctor_measures() -%}
    {{ return({
        'appointments': 'integer', 'completed_appointments': 'integer',
        'no_shows': 'integer', 'completed_minutes': 'integer', 'admissions': 'integer',
        'treatments': 'integer', 'billed_amount': 'numeric(18, 2)',
        'rostered_hours': 'numeric(14, 4)', 'worked_hours': 'numeric(14, 4)',
        'midnight_caseload': 'integer',
    }) }}
{%- endmacro %}
