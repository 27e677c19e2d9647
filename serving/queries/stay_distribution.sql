-- How many stays lasted how long: classes of bin_width, all beyond bin_last in one.
with stays as (
    select
        case %(convention)s
            when 'hours' then length_of_stay_hours
            when 'days' then length_of_stay_days_medicare
            else length_of_stay_nights
        end as stay
    from marts.fct_admissions
    where
        discharged_on between %(date_from)s and %(date_to)s
        and is_measurable
        and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
        and (%(department_key)s::text is null or department_key = %(department_key)s)
),

counted as (
    select
        least(
            floor(stay / %(bin_width)s)::integer * %(bin_width)s, %(bin_last)s
        ) as bin_from,
        count(*) as discharges
    from stays
    where stay is not null
    group by bin_from
),

-- classes without a stay stand between those with one
bins as (
    select generate_series(0, max(bin_from), %(bin_width)s) as bin_from from counted
)

select
    bins.bin_from,
    coalesce(counted.discharges, 0) as discharges,
    round(
        100.0 * coalesce(counted.discharges, 0) / sum(counted.discharges) over (), 1
    ) as discharges_pct
from bins
left join counted on bins.bin_from = counted.bin_from
order by bins.bin_from
