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


{# A number for a key where millions of rows are sorted and joined by it: the first 60
   bits of its MD5. A test sees to it that no two keys share one. #}
{% macro short_key(key) -%}
    {{ return(adapter.dispatch('short_key', 'wardline')(key)) }}
{%- endmacro %}

{% macro postgres__short_key(key) -%}
    cast(cast('x0' || left(md5({{ key }}), 15) as bit(64)) as bigint)
{%- endmacro %}

{% macro spark__short_key(key) -%}
    cast(conv(left(md5({{ key }}), 15), 16, 10) as bigint)
{%- endmacro %}
