{# The rows of a relation up to the day of as_of; what is dated later is still to come. #}
{% macro up_to_as_of(relation, day) -%}
    select dated.*
    from {{ relation }} as dated
    inner join {{ ref('source_systems') }} as source_systems
        on
            dated.source_system = source_systems.source_system
            and dated.{{ day }} <= source_systems.as_of_date
    where {{ is_in_touched_month('dated.' ~ day) }}
{%- endmacro %}
