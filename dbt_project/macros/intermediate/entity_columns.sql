{# The hospital's entities: their columns and types, in the order in which every source
   system is united. Staging gives the columns that its system has. #}
{% macro entity_columns(entity) -%}
    {%- set money = 'numeric(18,2)' -%}
    {%- set entities = {
        'patients': {
            'patient_id': 'text', 'patient_name': 'text', 'sex': 'text',
            'birth_date': 'date', 'age_years': 'integer', 'insurance_type': 'text',
            'registered_on': 'date', 'is_deceased': 'boolean', 'deceased_on': 'date',
            'email': 'text', 'merged_into_id': 'text', 'is_id_reused': 'boolean',
        },
        'branches': {
            'branch_id': 'text', 'branch_name': 'text', 'time_zone': 'text',
        },
        'departments': {
            'department_id': 'text', 'branch_id': 'text', 'department_name': 'text',
        },
        'wards': {
            'ward_id': 'text', 'branch_id': 'text', 'department_id': 'text',
            'ward_name': 'text',
        },
        'beds': {
            'bed_id': 'text', 'ward_id': 'text', 'branch_id': 'text',
            'department_id': 'text', 'bed_type': 'text', 'opened_on': 'date',
            'closed_on': 'date', 'is_staffed': 'boolean',
        },
        'doctors': {
            'doctor_id': 'text', 'branch_id': 'text', 'department_id': 'text',
            'doctor_name': 'text', 'specialty': 'text',
            'contracted_hours_per_week': 'numeric', '_valid_from': 'date',
            '_valid_to': 'date', '_is_current': 'boolean',
        },
        'admissions': {
            'admission_id': 'text', 'patient_id': 'text', 'branch_id': 'text',
            'department_id': 'text', 'doctor_id': 'text', 'admission_type': 'text',
            'is_emergency': 'boolean', 'admitted_at': 'timestamp',
            'discharged_at': 'timestamp', 'bed_type': 'text', 'outcome': 'text',
            'is_death': 'boolean', 'is_transfer_out': 'boolean',
            'is_date_only': 'boolean', 'is_id_reused': 'boolean',
        },
        'bed_stays': {
            'bed_stay_id': 'text', 'admission_id': 'text', 'branch_id': 'text',
            'department_id': 'text', 'ward_id': 'text', 'bed_id': 'text',
            'bed_type': 'text', 'started_at': 'timestamp', 'ended_at': 'timestamp',
        },
        'appointments': {
            'appointment_id': 'text', 'patient_id': 'text', 'doctor_id': 'text',
            'branch_id': 'text', 'department_id': 'text', 'scheduled_at': 'timestamp',
            'booked_at': 'timestamp', 'appointment_status': 'text', 'reason': 'text',
            'duration_minutes': 'integer',
        },
        'treatments': {
            'treatment_id': 'text', 'appointment_id': 'text', 'admission_id': 'text',
            'doctor_id': 'text', 'branch_id': 'text', 'department_id': 'text',
            'treatment_type': 'text', 'treated_on': 'date', 'cost_amount': money,
        },
        'bills': {
            'bill_id': 'text', 'patient_id': 'text', 'treatment_id': 'text',
            'admission_id': 'text', 'branch_id': 'text', 'department_id': 'text',
            'billed_on': 'date', 'billed_amount': money, 'collected_amount': money,
            'outstanding_amount': money, 'failed_amount': money,
            'payment_status': 'text', 'payment_method': 'text', 'payer': 'text',
            'room_amount': money, 'medicine_amount': money, 'procedure_amount': money,
        },
        'payments': {
            'payment_id': 'text', 'bill_id': 'text', 'paid_on': 'date',
            'collected_amount': money, 'failed_amount': money,
            'payment_method': 'text',
        },
        'doctor_shifts': {
            'shift_id': 'text', 'doctor_id': 'text', 'branch_id': 'text',
            'department_id': 'text', 'shift_on': 'date', 'rostered_hours': 'numeric',
            'worked_hours': 'numeric',
        },
        'outcomes': {
            'admission_id': 'text', 'outcome': 'text', 'is_death': 'boolean',
            'is_transfer_out': 'boolean', 'is_readmission_recorded': 'boolean',
        },
    } -%}
    {%- if entity not in entities -%}
        {{ exceptions.raise_compiler_error(
            "No entity '" ~ entity ~ "'; known are " ~ entities.keys() | join(', ')
        ) }}
    {%- endif -%}
    {{ return(entities[entity]) }}
{%- endmacro %}
