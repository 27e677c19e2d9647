{# One value: from a text as received to a value of its type, or to null. What makes a
   row faulty stands in faults.sql. #}

{# A text without the blanks around it (tabs, line ends, no-break spaces and marks of no
   width too), or null if nothing is left or what is left means "no value". #}
{% macro cleaned(text, null_markers) %}
    {%- set trimmed = "trim(both " ~ blanks() ~ " from " ~ text ~ ")" -%}
    {%- set nulled = namespace(sql="nullif(" ~ trimmed ~ ", '')") -%}
    {%- for marker in null_markers -%}
        {%- set nulled.sql = "nullif(" ~ nulled.sql ~ ", " ~ literal(marker) ~ ")" -%}
    {%- endfor -%}
    {{ return(nulled.sql) }}
{% endmacro %}


{% macro blanks() %}{{ return(adapter.dispatch("blanks")()) }}{% endmacro %}

{% macro postgres__blanks() %}
    {{ return(
        "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(65279)"
    ) }}
{% endmacro %}

{% macro spark__blanks() %}{{ return("' \\t\\n\\r\\u00a0\\u200b\\ufeff'") }}{% endmacro %}


{# A cleaned text cast to its column's type; null where it cannot be. The shape is
   checked besides asking the database, because the database also takes 'now',
   'infinity', 'NaN', '1e5', '24:00' and digits of other scripts; and the length, because
   thousands of decimals pass its check and then overflow. #}
{% macro converted(text, column) %}
    {%- if column.data_type == "boolean" -%}
        {{ return(
            "case when lower(" ~ text ~ ") in ('true', 't', '1', 'yes', 'y') then true"
            ~ " when lower(" ~ text ~ ") in ('false', 'f', '0', 'no', 'n') then false end"
        ) }}
    {%- endif -%}
    {%- set plain = plain_text(text, column) -%}
    {{ return(
        "case when length(" ~ text ~ ") < 40 and " ~ can_be(plain, checked_type(column))
        ~ " and " ~ has_shape(text, column)
        ~ " then cast(" ~ plain ~ " as " ~ type_named(column.data_type) ~ ") end"
    ) }}
{% endmacro %}


{# The format a date, time or timestamp is written in, if the contract names none. #}
{% macro format_of(column) %}
    {{ return(column.format or {
        "date": "YYYY-MM-DD",
        "timestamp": "YYYY-MM-DD HH:MI:SS",
        "time": "HH:MI:SS",
    }.get(column.data_type)) }}
{% endmacro %}


{# What a number's format says, as "1.234,56": {separator, decimal}; the separator of
   thousands is empty where there is none. #}
{% macro number_parts(format) %}
    {{ return({"separator": format[1:-6], "decimal": format[-3]}) }}
{% endmacro %}


{# The regular expression that a text of a column must match whole. #}
{% macro pattern_of(column) %}
    {%- set minutes = ":[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?" -%}
    {%- set day = "[0-9]{4}-[0-9]{2}-[0-9]{2}" -%}
    {%- set midnight = "([ T]00:00(:00([.]0{1,6})?)?)?" -%}
    {%- set patterns = {
        "integer": "[-+]?[0-9]{1,9}",
        "bigint": "[-+]?[0-9]{1,18}",
        "numeric": "[-+]?[0-9]*[.]?[0-9]*",
        "date": day ~ midnight,
        "time": "([01]?[0-9]|2[0-3])" ~ minutes,
        "timestamp": day ~ "([ T]([01][0-9]|2[0-3])" ~ minutes ~ ")?",
    } -%}
    {%- if column.data_type not in patterns -%}
        {{ exceptions.raise_compiler_error(
            "Column " ~ column.name ~ " has the data_type " ~ column.data_type
            ~ "; a source column is text, boolean, " ~ patterns | join(", ") ~ "."
        ) }}
    {%- endif -%}
    {%- set pattern = namespace(text=patterns[column.data_type]) -%}
    {%- if column.format and column.data_type == "numeric" -%}
        {%- set parts = number_parts(column.format) -%}
        {%- set whole = "[0-9]*" if not parts.separator
            else "([0-9]*|[0-9]{1,3}([" ~ parts.separator ~ "][0-9]{3})+)" -%}
        {%- set pattern.text = "[-+]?" ~ whole ~ "[" ~ parts.decimal ~ "]?[0-9]*" -%}
    {%- elif column.format -%}
        {%- set pattern.text = column.format | replace(".", "[.]") -%}
        {%- for token, shape in {
            "YYYY": "[0-9]{4}",
            "MM": "[0-9]{2}",
            "DD": "[0-9]{2}",
            "HH": "([01][0-9]|2[0-3])",
            "MI": "[0-5][0-9]",
            "SS": "[0-5][0-9]",
        }.items() -%}
            {%- set pattern.text = pattern.text | replace(token, shape) -%}
        {%- endfor -%}
        {%- if column.data_type == "date" -%}
            {%- set pattern.text = pattern.text ~ midnight -%}
        {%- endif -%}
    {%- endif -%}
    {{ return("^" ~ pattern.text ~ "$") }}
{% endmacro %}


{# SQL that brings a text of the expected shape into the one form the database reads
   without a doubt, ISO 8601. #}
{% macro plain_text(text, column) %}
    {%- if column.data_type == "date" and not column.format -%}
        {{ return("substr(" ~ text ~ ", 1, 10)") }}
    {%- elif not column.format -%}
        {{ return(text) }}
    {%- elif column.data_type == "numeric" -%}
        {%- set parts = number_parts(column.format) -%}
        {%- set bare = text if not parts.separator
            else "replace(" ~ text ~ ", " ~ literal(parts.separator) ~ ", '')" -%}
        {{ return("replace(" ~ bare ~ ", " ~ literal(parts.decimal) ~ ", '.')") }}
    {%- endif -%}
    {%- set parts = namespace(sql=[]) -%}
    {%- for token, before in {
        "date": [["YYYY", ""], ["MM", "-"], ["DD", "-"]],
        "time": [["HH", ""], ["MI", ":"], ["SS", ":"]],
        "timestamp": [
            ["YYYY", ""], ["MM", "-"], ["DD", "-"], ["HH", " "], ["MI", ":"], ["SS", ":"],
        ],
    }[column.data_type] -%}
        {%- set position = column.format.find(token) -%}
        {%- if position < 0 and token not in ("HH", "MI", "SS") -%}
            {{ exceptions.raise_compiler_error(
                "Column " ~ column.name ~ " has the format " ~ column.format
                ~ ", in which " ~ token ~ " is missing."
            ) }}
        {%- endif -%}
        {%- if before -%} {%- do parts.sql.append(literal(before)) -%} {%- endif -%}
        {%- do parts.sql.append(
            "'00'" if position < 0
            else "substr(" ~ text ~ ", " ~ (position + 1) ~ ", " ~ token | length ~ ")"
        ) -%}
    {%- endfor -%}
    {{ return(parts.sql | join(" || ")) }}
{% endmacro %}


{# The type a text must be readable as. A number is held under a million million, so
   that it and sums of it fit the numeric(18,2) in which money is kept further on. #}
{% macro checked_type(column) %}
    {{ return("numeric(14,2)" if column.data_type == "numeric" else column.data_type) }}
{% endmacro %}


{# A SQL string of a text from a contract. #}
{% macro literal(text) %}
    {{ return(dbt.string_literal(adapter.dispatch("escaped")(text | string))) }}
{% endmacro %}

{% macro default__escaped(text) %}{{ return(dbt.escape_single_quotes(text)) }}{% endmacro %}

{# In a text of Spark a backslash begins an escape. #}
{% macro spark__escaped(text) %}
    {{ return(text | replace("\\", "\\\\") | replace("'", "\\'")) }}
{% endmacro %}


{# Whether a text, of which it is known that the database can read it, has the shape of
   its column's type. #}
{% macro has_shape(text, column) %}
    {%- set shaped = matches(text, pattern_of(column)) -%}
    {%- if column.format -%} {{ return(shaped) }} {%- endif -%}
    {{ return(adapter.dispatch("has_shape")(text, column, shaped)) }}
{% endmacro %}

{% macro default__has_shape(text, column, shaped) %}{{ return(shaped) }}{% endmacro %}

{# Almost every text is the one that the database itself writes for its value, and asking
   that takes half the time of a regular expression. #}
{% macro postgres__has_shape(text, column, shaped) %}
    {%- set written = {
        "integer": "length(" ~ text ~ ") < 10",
        "bigint": "length(" ~ text ~ ") < 19",
        "numeric": "ascii(" ~ text ~ ") < 58",
        "date": text ~ " like '____-__-__'",
        "time": text ~ " like '__:__:__'",
        "timestamp": text ~ " like '____-__-__ __:__:__'",
    }[column.data_type] -%}
    {{ return(
        "(" ~ written ~ " and cast(cast(" ~ text ~ " as " ~ column.data_type
        ~ ") as text) = " ~ text ~ " or " ~ shaped ~ ")"
    ) }}
{% endmacro %}


{# Whether a text matches a regular expression. #}
{% macro matches(text, pattern) %}
    {{ return(adapter.dispatch("matches")(text, pattern)) }}
{% endmacro %}

{% macro postgres__matches(text, pattern) %}
    {{ return(text ~ " ~ '" ~ pattern ~ "'") }}
{% endmacro %}

{# To Java, `$` is also before a line end that ends the text. #}
{% macro spark__matches(text, pattern) %}
    {%- set whole = pattern[:-1] ~ "\\z" if pattern.endswith("$") else pattern -%}
    {{ return(text ~ " rlike r'" ~ whole ~ "'") }}
{% endmacro %}


{# Whether the database can read a text as a type; never an error. #}
{% macro can_be(text, type) %}
    {{ return(adapter.dispatch("can_be")(text, type)) }}
{% endmacro %}

{% macro default__can_be(text, type) %}
    {{ return("try_cast(" ~ text ~ " as " ~ type ~ ") is not null") }}
{% endmacro %}

{% macro spark__can_be(text, type) %}
    {%- if type == "time" -%}
        {{ return(default__can_be("concat('2000-01-01 ', " ~ text ~ ")", "timestamp")) }}
    {%- elif type in ("date", "timestamp") -%}
        {#- Spark knows a year 0. -#}
        {{ return("try_cast(" ~ text ~ " as " ~ type ~ ") >= cast('0001-01-01' as date)") }}
    {%- endif -%}
    {{ return(default__can_be(text, type)) }}
{% endmacro %}

{% macro postgres__can_be(text, type) %}
    {{ return("pg_input_is_valid(" ~ text ~ ", '" ~ type ~ "')") }}
{% endmacro %}
