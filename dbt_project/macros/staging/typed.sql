{# From raw text to typed rows, one source table at a time. #}

{# Select every current row of a raw table with its columns trimmed, nulled and cast as
   the contract says, and beside them _faults (null for a sound row), _is_key_reused,
   _batch_id and _row_number; for a table without key also _row_id; for one with history
   all versions, with _valid_from, _valid_to and _is_current. No text whatever makes it
   fail. Which version is current, and whether a key was reused: versions.sql. #}
{% macro typed(system, table) %}
    {#- Named while dbt parses too: this is what makes the source a parent. -#}
    {%- set relation = source(system, table) -%}
    {%- set contract = contract_of(system, table) if execute -%}
    {{ built_in_parts(
        scope=lineage(),
        touched=touched_versions(relation, contract) if execute
    ) }}
    {%- if execute -%}
        {{ typed_rows(relation, contract) }}
    {%- endif -%}
{% endmacro %}


{# What names a row of raw, and so the staged row that it became. #}
{% macro lineage() %}{{ return(["_batch_id", "_row_number"]) }}{% endmacro %}


{# All versions of the rows that batches since the last publication speak of. #}
{% macro touched_versions(relation, contract) %}
    select {{ lineage() | join(", ") }} from {{ relation }}
    where {{ is_told_by_taken_batches(relation, contract) }}
{% endmacro %}


{# The condition that a row of raw is one of those, where parts are built. Asked by the
   keys, by which raw is found, and not by its rows, by which it is not. #}
{% macro is_touched_version(relation, contract) %}
    {%- if is_built_in_parts() -%}
        {{ is_told_by_taken_batches(relation, contract) }}
    {%- else -%}
        true
    {%- endif -%}
{% endmacro %}

{% macro is_told_by_taken_batches(relation, contract) %}
    {%- set identity = identity_of(contract) | join(", ") -%}
    ({{ identity }}) in (
        select {{ identity }} from {{ relation }}
        where _batch_id in ({{ taken_batches() }})
    )
{% endmacro %}


{# The batches that came since the last publication. #}
{% macro taken_batches() %}{{ return(adapter.dispatch("taken_batches")()) }}{% endmacro %}

{% macro default__taken_batches() %}select batch_id from changes._taken{% endmacro %}

{# Named one by one, so that the planner knows how few rows are theirs. #}
{% macro postgres__taken_batches() %}
    {%- set found = run_query("select batch_id from changes._taken order by 1") -%}
    {{ return(found.columns[0].values() | join(", ") or "null") }}
{% endmacro %}


{% macro typed_rows(relation, contract) %}
    {%- set carried = lineage() -%}
    {%- if contract.history -%}
        {%- do carried.extend(["_valid_from", "_valid_to", "_is_current"]) -%}
    {%- endif -%}
    {%- if not contract.key -%} {%- do carried.append("_row_id") -%} {%- endif -%}
    with versions as (
        {% if contract.history %}
        {{ kept_versions(relation, contract) }}
        {% else %}
        {{ latest_versions(relation, contract) }}
        {% endif %}
    ),
    {% if contract.reused_if_changed %}
    reused as (
        {{ reused_keys(relation, contract) }}
    ),
    {% endif %}

    texts as (
        select
            {%- for column in contract.columns %}
            {{ cleaned(adapter.quote(column.name), contract.null_markers) }}
                as {{ adapter.quote(column.name) }},
            {%- endfor %}
            {%- if contract.reused_if_changed %}
            ({{ identity_of(contract) | join(", ") }}) in (select * from reused)
            {%- else %}
            false
            {%- endif %} as _is_key_reused,
            {{ carried | join(", ") }}
        from versions
        where not {{ is_gone(contract) }}
        {{ keep_apart() }}
    ),

    converted as (
        select
            *
            {%- for column in contract.columns if column.data_type != "text" %},
            {{ converted(adapter.quote(column.name), column) }}
                as {{ adapter.quote("_value_" ~ column.name) }}
            {%- endfor %}
        from texts
        {{ keep_apart() }}
    )

    select
        {%- for column in contract.columns %}
        {{ adapter.quote(column.name) if column.data_type == "text"
            else adapter.quote("_value_" ~ column.name) ~ " as "
            ~ adapter.quote(column.name) }},
        {%- endfor %}
        {{ faults(contract) }} as _faults,
        _is_key_reused,
        {{ carried | join(", ") }}
    from converted
{% endmacro %}


{# Keeps the planner from computing an expression anew wherever its alias is used. #}
{% macro keep_apart() %}{{ return(adapter.dispatch("keep_apart")()) }}{% endmacro %}
{% macro default__keep_apart() %}{% endmacro %}
{% macro postgres__keep_apart() %}offset 0{% endmacro %}
