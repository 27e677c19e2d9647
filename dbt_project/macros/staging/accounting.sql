{# Counting raw keys for the accounting test, by another way than typed() takes: a row is
   current if no later one has its key, and a row without a key stands for itself. #}

{# A scalar: the keys a raw table holds now. A night counts those of which its batches
   speak, as they were and as they are; what the others are was counted before. #}
{% macro current_raw_keys(staged) %}
    {%- do source(staged.system, staged.table) -%}
    {%- if execute -%}
    {%- set before = counted_before(staged) -%}
    {%- if before is none -%}
        {{ raw_keys(staged) }}
    {%- else -%}
        {%- set batches = unpublished_batches(staged) -%}
        {{ before }}
        {%- if batches %}
        - {{ raw_keys(staged, of=batches, without=batches) }}
        + {{ raw_keys(staged, of=batches) }}
        {%- endif -%}
    {%- endif -%}
    {%- endif -%}
{% endmacro %}


{# What the last publication counted, if all that came since is known. #}
{% macro counted_before(staged) %}
    {%- if not is_known_what_changed(staged.model) -%} {{ return(none) }} {%- endif -%}
    {{ return(run_query(
        "select max(raw_keys) from changes._accounts where source_system = "
        ~ literal(staged.system) ~ " and table_name = " ~ literal(staged.table)
    ).rows[0][0]) }}
{% endmacro %}

{# By the record of all that was ever received: not by what the models took up. #}
{% macro unpublished_batches(staged) %}
    {{ return(run_query(
        "select batch_id from ops.batches where source_system = "
        ~ literal(staged.system) ~ " and table_name = " ~ literal(staged.table)
        ~ " and batch_id not in (select batch_id from changes._published) order by 1"
    ).columns[0].values() | join(", ")) }}
{% endmacro %}


{# A scalar query: a raw table's keys, or those `of` some batches; as if `without` some.
   For a table with history the rows that its versions come from (of one key and day the
   last, gone ones and repetitions apart): a row whose content returns later is the same
   row. #}
{% macro raw_keys(staged, of=none, without=none) %}
    {%- set relation = source(staged.system, staged.table) -%}
    {%- set contract = contract_of(staged.system, staged.table) -%}
    {%- set identity = identity_of(contract) | join(", ") -%}
    {%- set same = [] -%}
    {%- for column in identity_of(contract) -%}
        {%- do same.append("other." ~ column ~ " = version." ~ column) -%}
    {%- endfor -%}
    {%- if without -%}
        {%- do same.append("other._batch_id not in (" ~ without ~ ")") -%}
    {%- endif -%}
    {%- set same_key = same | join(" and ") -%}
    {%- set day = "cast({}._as_of as date)" -%}
    {{ counted_rows(contract) }}
    from {{ relation }} as version
    where not {{ is_gone(contract) }}
        {%- if of %}
        and ({{ identity }}) in (
            select {{ identity }} from {{ relation }} where _batch_id in ({{ of }})
        )
        {%- endif %}
        {%- if without %}
        and _batch_id not in ({{ without }})
        {%- endif %}
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
