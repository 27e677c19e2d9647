{%- set touched -%}
    {%- for staged in staged_tables() %}
        {{ 'union all' if not loop.first }}
    select {{ lineage() | join(', ') }} from {{ changes(staged.model) }}
    {%- endfor %}
{%- endset -%}
{{ built_in_parts(
    ['batch_id', 'row_number'],
    touched,
    lasting=['stg_ops__batches', 'stg_ops__line_offsets']
) }}

with

faults as (

    {{ faults_of_all_tables() }}

),

batches as (

    select * from {{ ref('stg_ops__batches') }}

),

line_offsets as (

    select * from {{ ref('stg_ops__line_offsets') }}

),

rows_at_fault as (

    select distinct
        batch_id,
        row_number
    from faults

),

-- Offsets only grow in the course of a file, so the largest up to a row is the row's.
lines as (

    select
        rows_at_fault.batch_id,
        rows_at_fault.row_number,
        rows_at_fault.row_number + max(line_offsets.line_offset) as line_number
    from rows_at_fault
    inner join line_offsets
        on
            rows_at_fault.batch_id = line_offsets.batch_id
            and rows_at_fault.row_number >= line_offsets.from_row
    group by rows_at_fault.batch_id, rows_at_fault.row_number

),

final as (

    select
        faults.source_system,
        faults.table_name,
        faults.batch_id,
        batches.as_of,
        batches.file_name,
        lines.line_number,
        faults.row_number,
        faults.column_name,
        faults.value,
        faults.reason
    from faults
    inner join batches on faults.batch_id = batches.batch_id
    left join lines
        on
            faults.batch_id = lines.batch_id
            and faults.row_number = lines.row_number

)

select * from final
