{# Keys of places and of staff: readable, since they name no patient. Null ids give a
   null key. Patients, and whatever hangs on one patient, get a pseudonym instead. #}

{% macro natural_key(id, source_system='source_system') -%}
    {{ dbt.concat([source_system, "':'", id]) }}
{%- endmacro %}


{# A department belongs to a branch; one that serves the whole hospital has none. #}
{% macro department_key(
    branch_id='branch_id', department_id='department_id', source_system='source_system'
) -%}
    {{ dbt.concat([
        source_system, "':'", "coalesce(" ~ branch_id ~ ", '')", "':'", department_id
    ]) }}
{%- endmacro %}
