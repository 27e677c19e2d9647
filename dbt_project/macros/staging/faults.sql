{# What makes a row faulty, and how faults are kept and listed. How a single value is
   read stands in values.sql. #}

{# One column's faults: [{condition, reason}], in SQL over the cleaned texts (column
   names) and the values cast from them (_value_<column name>). #}
{% macro column_faults(column, contract) %}
    {%- set text = adapter.quote(column.name) -%}
    {%- set value = adapter.quote("_value_" ~ column.name) -%}
    {%- set found = [] -%}
    {%- if column.is_required or column.name in contract.key -%}
        {%- do found.append({"condition": text ~ " is null", "reason": "has no value"}) -%}
    {%- endif -%}
    {%- if column.data_type != "text" -%}
        {%- do found.append({
            "condition": text ~ " is not null and " ~ value ~ " is null",
            "reason": {
                "boolean": "is neither true nor false",
                "integer": "is no whole number of up to 9 digits",
                "bigint": "is no whole number of up to 18 digits",
                "numeric": "is no plain number" if not column.format
                    else "is no number as " ~ column.format,
            }.get(column.data_type)
                or "is no " ~ column.data_type ~ " as " ~ format_of(column),
        }) -%}
    {%- endif -%}
    {%- if column.data_type == "text" -%}
        {%- set most = column.get("max_bytes", longest_text()) -%}
        {%- do found.append({
            "condition": "octet_length(" ~ text ~ ") > " ~ most,
            "reason": "is longer than " ~ most ~ " bytes",
        }) -%}
        {%- if column.name in contract.key -%}
            {%- do found.append({
                "condition": is_mistakable(text),
                "reason": "has letters that are not what they look like",
            }) -%}
        {%- endif -%}
    {%- endif -%}
    {%- if column.get("length") -%}
        {%- do found.append({
            "condition": "length(" ~ text ~ ") <> " ~ column.length,
            "reason": "is not " ~ column.length ~ " characters long",
        }) -%}
    {%- endif -%}
    {%- set values = column.get("values") -%}
    {%- if values -%}
        {%- set allowed = [] -%}
        {%- for each in values -%} {%- do allowed.append(literal(each)) -%} {%- endfor -%}
        {%- do found.append({
            "condition": text ~ " not in (" ~ allowed | join(", ") ~ ")",
            "reason": "is none of: " ~ values | join(", "),
        }) -%}
    {%- endif -%}
    {%- set limits = limits_of(column) -%}
    {%- if limits.min is not none -%}
        {%- do found.append({
            "condition": value ~ " < " ~ limit_of(column, limits.min),
            "reason": "is less than " ~ limits.min,
        }) -%}
    {%- endif -%}
    {%- if limits.max is not none -%}
        {%- do found.append({
            "condition": value ~ " > " ~ limit_of(column, limits.max),
            "reason": "is more than " ~ limits.max,
        }) -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}


{# The longest text that is taken, in bytes, unless the contract says otherwise. Codes
   and names become keys of marts, several together, and an index of PostgreSQL takes
   2,704 bytes. #}
{% macro longest_text() %}{{ return(500) }}{% endmacro %}


{# Whether a key has letters that one does not see or takes for others: invisible ones,
   wide digits, accents as letters of their own, two alphabets in one key. It would pass
   for a key that it is not. #}
{% macro is_mistakable(text) %}{{ return(adapter.dispatch("is_mistakable")(text)) }}{% endmacro %}

{% macro postgres__is_mistakable(text) %}
    {%- set unseen = "[\\x01-\\x1f\\x7f-\\x9f\\u00ad\\u200b-\\u200f\\u202a-\\u202e"
        ~ "\\u2060-\\u2064\\u2066-\\u2069\\ufeff]" -%}
    {{ return(
        text ~ " ~ '[^ -~]' and (" ~ text ~ " ~ '" ~ unseen ~ "' or " ~ text
        ~ " is not nfkc normalized or (" ~ text ~ " ~ '[A-Za-z]' and " ~ text
        ~ " ~ '[\\u0370-\\u03ff\\u0400-\\u04ff]'))"
    ) }}
{% endmacro %}


{# The least and the greatest value of a column. Days and moments have limits of their
   own accord: year 1 or 9999 is a slip or a stand-in for "none", and would have every
   calendar further on run for ages. #}
{% macro limits_of(column) %}
    {%- set is_day = column.data_type in ("date", "timestamp") -%}
    {{ return({
        "min": column.get("min", "1900-01-01" if is_day else none),
        "max": column.get("max", "2199-12-31" if is_day else none),
    }) }}
{% endmacro %}

{% macro limit_of(column, limit) %}
    {{ return("cast(" ~ literal(limit) ~ " as " ~ column.data_type ~ ")") }}
{% endmacro %}


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
        {{ return("cast(null as " ~ type_faults() ~ ")") }}
    {%- endif -%}
    {{ return(
        "case when " ~ conditions | join("\n            or ") ~ " then "
        ~ fault_list(entries) ~ " end"
    ) }}
{% endmacro %}


{# The type of a list of faults. #}
{% macro type_faults() %}
    {{ return(adapter.dispatch("type_faults")()) }}
{% endmacro %}

{% macro postgres__type_faults() %}{{ return("jsonb") }}{% endmacro %}


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
