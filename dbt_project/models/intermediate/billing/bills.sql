{%- set told_in = [
    ['bills_with_care', 'payer'], ['bills_with_care', 'payment_method'],
    ['bill_payments', 'payment_method'],
] -%}
{%- set touched -%}
    select bill_key from {{ changes('bills_with_care') }}
    union all
    select bill_key from {{ changes('bill_payments') }}
    {%- for named in ['patient_key', 'own_patient_key'] %}
    union all
    {{ touched_by('patients', ['bill_key'], [named], keys=['patient_key']) }}
    {%- endfor %}
    {%- for parent, text in told_in %}
    union all
    {{ touched_by_text(['bill_key'], text, upstream(parent)) }}
    {%- endfor %}
    union all
    select own.bill_key
    from {{ this }} as own
    inner join {{ upstream('patients') }} as patients
        on own.patient_key = patients.patient_key
    where (patients.source_system, patients.insurance_type) in (
        select source_system, told from {{ changes('withheld_texts') }}
    )
{%- endset -%}
{{ built_in_parts(
    ['bill_key'], touched, found_by=[['patient_key'], ['own_patient_key']],
    dated=['billed_on']
) }}

with

bills_with_care as (

    select * from {{ ref('bills_with_care') }}
    where {{ is_touched(['bill_key']) }}

),

bill_payments as (

    select * from {{ ref('bill_payments') }}

),

patients as (

    select * from {{ ref('patients') }}

),

-- a bill belongs to the patient of the care that it names; its own patient comes second
paid as (

    select
        bills_with_care.*,
        coalesce(
            bills_with_care.cared_patient_key, bills_with_care.own_patient_key
        ) as patient_key,
        coalesce(
            bills_with_care.collected_amount,
            case
                when {{ provides('payments', 'bills_with_care.source_system') }}
                    then coalesce(bill_payments.collected_amount, 0)
            end
        ) as paid_amount,
        coalesce(bill_payments.last_failed_amount, 0) as last_failed_amount,
        coalesce(bills_with_care.payment_method, bill_payments.payment_method)
            as found_payment_method
    from bills_with_care
    left join bill_payments on bills_with_care.bill_key = bill_payments.bill_key

),

-- billed = collected + outstanding + failed, whatever the source states and what not
split as (

    select
        *,
        coalesce(
            failed_amount,
            greatest(least(last_failed_amount, billed_amount - paid_amount), 0)
        ) as unpaid_failed_amount
    from paid

),

settled as (

    select
        *,
        coalesce(outstanding_amount, billed_amount - paid_amount - unpaid_failed_amount)
            as unpaid_amount
    from split

),

final as (

    select
        settled.source_system,
        settled.bill_key,
        settled.patient_key,
        settled.treatment_key,
        settled.admission_key,
        settled.doctor_key,
        {{ natural_key('settled.branch_id', 'settled.source_system') }} as branch_key,
        {{ department_key(
            'settled.branch_id', 'settled.department_id', 'settled.source_system'
        ) }} as department_key,
        settled.bill_id,
        settled.branch_id,
        settled.department_id,
        settled.billed_on,
        settled.billed_amount,
        settled.paid_amount as collected_amount,
        settled.unpaid_amount as outstanding_amount,
        case when settled.paid_amount is not null then settled.unpaid_failed_amount end
            as failed_amount,
        coalesce(
            settled.payment_status,
            case
                when settled.paid_amount is null then null
                when settled.paid_amount >= settled.billed_amount then 'Paid'
                when settled.unpaid_failed_amount > 0 then 'Failed'
                when settled.paid_amount > 0 then 'Part paid'
                else 'Pending'
            end
        ) as payment_status,
        {{ published_text('settled.found_payment_method', 'withheld_methods') }}
            as payment_method,
        case
            when settled.payer is not null
                then {{ published_text('settled.payer', 'withheld_payers') }}
            when {{ folded('settled.found_payment_method') }} = 'insurance'
                then {{ published_text(
                    'patients.insurance_type', 'withheld_insurances'
                ) }}
        end as payer,
        settled.room_amount,
        settled.medicine_amount,
        settled.procedure_amount,
        settled.own_patient_key,
        settled.own_patient_key <> settled.cared_patient_key as is_of_another_patient,
        own_patients.patient_key is null as is_patient_unknown,
        settled.is_treatment_known,
        settled.is_admission_known,
        settled._batch_id
    from settled
    left join patients on settled.patient_key = patients.patient_key
    left join patients as own_patients
        on settled.own_patient_key = own_patients.patient_key
    left join {{ ref('withheld_texts') }} as withheld_methods
        on
            settled.source_system = withheld_methods.source_system
            and settled.found_payment_method = withheld_methods.told
    left join {{ ref('withheld_texts') }} as withheld_payers
        on
            settled.source_system = withheld_payers.source_system
            and settled.payer = withheld_payers.told
    left join {{ ref('withheld_texts') }} as withheld_insurances
        on
            patients.source_system = withheld_insurances.source_system
            and patients.insurance_type = withheld_insurances.told

)

select * from final
