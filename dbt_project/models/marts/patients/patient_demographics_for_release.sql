with

demographics as (

    select * from {{ ref('patient_demographics') }}

),

beside_their_branch as (

    select
        *,
        patients between 1 and {{ largest_small_cell() }} as is_small,
        sum(patients) over (
            partition by source_system, branch_key
        ) as branch_patients,
        min(case when patients > {{ largest_small_cell() }} then patients end) over (
            partition by source_system, branch_key
        ) as smallest_large
    from demographics

),

beside_small_cells as (

    select
        *,
        max(case when is_small then 1 else 0 end) over (
            partition by source_system, branch_key
        ) = 1 as has_small_cells
    from beside_their_branch

),

-- Beside the small cells of a branch, its smallest large ones are withheld, and its
-- total. So whatever number a small cell has, the same is released; and who knows the
-- total from elsewhere cannot tell which cell is the small one: exchange two withheld
-- ones, and what is released stays the same.
withheld as (

    select
        *,
        is_small or (has_small_cells and patients = smallest_large) as is_withheld
    from beside_small_cells
    -- where no cell is large, nothing could hide which ones are small
    where not has_small_cells or smallest_large is not null

),

final as (

    select
        source_system,
        branch_key,
        branch_name,
        sex,
        age_band,
        insurance_type,
        case when not is_withheld then patients end as patients,
        is_withheld,
        case
            when not has_small_cells then cast(branch_patients as bigint)
        end as branch_patients
    from withheld

)

select * from final
