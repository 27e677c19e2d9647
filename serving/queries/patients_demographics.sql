-- Registered patients at as_of by sex, age band and insurance (level says which), from
-- the mart that withholds small cells: a withheld cell is in no total, so that none can
-- be worked out from the others. A group of nothing but withheld cells has no number.
select
    case
        when grouping(sex) = 0 then 'sex'
        when grouping(age_band) = 0 then 'age_band'
        else 'insurance_type'
    end as level,
    sex,
    age_band,
    insurance_type,
    sum(patients) as patients,
    count(*) filter (where is_withheld) as withheld_cells
from marts.patient_demographics_for_release
where (%(branch_key)s::text is null or branch_key = %(branch_key)s)
group by grouping sets ((sex), (age_band), (insurance_type))
order by level asc, age_band asc, patients desc nulls last, sex asc, insurance_type asc
