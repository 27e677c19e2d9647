{%- set touched -%}
    select bill_key from {{ changes('bills') }}
    union all
    {{ touched_by_places(['bill_key'], {
        'branches': 'branch_key', 'departments': 'department_key'
    }) }}
{%- endset -%}
{{ built_in_parts(['bill_key'], touched, dated=['billed_on']) }}

with

bills as (

    select * from {{ ref('bills') }}
    where {{ is_touched(['bill_key']) }}

),

final as (

    select
        bills.source_system,
        bills.bill_key,
        bills.patient_key,
        bills.treatment_key,
        bills.admission_key,
        bills.doctor_key,
        bills.branch_key,
        branches.branch_name,
        bills.department_key,
        departments.department_name,
        bills.billed_on,
        bills.billed_amount,
        bills.collected_amount,
        bills.outstanding_amount,
        bills.failed_amount,
        bills.payment_status,
        bills.payment_method,
        bills.payer,
        bills.room_amount,
        bills.medicine_amount,
        bills.procedure_amount
    from bills
    left join
        {{ ref('branches') }} as branches
        on bills.branch_key = branches.branch_key
    left join {{ ref('departments') }} as departments
        on bills.department_key = departments.department_key

)

select * from final
