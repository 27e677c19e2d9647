{# The indexes by which touched parts are found among millions of rows, beside those that
   dbt knows as `indexes`: what a model says of itself at its top (built_in_parts.sql). #}
{% macro postgres__create_indexes(relation) %}
    {{- dbt.default__create_indexes(relation) -}}
    {%- if model.config.incremental_strategy == 'touched' -%}
        {%- for index in indexes_of_parts() -%}
            {%- do run_query('create index on ' ~ relation ~ ' ' ~ index) -%}
        {%- endfor -%}
    {%- endif -%}
{% endmacro %}


{# One column is found by its hash: rows of staging may hold texts that are too long for a
   tree, which is why there the first column of a key has to do. #}
{% macro indexes_of_parts() %}
    {%- set meta = model.config.meta -%}
    {%- if meta.month_of -%}
        {{ return(['(' ~ meta.month_of ~ ')']) }}
    {%- endif -%}
    {%- set key = model.config.unique_key or [] -%}
    {%- if model.fqn[1] == 'staging' -%} {%- set key = key[:1] -%} {%- endif -%}
    {%- set made = [] -%}
    {%- for columns in [meta.scope, key] + meta.found_by if columns -%}
        {%- set how = ('using hash ' if columns | length == 1 else '')
            ~ '(' ~ columns | join(', ') ~ ')' -%}
        {%- if how not in made -%} {%- do made.append(how) -%} {%- endif -%}
    {%- endfor -%}
    {%- for day in meta.dated -%}
        {%- do made.append('(' ~ day ~ ')') -%}
    {%- endfor -%}
    {{ return(made) }}
{% endmacro %}
