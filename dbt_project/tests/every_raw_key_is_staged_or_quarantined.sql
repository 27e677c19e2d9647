{# All counts are kept, not only those that fail: they are the run's accounting. #}
{{ config(
    store_failures=true,
    store_failures_as="table",
    schema="quarantine",
    alias="accounting",
    fail_calc="count(case when raw_keys <> staged_rows + quarantined_rows then 1 end)",
) }}

with counted as (
    {%- for staged in staged_tables() %}
    select
        '{{ staged.system }}' as source_system,
        '{{ staged.table }}' as table_name,
        {{ current_raw_keys(staged) }} as raw_keys,
        {{ staged_keys(staged) }} as staged_rows,
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

select * from counted
