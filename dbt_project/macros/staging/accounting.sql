{# Counting raw keys for the accounting test, by another way than typed() takes: a row is
   current if no later one has its key, and a row without a key stands for itself. #}

{# A scalar query: the keys a raw table holds now. For a table with history the rows that
   its versions come from (of one key and day the last, gone ones and repetitions apart):
   a row whose content returns later is the same row. #}
{% macro current_raw_keys(system, table) %}
    {%- set relation = source(system, table) -%}
    {%- if execute -%}
    {%- set contract = contract_of(system, table) -%}
    {%- set same = [] -%}
    {%- for column in identity_of(contract) -%}
        {%- do same.append("other." ~ column ~ " = version." ~ column) -%}
    {%- endfor -%}
    {%- set same_key = same | join(" and ") -%}
    {%- set day = "cast({}._as_of as date)" -%}
    {{ counted_rows(contract) }}
    from {{ relation }} as version
    where not {{ is_gone(contract) }}
        and not exists (
            select 1
            from {{ relation }} as other
            where {{ same_key }}
                {%- if contract.history %}
                and {{ day.format("other") }} = {{ day.format("version") }}
                {%- endif %}
                and (
                    other._as_of > version._as_of
                    or (
                        other._as_of = version._as_of
                        and other._batch_id > version._batch_id
                    )
                )
        )
        {%- if contract.history %}
        and not exists (
            select 1
            from (
                select other._row_hash, other._is_deleted
                from {{ relation }} as other
                where {{ same_key }}
                    and {{ day.format("other") }} < {{ day.format("version") }}
                order by other._as_of desc, other._batch_id desc
                limit 1
            ) as before
            where before._row_hash = version._row_hash and not before._is_deleted
        )
        {%- endif %}
    ) as counted)
    {%- endif -%}
{% endmacro %}


{# A scalar query: the sound rows of a staging model, counted like current_raw_keys. #}
{% macro staged_keys(staged) %}
    {%- set relation = ref(staged.model) -%}
    {%- if execute -%}
    {{ counted_rows(contract_of(staged.system, staged.table)) }}
    from {{ relation }}
    where _faults is null
    ) as counted)
    {%- endif -%}
{% endmacro %}


{# How a scalar query begins that counts rows as they were received. #}
{% macro counted_rows(contract) %}
    (select count(*) from (
    select {{ "distinct " if contract.history }}_batch_id, _row_number
{%- endmacro %}
