{# Which version of a row counts, and when a key stands for another thing than before.
   What becomes of the version that counts: typed.sql. #}

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
        where {{ is_touched_version(relation, contract) }}
    ) as numbered
    where _recency = 1
{% endmacro %}


{# Every version of every key with the days it held, [_valid_from, _valid_to): of several
   on one day the last; one that says what the one before it said is no version; the first
   from the beginning of time, since nothing is known from before; one that says that the
   row is gone only ends what came before it. #}
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
                lag(_row_hash) over (
                    partition by {{ identity }} order by _as_of_date
                ) as _hash_before,
                lag(_is_gone) over (
                    partition by {{ identity }} order by _as_of_date
                ) as _was_gone
            from (
                select
                    *,
                    {{ is_gone(contract) }} as _is_gone,
                    cast(_as_of as date) as _as_of_date,
                    row_number() over (
                        partition by {{ identity }}, cast(_as_of as date)
                        order by _as_of desc, _batch_id desc
                    ) as _recency
                from {{ relation }}
                where {{ is_touched_version(relation, contract) }}
            ) as numbered
            where _recency = 1
        ) as daily
        where case
            when _is_gone then not coalesce(_was_gone, true)
            else coalesce(_was_gone, true) or _hash_before <> _row_hash
        end
    ) as dated
{% endmacro %}


{# Whether a version says that the row is no more: a tombstone, or a row that its source
   marked so (deleted_marker). #}
{% macro is_gone(contract) %}
    {%- if not contract.deleted_marker -%} {{ return("_is_deleted") }} {%- endif -%}
    {%- set values = [] -%}
    {%- for each in contract.deleted_marker["values"] -%}
        {%- do values.append(literal(each)) -%}
    {%- endfor -%}
    {{ return(
        "(_is_deleted or coalesce("
        ~ cleaned(adapter.quote(contract.deleted_marker.column), [])
        ~ " in (" ~ values | join(", ") ~ "), false))"
    ) }}
{% endmacro %}


{# The keys that stood for something else before: from one version to the next, every
   column of reused_if_changed got another value. A version that was superseded at its
   own moment is none. The few keys that come into question are found first, since
   sorting the versions of all would cost more than all else here. #}
{% macro reused_keys(relation, contract) %}
    {%- set identity = identity_of(contract) | join(", ") -%}
    {%- set varied = [] -%}
    {%- set changed = [] -%}
    {%- for name in contract.reused_if_changed -%}
        {%- set column = adapter.quote(name) -%}
        {%- do varied.append("min(" ~ column ~ ") <> max(" ~ column ~ ")") -%}
        {%- do changed.append(column ~ " <> " ~ adapter.quote("_before_" ~ name)) -%}
    {%- endfor %}
    select {{ identity }}
    from (
        select
            {{ identity }}
            {%- for name in contract.reused_if_changed %},
            {{ adapter.quote(name) }},
            lag({{ adapter.quote(name) }}) over (
                partition by {{ identity }} order by _as_of
            ) as {{ adapter.quote("_before_" ~ name) }}
            {%- endfor %}
        from (
            select
                {{ identity }},
                {%- for name in contract.reused_if_changed %}
                {{ cleaned(adapter.quote(name), contract.null_markers) }}
                    as {{ adapter.quote(name) }},
                {%- endfor %}
                {{ is_gone(contract) }} as _is_gone,
                _as_of,
                row_number() over (
                    partition by {{ identity }}, _as_of order by _batch_id desc
                ) as _recency
            from {{ relation }}
            where ({{ identity }}) in (
                select {{ identity }}
                from {{ relation }}
                where {{ is_touched_version(relation, contract) }}
                group by {{ identity }}
                having {{ varied | join(" and ") }}
            )
        ) as of_moments
        where _recency = 1 and not _is_gone
    ) as in_order
    where {{ changed | join(" and ") }}
    group by {{ identity }}
{% endmacro %}
