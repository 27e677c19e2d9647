{# Free categories hold what somebody typed. What of it marts do not show: see the model
   withheld_texts. #}

{# The words of a text, in small letters, one row each. #}
{% macro words_in(text) %}{{ return(adapter.dispatch('words_in', 'wardline')(text)) }}{% endmacro %}

{% macro postgres__words_in(text) -%}
    regexp_split_to_table({{ folded(text) }}, '[^[:alnum:]]+')
{%- endmacro %}

{% macro spark__words_in(text) -%}
    explode(split({{ folded(text) }}, r'[^\p{IsAlphabetic}\p{IsDigit}]+'))
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


{# Where a person may type what is published as a category: [entity, column, of whom],
   as far as the record says it: a payment is its bill's, a bed stay its admission's, a
   treatment its stay's or its appointment's; a bed and a doctor are their own. #}
{% macro typed_texts() %}
    {{ return([
        ['patients', 'sex', 'patient_id'],
        ['patients', 'insurance_type', 'patient_id'],
        ['appointments', 'reason', 'patient_id'],
        ['admissions', 'bed_type', 'patient_id'],
        ['bed_stays', 'bed_type', 'admission_id'],
        ['beds', 'bed_type', 'bed_id'],
        ['doctors', 'specialty', 'doctor_id'],
        [
            'treatments', 'treatment_type',
            'coalesce(admission_id, appointment_id, treatment_id)'
        ],
        ['bills', 'payer', 'patient_id'],
        ['bills', 'payment_method', 'patient_id'],
        ['payments', 'payment_method', 'bill_id'],
    ]) }}
{% endmacro %}


{# The parts of `rows`, a table or a select with a name, whose text is shown in another way
   than before. #}
{% macro touched_by_text(columns, text, rows) -%}
    select {{ columns | join(', ') }} from {{ rows }}
    where (source_system, {{ text }}) in (
        select source_system, told from {{ changes('withheld_texts') }}
    )
{%- endmacro %}


{# What the records say now that the last batches brought. #}
{% macro told_in_changed_records() -%}
    {%- set parts = [] -%}
    {%- for entity, text, _ in typed_texts() -%}
        {%- for system, entities in var('source_systems').items() if entity in entities -%}
            {%- set staged = 'stg_' ~ system ~ '__' ~ entities[entity] -%}
            {%- if text in staged_columns(staged) -%}
                {%- set key = graph.nodes['model.wardline.' ~ staged].config.unique_key[0] -%}
                {%- do parts.append(
                    "select '" ~ system ~ "', " ~ text ~ ' from ' ~ ref(staged)
                    ~ ' where _faults is null and ' ~ key ~ ' in (select ' ~ key
                    ~ ' from ' ~ changes(staged) ~ ')'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ parts | join(' union all ') }}
{%- endmacro %}


{# Every such text with the one of whom it was typed. #}
{% macro told_by() -%}
    {%- for entity, text, whose in typed_texts() %}
    {{ 'union all' if not loop.first }}
    select
        source_system,
        {{ whose }} as told_of,
        {{ text }} as told
    from ({{ unite(entity) }}) as {{ entity }}
    {%- endfor %}
{%- endmacro %}
