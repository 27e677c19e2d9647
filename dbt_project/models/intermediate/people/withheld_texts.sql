{# Whatever a person may have typed, with the patient of whom it was typed. It is asked
   twice, and stands in place each time, so that it is not kept in between. #}
{% set told %}
    select source_system, patient_id, sex as told
    from ({{ unite('patients') }}) as patients
    union all
    select source_system, patient_id, insurance_type
    from ({{ unite('patients') }}) as patients
    union all
    select source_system, patient_id, reason
    from ({{ unite('appointments') }}) as appointments
    union all
    select source_system, patient_id, payer
    from ({{ unite('bills') }}) as bills
    union all
    select source_system, patient_id, payment_method
    from ({{ unite('bills') }}) as bills
    union all
    select source_system, bill_id, payment_method
    from ({{ unite('payments') }}) as payments
{% endset %}

with

patients as ({{ unite('patients') }}),

texts as (

    select distinct
        source_system,
        told
    from ({{ told }}) as told
    where told is not null

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

told as ({{ told }}),

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
    having count(distinct told.patient_id) <= {{ largest_small_cell() }}

)

select * from final
