{# Whatever a person may have typed, each text once. Of the touched ones, those are kept
   that anybody still tells; the first record that does is enough. #}
{%- set touched -%}
    {%- for entity, text, _ in typed_texts() %}
        {{ 'union all' if not loop.first }}
        {{ touched_records(entity, [text], given=text) }}
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(['source_system', 'told'], touched) }}

with

{% if execute and is_built_in_parts() -%}
    final as (

        select
            named.part_1 as source_system,
            named.part_2 as told
        from {{ touched_parts() }} as named
        where exists (
            select 1
            from ({{ told_by() }}) as records
            where
                records.source_system = named.part_1
                and records.told = named.part_2
        )

    )
{%- else -%}
    final as (

        select distinct
            source_system,
            told
        from ({{ told_by() }}) as records
        where told is not null

    )
{%- endif %}

select * from final
