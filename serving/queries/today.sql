-- The front page's figures, day by day, over all branches that are looked at.
-- For each source system up to its own last day, so that a day is never half counted.
select
    date_day,
    sum(admissions) as admissions,
    sum(discharges) as discharges,
    sum(census_midnight) as census_midnight,
    sum(available_beds) as available_beds,
    sum(measured_discharges) as measured_discharges,
    sum(bed_days_discharged) as bed_days_discharged,
    sum(appointments) as appointments,
    sum(no_show) as no_show,
    sum(completed) as completed,
    sum(billed_amount) as billed_amount,
    sum(collected_amount) as collected_amount,
    -- patients of branches without a bed register are in no denominator
    sum(case when available_beds is not null then census_midnight end)
        as census_of_available
from marts.hospital_overview_daily
where
    date_day between %(date_from)s and %(date_to)s
    and (%(branch_key)s::text is null or branch_key = %(branch_key)s)
group by date_day
order by date_day
