{# Free categories hold what somebody typed. What of it marts do not show: see the model
   withheld_texts. #}

{# The words of a text, in small letters, one row each. #}
{% macro words_in(text) %}{{ return(adapter.dispatch('words_in', 'wardline')(text)) }}{% endmacro %}

{% macro postgres__words_in(text) -%}
    regexp_split_to_table(lower({{ text }}), '[^[:alnum:]]+')
{%- endmacro %}

{% macro spark__words_in(text) -%}
    explode(split(lower({{ text }}), r'[^\p{IsAlphabetic}\p{IsDigit}]+'))
{%- endmacro %}


{# Whether a text looks like a note on somebody, not like a category: an e-mail, a
   telephone or insurance number, a date, or a sentence. #}
{% macro looks_personal(text) -%}
    ({{ matches(text, '@|([0-9][^0-9]*){5}') }} or length({{ text }}) > 60)
{%- endmacro %}


{# A free category as it is published; `withheld` is its row of withheld_texts, if any. #}
{% macro published_text(text, withheld) -%}
    case when {{ withheld }}.told is null then {{ text }} else 'other' end
{%- endmacro %}


{# Where a person may type what is published as a category: [entity, column]. #}
{% macro typed_texts() %}
    {{ return([
        ['patients', 'sex'], ['patients', 'insurance_type'], ['appointments', 'reason'],
        ['bills', 'payer'], ['bills', 'payment_method'], ['payments', 'payment_method'],
    ]) }}
{% endmacro %}


{# Every such text with the patient of whom it was typed; a payment is its bill's. #}
{% macro told_by() -%}
    {%- for entity, text in typed_texts() %}
    {{ 'union all' if not loop.first }}
    select
        source_system,
        {{ 'bill_id' if entity == 'payments' else 'patient_id' }} as patient_id,
        {{ text }} as told
    from ({{ unite(entity) }}) as {{ entity }}
    {%- endfor %}
{%- endmacro %}
