with counted as (
    {%- for staged in staged_tables() %}
    select
        '{{ staged.model }}' as staging_model,
        ({{ current_raw_keys(staged.system, staged.table) }}) as raw_keys,
        (
            select count(*) from {{ ref(staged.model) }}
            where _faults is null
        ) as staged_rows,
        (
            select count(*)
            from (
                select distinct batch_id, row_number
                from {{ ref('quarantined_rows') }}
                where source_system = '{{ staged.system }}'
                    and table_name = '{{ staged.table }}'
            ) as quarantined
        ) as quarantined_rows
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
)

select *
from counted
where raw_keys <> staged_rows + quarantined_rows
