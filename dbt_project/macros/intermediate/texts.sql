{# Texts that mean the same on every warehouse, whatever language it is set to. #}

{# A text in small letters, to find another by. Which letters are one is said of those
   that languages or engines take in different ways: an i with a dot or without, and the
   sigma that ends a word. #}
{% macro folded(text) -%}
    translate(lower(translate({{ text }}, 'İIı', 'iii')), 'ς', 'σ')
{%- endmacro %}


{# A text to sort by, or to compare as less or more: by the numbers of its letters. Where
   an order decides which row counts, a language's would decide it otherwise. #}
{% macro in_code_order(text) -%}
    {{ return(adapter.dispatch('in_code_order', 'wardline')(text)) }}
{%- endmacro %}

{# Spark has no other order. #}
{% macro default__in_code_order(text) -%} {{ text }} {%- endmacro %}

{% macro postgres__in_code_order(text) -%} {{ text }} collate "C" {%- endmacro %}
