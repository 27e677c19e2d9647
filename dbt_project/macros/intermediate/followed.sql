{# Where links of patients lead, over any number of steps: a select for the recursive
   relation `reached`, of source_system, patient_id and reached_id. What goes round in a
   circle ends. #}
{% macro followed(links) %}
    {{ return(adapter.dispatch('followed', 'wardline')(links)) }}
{% endmacro %}

{# Union, not union all: what goes round in a circle brings nothing new. #}
{% macro postgres__followed(links) %}
    select
        source_system,
        patient_id,
        merged_into_id as reached_id
    from {{ links }}
    where is_target_known
    union
    select
        reached.source_system,
        reached.patient_id,
        links.merged_into_id
    from reached
    inner join {{ links }} as links
        on
            reached.source_system = links.source_system
            and reached.reached_id = links.patient_id
    where links.is_target_known
{% endmacro %}

{# Spark's recursion knows no union, so each row carries whom it came by. #}
{% macro spark__followed(links) %}
    select
        source_system,
        patient_id,
        merged_into_id as reached_id,
        array(merged_into_id) as came_by
    from {{ links }}
    where is_target_known
    union all
    select
        reached.source_system,
        reached.patient_id,
        links.merged_into_id,
        array_append(reached.came_by, links.merged_into_id)
    from reached
    inner join {{ links }} as links
        on
            reached.source_system = links.source_system
            and reached.reached_id = links.patient_id
    where
        links.is_target_known
        and not array_contains(reached.came_by, links.merged_into_id)
{% endmacro %}
