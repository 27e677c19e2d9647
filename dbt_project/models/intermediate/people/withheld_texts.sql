{%- set touched -%}
    {%- for entity, text, _ in typed_texts() %}
        {{ touched_records(entity, [text], given=text) }}
    union all
    {%- endfor %}
    select texts.source_system, texts.told
    from (
        select source_system, told, {{ words_in('told') }} as word
        from {{ upstream('told_texts') }}
    ) as texts
    inner join (
    {%- for name in ['patient_name', 'patient_id'] %}
        {{ touched_records('patients', [words_in(name)], given=name) }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
    ) as named (source_system, word)
        on texts.source_system = named.source_system and texts.word = named.word
    union all
    select source_system, told from {{ changes('told_texts') }}
{%- endset -%}
{{ built_in_parts(['source_system', 'told'], touched) }}

with

patients as ({{ unite('patients') }}),

texts as (

    select * from {{ ref('told_texts') }}
    where {{ is_touched(['source_system', 'told']) }}

),

words_of_texts as (

    select
        source_system,
        told,
        {{ words_in('told') }} as word
    from texts

),

words_of_patients as (

    select
        source_system,
        {{ words_in('patient_name') }} as word
    from patients
    union all
    select
        source_system,
        {{ words_in('patient_id') }} as word
    from patients

),

personal as (

    select
        source_system,
        told
    from texts
    where {{ looks_personal('told') }}
    union
    select
        words_of_texts.source_system,
        words_of_texts.told
    from words_of_texts
    where
        length(words_of_texts.word) >= 3
        and exists (
            select 1
            from words_of_patients
            where
                words_of_patients.source_system = words_of_texts.source_system
                and words_of_patients.word = words_of_texts.word
        )

),

told as ({{ told_by() }}),

-- what many have is a category, even if somebody is called the same
final as (

    select
        personal.source_system,
        personal.told
    from personal
    inner join told
        on personal.source_system = told.source_system and personal.told = told.told
    group by
        personal.source_system,
        personal.told
    having count(distinct told.told_of) <= {{ largest_small_cell() }}

)

select * from final
