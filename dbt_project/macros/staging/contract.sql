{# What the source contracts say, as macros read it. How a value is checked and cast
   stands in values.sql. #}

{# The contract of one source table: its key, its columns, and how its texts are read.
   A unit test knows no graph and brings a contract of its own:
   overrides: {macros: {contract_of: {key: [...], columns: [...]}}}.
   Returns {key, history, deleted_marker, reused_if_changed, null_markers,
   columns: [{name, data_type}]}, each column with what its meta says beside: format,
   values, min, max, is_required. #}
{% macro contract_of(system, table) %}
    {%- set node = graph.get("sources", {}).get(
        ["source", project_name, system, table] | join(".")
    ) -%}
    {%- if not node -%}
        {{ exceptions.raise_compiler_error(
            "No contract for " ~ system ~ "." ~ table ~ ": a unit test of this model must"
            ~ " override the macro contract_of."
        ) }}
    {%- endif -%}
    {#- A table's extract settings replace the system's as a whole in meta, so the
        system's are read apart and laid underneath. -#}
    {%- set extract = dict(node.source_meta.get("extract", {})) -%}
    {%- do extract.update(node.config.meta.get("extract", {})) -%}
    {%- set columns = [] -%}
    {%- for column in node.columns.values() -%}
        {%- do columns.append(dict(
            column.config.meta, name=column.name, data_type=column.data_type
        )) -%}
    {%- endfor -%}
    {{ return({
        "key": extract.get("key", []),
        "history": extract.get("history", false),
        "deleted_marker": extract.get("deleted_marker"),
        "reused_if_changed": extract.get("reused_if_changed", []),
        "null_markers": extract.get("null_markers", []),
        "columns": columns,
    }) }}
{% endmacro %}


{# Every staged table of every system in vars, whether it serves an entity or not:
   [{system, table, model}]. #}
{% macro staged_tables() %}
    {%- set staged = [] -%}
    {%- for system, entities in var("source_systems").items() -%}
        {%- set others = var("tables_without_entity", {}).get(system, []) -%}
        {%- for table in (entities.values() | list + others) | unique -%}
            {%- do staged.append({
                "system": system,
                "table": table,
                "model": "stg_" ~ system ~ "__" ~ table,
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(staged) }}
{% endmacro %}


{# What tells two rows of a raw table apart: its key, or for a table without one the
   row's content and its number among equal rows. #}
{% macro identity_of(contract) %}
    {%- if not contract.key -%} {{ return(["_row_hash", "_occurrence"]) }} {%- endif -%}
    {%- set columns = [] -%}
    {%- for name in contract.key -%} {%- do columns.append(adapter.quote(name)) -%} {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}
