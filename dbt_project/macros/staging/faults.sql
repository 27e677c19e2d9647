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

{# Spark has no normal forms: the blocks of letters that stand for others, and marks on a
   letter of an alphabet that has letters for such. #}
{% macro spark__is_mistakable(text) %}
    {%- set of_two = "[\\u0370-\\u03ff\\u0400-\\u04ff]" -%}
    {%- set unseen = "[\\x01-\\x1f\\x7f-\\xa0\\xad\\u2000-\\u200f\\u202a-\\u202f"
        ~ "\\u205f-\\u2064\\u2066-\\u2069\\u3000\\ufeff]" -%}
    {%- set stands_for_others = "[\\xaa\\xb2\\xb3\\xb5\\xb9\\xba\\xbc-\\xbe\\u0132\\u0133"
        ~ "\\u013f\\u0140\\u0149\\u017f\\u01c4-\\u01cc\\u01f1-\\u01f3\\u2070-\\u209c"
        ~ "\\u2100-\\u217f\\u2460-\\u24ea\\u3200-\\u33ff\\uf900-\\ufb4f\\ufe10-\\ufe6b"
        ~ "\\uff01-\\uffee\\x{1d400}-\\x{1d7ff}]|[A-Za-z\\u0370-\\u04ff]\\p{M}" -%}
    {{ return(
        text ~ " rlike r'[^ -~]' and (" ~ text ~ " rlike r'" ~ unseen ~ "' or "
        ~ text ~ " rlike r'" ~ stands_for_others ~ "' or (" ~ text
        ~ " rlike r'[A-Za-z]' and " ~ text ~ " rlike r'" ~ of_two ~ "'))"
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
