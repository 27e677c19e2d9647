{# Days and elapsed time. Two moments are always compared in the branch's local time. #}

{# Exact seconds from one moment to another, fractions kept; numeric. #}
{% macro seconds_between(started_at, ended_at) -%}
    {{ return(adapter.dispatch('seconds_between', 'wardline')(started_at, ended_at)) }}
{%- endmacro %}

{% macro postgres__seconds_between(started_at, ended_at) -%}
    extract(epoch from ({{ ended_at }} - {{ started_at }}))
{%- endmacro %}

{% macro spark__seconds_between(started_at, ended_at) -%}
    (cast(
        timestampdiff(microsecond, {{ started_at }}, {{ ended_at }}) as decimal(20, 0)
    ) / 1000000)
{%- endmacro %}


{# The same in whole microseconds, all that a moment has; an integer, for long sums. #}
{% macro microseconds_between(started_at, ended_at) -%}
    cast({{ seconds_between(started_at, ended_at) }} * 1000000 as bigint)
{%- endmacro %}


{% macro hours_of(microseconds) -%}
    cast({{ microseconds }} / 3600000000.0 as numeric(14, 4))
{%- endmacro %}


{% macro hours_between(started_at, ended_at) -%}
    cast({{ seconds_between(started_at, ended_at) }} / 3600 as numeric(14, 4))
{%- endmacro %}


{% macro days_after(day, days) -%}
    cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}


{% macro month_of(day) -%}
    cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}


{# The first day of the month after that of a day. #}
{% macro month_after(day) -%}
    cast({{ dbt.dateadd('month', 1, month_of(day)) }} as date)
{%- endmacro %}


{# Completed years on a given day; who is born on 29 February has a birthday on 1 March
   of other years. #}
{% macro age_years(birth_date, on_day) -%}
    (
        extract(year from {{ on_day }}) - extract(year from {{ birth_date }})
        - case
            when
                extract(month from {{ on_day }}) * 100 + extract(day from {{ on_day }})
                < extract(month from {{ birth_date }}) * 100
                + extract(day from {{ birth_date }})
                then 1
            else 0
        end
    )
{%- endmacro %}


{# The condition that a version of a row is the one of a day: of a relation with valid_from
   and valid_to, null in the last one. #}
{% macro is_valid_on(day, versions) -%}
    {{ day }} >= {{ versions }}.valid_from
            and ({{ versions }}.valid_to is null or {{ day }} < {{ versions }}.valid_to)
{%- endmacro %}
