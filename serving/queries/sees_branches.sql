-- Whether the viewer sees what counts whole branches: who is bound to departments sees
-- no row of it, whatever the period.
select exists(select 1 from marts.hospital_overview_daily) as sees_branches
