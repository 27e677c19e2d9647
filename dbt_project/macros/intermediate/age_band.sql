{# The age bands of the demographics; 90 and over are pooled so that nobody stands out.
   Ages that cannot be are unknown. #}
{% macro age_band(age_years) -%}
    case
        when {{ age_years }} < 0 then null
        when {{ age_years }} < 18 then '0-17'
        when {{ age_years }} < 40 then '18-39'
        when {{ age_years }} < 65 then '40-64'
        when {{ age_years }} < 80 then '65-79'
        when {{ age_years }} < 90 then '80-89'
        when {{ age_years }} >= 90 then '90 and over'
    end
{%- endmacro %}
