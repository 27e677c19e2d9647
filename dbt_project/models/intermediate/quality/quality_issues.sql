with

issues as (

    select * from {{ ref('admission_issues') }}
    union all
    select * from {{ ref('bed_stay_issues') }}
    union all
    select * from {{ ref('care_issues') }}
    union all
    select * from {{ ref('billing_issues') }}
    union all
    select * from {{ ref('register_issues') }}

),

final as (

    select
        source_system,
        entity,
        record_key,
        issue,
        branch_key,
        department_key
    from issues

)

select * from final
