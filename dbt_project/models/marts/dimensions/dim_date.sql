{# 32,768 days are almost 90 years; the newest are kept. #}
{% set longest_calendar_days = 32768 %}
{#- Of anything that a system records; an admission lies ahead by mistake only. -#}
{% set recorded = [
    ('admissions', 'admitted_on', 'cast(null as date)'),
    ('appointments', 'scheduled_on', 'max(scheduled_on)'),
    ('treatments', 'treated_on', 'max(treated_on)'),
    ('bills', 'billed_on', 'max(billed_on)'),
    ('doctor_shifts', 'shift_on', 'max(shift_on)'),
    ('source_systems', 'as_of_date', 'max(as_of_date)'),
] %}

with

spans as (
    {%- for relation, day, last_on in recorded %}
        {{ 'union all' if not loop.first }}
        select
            min({{ day }}) as first_on,
            {{ last_on }} as last_on
        from {{ ref(relation) }}
    {%- endfor %}

),

bounds as (

    select
        min(first_on) as first_on,
        max(last_on) as last_on
    from spans

),

numbers as (

    {{ dbt.generate_series(longest_calendar_days) }}

),

days as (

    select
        bounds.first_on,
        {{ days_after('bounds.last_on', '1 - numbers.generated_number') }} as date_day
    from bounds
    cross join numbers

),

dated as (

    select
        date_day,
        {{ days_after('date_day', '1 - ' ~ iso_day_of_week('date_day')) }}
            as week_start,
        {{ iso_day_of_week('date_day') }} as day_of_week
    from days
    where date_day >= first_on

),

-- an ISO week belongs to the year that holds its Thursday
with_thursday as (

    select
        *,
        {{ days_after('week_start', 3) }} as thursday
    from dated

),

final as (

    select
        date_day,
        cast(
            1 + floor((extract(doy from thursday) - 1) / 7) as integer
        ) as iso_week,
        {{ month_of('date_day') }} as month_start,
        cast({{ dbt.date_trunc('quarter', 'date_day') }} as date) as quarter_start,
        cast(extract(year from date_day) as integer) as year,
        day_of_week,
        day_of_week >= 6 as is_weekend
    from with_thursday

)

select * from final
