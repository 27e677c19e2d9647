{# How the faults of a row are kept, and listed. What they are stands in faults.sql. #}

{# A row's faults as a list of {column, value, reason}; null for a sound row, for which
   no list is ever built. #}
{% macro faults(contract) %}
    {%- set conditions = [] -%}
    {%- set entries = [] -%}
    {%- for column in contract.columns -%}
        {%- for fault in column_faults(column, contract) -%}
            {%- do conditions.append(fault.condition) -%}
            {%- do entries.append(
                "case when " ~ fault.condition ~ " then "
                ~ fault_entry(column.name, adapter.quote(column.name), fault.reason)
                ~ " end"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if not entries -%}
        {{ return("cast(null as " ~ type_named("jsonb") ~ ")") }}
    {%- endif -%}
    {{ return(
        "case when " ~ conditions | join("\n            or ") ~ " then "
        ~ fault_list(entries) ~ " end"
    ) }}
{% endmacro %}


{# One fault. #}
{% macro fault_entry(column_name, text, reason) %}
    {{ return(adapter.dispatch("fault_entry")(column_name, text, reason)) }}
{% endmacro %}

{% macro postgres__fault_entry(column_name, text, reason) %}
    {{ return(
        "jsonb_build_object('column', " ~ literal(column_name) ~ ", 'value', " ~ text
        ~ ", 'reason', " ~ literal(reason) ~ ")"
    ) }}
{% endmacro %}

{% macro spark__fault_entry(column_name, text, reason) %}
    {{ return(
        "concat(" ~ literal('{"column": ' ~ tojson(column_name) ~ ', "value": ')
        ~ ", trim(both '[]' from to_json(array(" ~ text ~ "))), "
        ~ literal(', "reason": ' ~ tojson(reason) ~ '}') ~ ")"
    ) }}
{% endmacro %}


{# A list of the faults that are not null. #}
{% macro fault_list(entries) %}
    {{ return(adapter.dispatch("fault_list")(entries)) }}
{% endmacro %}

{% macro postgres__fault_list(entries) %}
    {{ return(
        "to_jsonb(array_remove(array[\n            " ~ entries | join(",\n            ")
        ~ "\n        ], null))"
    ) }}
{% endmacro %}

{% macro spark__fault_list(entries) %}
    {{ return(
        "concat('[', array_join(array(\n            " ~ entries | join(",\n            ")
        ~ "\n        ), ', '), ']')"
    ) }}
{% endmacro %}


{# Select one row per fault of a staging model: batch_id, row_number, column_name, value,
   reason. #}
{% macro listed_faults(relation) %}
    {{ return(adapter.dispatch("listed_faults")(relation)) }}
{% endmacro %}

{% macro postgres__listed_faults(relation) %}
    -- a row of a table with history may stand for several periods
    select distinct
        _batch_id as batch_id,
        _row_number as row_number,
        fault ->> 'column' as column_name,
        fault ->> 'value' as value,
        fault ->> 'reason' as reason
    from {{ relation }}
    cross join lateral jsonb_array_elements(_faults) as fault
    where _faults is not null and {{ is_touched(lineage()) }}
{% endmacro %}

{% macro spark__listed_faults(relation) %}
    select distinct
        _batch_id as batch_id,
        _row_number as row_number,
        fault.column as column_name,
        fault.value as value,
        fault.reason as reason
    from (
        select
            _batch_id,
            _row_number,
            explode(from_json(
                _faults, 'array<struct<column: string, value: string, reason: string>>'
            )) as fault
        from {{ relation }}
        where _faults is not null
    ) as listed
{% endmacro %}


{# Select one row per fault of every staging model, with its source_system and
   table_name. A staging model that vars do not name would hide its faults, and is
   refused. #}
{% macro faults_of_all_tables() %}
    {%- set tables = staged_tables() -%}
    {%- set known = tables | map(attribute="model") | list -%}
    {%- for node in (graph.nodes.values() if execute else [])
        if node.name.startswith("stg_") and "_faults" in node.columns
        and node.name not in known -%}
        {{ exceptions.raise_compiler_error(
            node.name ~ " stands in neither vars.source_systems nor"
            ~ " vars.tables_without_entity, so its faults would be lost."
        ) }}
    {%- endfor -%}
    {%- for staged in tables %}
    select
        '{{ staged.system }}' as source_system,
        '{{ staged.table }}' as table_name,
        listed.*
    from ({{ listed_faults(ref(staged.model)) }}) as listed
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{% endmacro %}
