{# What makes a row faulty. How a single value is read stands in values.sql, how faults
   are kept and listed in fault_lists.sql. #}

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
{% macro is_mistakable(text) %}
    {%- set unseen = "[\\x01-\\x1f\\x7f-\\x9f\\u00ad\\u200b-\\u200f\\u202a-\\u202e"
        ~ "\\u2060-\\u2064\\u2066-\\u2069\\ufeff]" -%}
    {{ return(
        matches(text, "[^ -~]") ~ " and (" ~ matches(text, unseen)
        ~ " or not " ~ has_normal_form(text)
        ~ " or (" ~ matches(text, "[A-Za-z]") ~ " and "
        ~ matches(text, "[\\u0370-\\u03ff\\u0400-\\u04ff]") ~ "))"
    ) }}
{% endmacro %}


{# Whether a text is in Unicode's normal form NFKC, in which letters that look alike are
   one letter. #}
{% macro has_normal_form(text) %}
    {{ return(adapter.dispatch("has_normal_form")(text)) }}
{% endmacro %}

{% macro postgres__has_normal_form(text) %}
    {{ return("(" ~ text ~ " is nfkc normalized)") }}
{% endmacro %}

{# Spark's SQL knows no normal forms, but comes with the library that does. #}
{% macro spark__has_normal_form(text) %}
    {{ return(
        "(" ~ text ~ " = reflect('com.ibm.icu.text.Normalizer', 'compose', coalesce("
        ~ text ~ ", ''), true))"
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
    {{ return("cast(" ~ literal(limit) ~ " as " ~ type_named(column.data_type) ~ ")") }}
{% endmacro %}
