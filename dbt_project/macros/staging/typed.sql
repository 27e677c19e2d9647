{# From raw text to typed rows, one source table at a time. #}

{# Select every current row of a raw table with its columns trimmed, nulled and cast as
   the contract says, and beside them _faults (null for a sound row), _batch_id and
   _row_number; for a table without key also _row_id; for one with history all versions,
   with _valid_from, _valid_to and _is_current. No text whatever makes it fail. #}
{% macro typed(system, table) %}
    {#- Named while dbt parses too: this is what makes the source a parent. -#}
    {%- set relation = source(system, table) -%}
    {%- if execute -%}
        {{ typed_rows(relation, contract_of(system, table)) }}
    {%- endif -%}
{% endmacro %}


{% macro typed_rows(relation, contract) %}
    {%- set carried = ["_batch_id", "_row_number"] -%}
    {%- if contract.history -%}
        {%- do carried.extend(["_valid_from", "_valid_to", "_is_current"]) -%}
    {%- endif -%}
    {%- if not contract.key -%} {%- do carried.append("_row_id") -%} {%- endif -%}
    with versions as (
        {{ (kept_versions if contract.history else latest_versions)(relation, contract) }}
    ),

    texts as (
        select
            {%- for column in contract.columns %}
            {{ cleaned(adapter.quote(column.name), contract.null_markers) }}
                as {{ adapter.quote(column.name) }},
            {%- endfor %}
            {{ carried | join(", ") }}
        from versions
        where not _is_deleted
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
        {{ carried | join(", ") }}
    from converted
{% endmacro %}


{# The latest version of every key, tombstones included. #}
{% macro latest_versions(relation, contract) %}
    select *
        {%- if not contract.key %},
        cast(_row_hash as {{ dbt.type_string() }}) || '-'
            || cast(_occurrence as {{ dbt.type_string() }}) as _row_id
        {%- endif %}
    from (
        select
            *,
            row_number() over (
                partition by {{ identity_of(contract) | join(", ") }}
                order by _as_of desc, _batch_id desc
            ) as _recency
        from {{ relation }}
    ) as numbered
    where _recency = 1
{% endmacro %}


{# Every version of every key with the days it held, [_valid_from, _valid_to): of several
   on one day the last; the first from the beginning of time, since nothing is known from
   before; a tombstone only ends what came before it. #}
{% macro kept_versions(relation, contract) %}
    {%- set identity = identity_of(contract) | join(", ") -%}
    select
        *,
        case
            when _version = 1 then cast('1900-01-01' as date) else _as_of_date
        end as _valid_from,
        _valid_to is null as _is_current
    from (
        select
            *,
            row_number() over (
                partition by {{ identity }} order by _as_of_date
            ) as _version,
            lead(_as_of_date) over (
                partition by {{ identity }} order by _as_of_date
            ) as _valid_to
        from (
            select
                *,
                cast(_as_of as date) as _as_of_date,
                row_number() over (
                    partition by {{ identity }}, cast(_as_of as date)
                    order by _as_of desc, _batch_id desc
                ) as _recency
            from {{ relation }}
        ) as numbered
        where _recency = 1
    ) as dated
{% endmacro %}


{# Keeps the planner from computing an expression anew wherever its alias is used. #}
{% macro keep_apart() %}{{ return(adapter.dispatch("keep_apart")()) }}{% endmacro %}
{% macro default__keep_apart() %}{% endmacro %}
{% macro postgres__keep_apart() %}offset 0{% endmacro %}
