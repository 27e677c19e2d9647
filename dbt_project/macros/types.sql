{# Types by the names that PostgreSQL has for them, as contracts and entities name them, in
   the words of the engine that builds. #}
{% macro type_named(name) %}{{ return(adapter.dispatch("type_named")(name)) }}{% endmacro %}

{% macro default__type_named(name) %}{{ return(name) }}{% endmacro %}

{# A number without a scale keeps twelve digits before the point, as many as a source may
   have (see checked_type), and twenty behind it. #}
{% macro spark__type_named(name) %}
    {{ return({
        "text": "string",
        "time": "string",
        "jsonb": "string",
        "numeric": "decimal(38, 20)",
        "timestamp with time zone": "timestamp_ltz",
    }.get(name, name)) }}
{% endmacro %}
