{%- set scope = ['source_system', 'settled_bill_id'] -%}
{%- set touched -%}
    {{ touched_records('payments', ["coalesce(bill_id, '')"]) }}
    union all
    {{ touched_by_time(scope, 'own.paid_on > moved.as_of_date', day='paid_on') }}
{%- endset -%}
{{ built_in_parts(scope, touched, found_by=[['bill_key']], dated=['paid_on']) }}

with

united as ({{ unite('payments', part=["coalesce(staged.bill_id, '')"]) }}),

dated as (

    select
        united.*,
        united.paid_on > source_systems.as_of_date as is_after_as_of
    from united
    inner join {{ ref('source_systems') }} as source_systems
        on united.source_system = source_systems.source_system

),

final as (

    select
        source_system,
        {{ pseudonym('payment', 'payment_id') }} as payment_key,
        {{ pseudonym('bill', 'bill_id') }} as bill_key,
        -- one part for the payments of a bill, and one for those of none
        coalesce(bill_id, '') as settled_bill_id,
        paid_on,
        coalesce(collected_amount, 0) as collected_amount,
        coalesce(failed_amount, 0) as failed_amount,
        payment_method,
        is_after_as_of,
        row_number() over (
            partition by source_system, bill_id, is_after_as_of
            order by
                paid_on desc nulls first,
                {{ in_code_order('payment_id') }} desc
        ) as attempts_since,
        _batch_id
    from dated

)

select * from final
