{# dbt's own macros, where its adapter for Spark has other types or less than the models
   ask for: moments are without a time zone and keep their microseconds. #}

{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd(
        {{ datepart }}, cast({{ interval }} as integer),
        cast({{ from_date_or_timestamp }} as timestamp_ntz)
    )
{%- endmacro %}


{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- if datepart != 'day' -%}
        {{ exceptions.raise_compiler_error("No datediff in " ~ datepart ~ "s on Spark") }}
    {%- endif -%}
    datediff(cast({{ second_date }} as date), cast({{ first_date }} as date))
{%- endmacro %}


{% macro spark__date_trunc(datepart, date) -%}
    cast(date_trunc('{{ datepart }}', {{ date }}) as timestamp_ntz)
{%- endmacro %}


{# Every column that a contract names, in its order and in its type, since Spark's sums
   and quotients have types of their own; and with a value where it has to have one, since
   tables of files take any. So there is nothing left to assert or to constrain. #}
{% macro spark__get_select_subquery(sql) %}
    select
        {%- for column in model.columns.values() %}
        {%- set value = dbt.cast(column.name, type_named(column.data_type)) %}
        {%- if 'not_null' in column.constraints | map(attribute='type') %}
        coalesce({{ value }}, raise_error('{{ column.name }} has no value'))
        {%- else %}
        {{ value }}
        {%- endif %} as {{ column.name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from (
        {{ sql }}
    ) as contracted
{% endmacro %}


{% macro spark__get_assert_columns_equivalent(sql) %}{% endmacro %}


{% macro spark__persist_constraints(relation, model) %}{% endmacro %}
