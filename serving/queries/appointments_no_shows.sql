-- No-shows by weekday, by hour of the day and by lead time (level says which), with
-- both denominators. The hour and the booking are known of each appointment only, so
-- the appointments are asked, up to each source's last day as in the daily aggregate.
with known as (
    select
        source_system,
        max(date_day) as last_day
    from marts.appointment_activity_daily
    group by source_system
),

appointments as (
    select
        fct.appointment_status,
        extract(isodow from fct.scheduled_on)::integer as weekday,
        extract(hour from fct.scheduled_at)::integer as hour,
        case
            when fct.lead_time_days is null then 7
            when fct.lead_time_days <= 0 then 1
            when fct.lead_time_days <= 7 then 2
            when fct.lead_time_days <= 14 then 3
            when fct.lead_time_days <= 30 then 4
            when fct.lead_time_days <= 60 then 5
            else 6
        end as lead_time
    from marts.fct_appointments as fct
    inner join known
        on
            fct.source_system = known.source_system
            and fct.scheduled_on <= known.last_day
    where
        fct.scheduled_on between %(date_from)s and %(date_to)s
        and (%(branch_key)s::text is null or fct.branch_key = %(branch_key)s)
        and (
            %(department_key)s::text is null
            or fct.department_key = %(department_key)s
        )
),

cells as (
    select
        weekday,
        hour,
        lead_time,
        count(*) as booked,
        count(*) filter (where appointment_status = 'completed') as completed,
        count(*) filter (where appointment_status = 'no_show') as no_show
    from appointments
    group by weekday, hour, lead_time
),

counted as (
    select
        weekday,
        hour,
        lead_time,
        sum(booked) as booked,
        sum(completed) as completed,
        sum(no_show) as no_show
    from cells
    group by grouping sets ((weekday), (hour), (lead_time))
)

select
    case
        when weekday is not null then 'weekday'
        when lead_time is not null then 'lead_time'
        else 'hour'
    end as level,
    coalesce(weekday, lead_time, hour) as position,
    booked,
    completed,
    no_show,
    round(100.0 * no_show / nullif(completed + no_show, 0), 1)
        as no_show_rate_attended_basis_pct,
    round(100.0 * no_show / nullif(booked, 0), 1) as no_show_rate_booked_basis_pct
from counted
order by level, position
