with

final as (

    select * from {{ ref('admission_issues') }}
    union all
    select * from {{ ref('bed_stay_issues') }}
    union all
    select * from {{ ref('care_issues') }}
    union all
    select * from {{ ref('billing_issues') }}
    union all
    select * from {{ ref('register_issues') }}

)

select * from final
