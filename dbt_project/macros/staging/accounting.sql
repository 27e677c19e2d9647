{# Counting raw keys for the accounting test, by another way than typed() takes: a row is
   current if no later one has its key, and a row without a key stands for itself. #}

{# A scalar query: the keys a raw table holds now, or for a table with history the
   versions (one per key and day) that were not tombstones. #}
{% macro current_raw_keys(system, table) %}
    {%- set relation = source(system, table) -%}
    {%- if execute -%}
    {%- set contract = contract_of(system, table) -%}
    {%- set same = [] -%}
    {%- for column in identity_of(contract) -%}
        {%- do same.append("later." ~ column ~ " = version." ~ column) -%}
    {%- endfor -%}
    {%- if contract.history -%}
        {%- do same.append("cast(later._as_of as date) = cast(version._as_of as date)") -%}
    {%- endif -%}
    select count(*)
    from {{ relation }} as version
    where not version._is_deleted
        and not exists (
            select 1
            from {{ relation }} as later
            where {{ same | join(" and ") }}
                and (
                    later._as_of > version._as_of
                    or (
                        later._as_of = version._as_of
                        and later._batch_id > version._batch_id
                    )
                )
        )
    {%- endif -%}
{% endmacro %}
