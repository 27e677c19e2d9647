{# Whatever a person may have typed, each text once. Of the touched ones, those are kept
   that anybody still tells; the first record that does is enough. #}
{%- set touched -%}
    {%- for entity, text, _ in typed_texts() %}
        {{ 'union all' if not loop.first }}
        {{ touched_records(entity, [text], given=text) }}
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(['source_system', 'told'], touched) }}
{%- set in_changed_records = told_in_changed_records() %}

with

{% if execute and is_built_in_parts() -%}
    touched (source_system, told) as (select * from {{ touched_parts() }}),

    -- most are still told by the very records that changed, which an index finds
    told_again as (

        select
            source_system,
            told
        from touched
        where (source_system, told) in ({{ in_changed_records }})

    ),

    others as (

        select
            source_system,
            told
        from touched
        except
        select
            source_system,
            told
        from told_again

    ),

    final as (

        select
            source_system,
            told
        from told_again
        union all
        select
            source_system,
            told
        from others
        where exists (
            select 1
            from ({{ told_by() }}) as records
            where
                records.source_system = others.source_system
                and records.told = others.told
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
