{# Keyed pseudonym: the first 32 hex digits of HMAC-SHA-256 (RFC 2104) over
   '<entity>:<source system>:<id>'. The two padded keys are read inside the query, from
   a table that only the transformer may read (on Spark: from its session's memory), so
   that no key stands in compiled SQL. #}
{% macro pseudonym(entity, id, source_system='source_system') -%}
    {{ return(adapter.dispatch('pseudonym', 'wardline')(entity, id, source_system)) }}
{%- endmacro %}

{% macro postgres__pseudonym(entity, id, source_system) -%}
    left(encode(sha256(
        (select outer_pad from ops.pseudonym_key) || sha256(
            (select inner_pad from ops.pseudonym_key)
            || convert_to(
                '{{ entity }}:' || {{ source_system }} || ':' || {{ id }}, 'UTF8'
            )
        )
    ), 'hex'), 32)
{%- endmacro %}

{% macro spark__pseudonym(entity, id, source_system) -%}
    left(sha2(concat(
        (select outer_pad from pseudonym_key), unhex(sha2(concat(
            (select inner_pad from pseudonym_key),
            encode(concat('{{ entity }}:', {{ source_system }}, ':', {{ id }}), 'UTF-8')
        ), 256))
    ), 256), 32)
{%- endmacro %}
