{%- set touched -%}
    {{ changed({'bills': 'bill_key', 'payments': 'payment_key'}) }}
    union all
    {{ touched_by('bills', ['payment_key'], ['bill_key'], rows='payments') }}
    union all
    {{ touched_ahead('bills', 'bill_key', 'billed_on') }}
{%- endset -%}
{{ built_in_parts(['record_key'], touched) }}

with

bills as (

    select
        bills.source_system,
        bills.bill_key,
        bills.branch_key,
        bills.department_key,
        {{ names_unknown(
            'treatments', 'bills.treatment_key', 'bills.is_treatment_known',
            'bills.source_system'
        ) }} as unknown_treatment,
        {{ names_unknown(
            'admissions', 'bills.admission_key', 'bills.is_admission_known',
            'bills.source_system'
        ) }} as unknown_admission,
        {{ names_unknown(
            'patients', 'bills.own_patient_key', 'not bills.is_patient_unknown',
            'bills.source_system'
        ) }} as unknown_patient,
        bills.is_of_another_patient as bill_names_another_patient,
        bills.outstanding_amount < 0 as bill_paid_more_than_billed,
        bills.billed_on > source_systems.as_of_date as bill_after_as_of,
        coalesce(bills.room_amount, bills.medicine_amount, bills.procedure_amount)
        is not null
        and coalesce(bills.room_amount, 0) + coalesce(bills.medicine_amount, 0)
        + coalesce(bills.procedure_amount, 0) <> bills.billed_amount
            as bill_parts_differ_from_total
    from {{ ref('bills') }} as bills
    inner join {{ ref('source_systems') }} as source_systems
        on bills.source_system = source_systems.source_system
    where {{ is_touched(['bills.bill_key']) }}

),

payments as (

    select
        payments.source_system,
        payments.payment_key,
        cast(null as {{ dbt.type_string() }}) as branch_key,
        cast(null as {{ dbt.type_string() }}) as department_key,
        {{ names_unknown(
            'bills', 'payments.bill_key', 'bills.bill_key is not null',
            'payments.source_system'
        ) }} as unknown_bill,
        payments.is_after_as_of as payment_after_as_of
    from {{ ref('payments') }} as payments
    left join {{ ref('bills') }} as bills on payments.bill_key = bills.bill_key
    where {{ is_touched(['payments.payment_key']) }}

),

final as (

    {{ list_issues('bills', 'bills', 'bill_key', [
        'unknown_treatment', 'unknown_admission', 'unknown_patient',
        'bill_names_another_patient', 'bill_paid_more_than_billed', 'bill_after_as_of',
        'bill_parts_differ_from_total',
    ]) }}
    union all
    {{ list_issues('payments', 'payments', 'payment_key', [
        'unknown_bill', 'payment_after_as_of',
    ]) }}

)

select * from final
