{# From the clock on a branch's wall to true time and back. Sources tell local time and
   no offset, so a clock change leaves two questions, both answered as RFC 5545, 3.3.5
   does: a time that happens twice is the first of the two, and a time that the clock
   skipped is counted from the clock before the change (02:30 is then 03:30). #}

{# The moment, in UTC, at which the branch's clock shows a local time. #}
{% macro utc_of(local_time, time_zone) -%}
    {%- set found = clock_to_utc(local_time, time_zone) -%}
    {%- set long_before = dbt.dateadd('hour', -3, found) -%}
    {#- No clock is put back by more than two hours. -#}
    {%- set on_the_clock_before -%}
        ({{ long_before }} + ({{ local_time }} - {{ local_of(long_before, time_zone) }}))
    {%- endset -%}
    case
        when {{ local_of(long_before, time_zone) }}
            = {{ dbt.dateadd('hour', -3, local_time) }}
            then {{ found }}
        when {{ local_of(on_the_clock_before, time_zone) }} = {{ local_time }}
            then {{ on_the_clock_before }}
        else {{ found }}
    end
{%- endmacro %}


{# The warehouse's own reading of a local time: any of the two if it happens twice, and
   from the clock before the change if it was skipped. #}
{% macro clock_to_utc(local_time, time_zone) -%}
    {{ return(adapter.dispatch('clock_to_utc', 'wardline')(local_time, time_zone)) }}
{%- endmacro %}

{% macro postgres__clock_to_utc(local_time, time_zone) -%}
    ((({{ local_time }}) at time zone {{ time_zone }}) at time zone 'UTC')
{%- endmacro %}

{% macro spark__clock_to_utc(local_time, time_zone) -%}
    convert_timezone({{ time_zone }}, 'UTC', {{ local_time }})
{%- endmacro %}


{# What the branch's clock shows at a moment given in UTC. #}
{% macro local_of(utc, time_zone) -%}
    {{ return(adapter.dispatch('local_of', 'wardline')(utc, time_zone)) }}
{%- endmacro %}

{% macro postgres__local_of(utc, time_zone) -%}
    ((({{ utc }}) at time zone 'UTC') at time zone {{ time_zone }})
{%- endmacro %}

{% macro spark__local_of(utc, time_zone) -%}
    convert_timezone('UTC', {{ time_zone }}, {{ utc }})
{%- endmacro %}


{# The same as a moment of the warehouse's own, which knows its offset. #}
{% macro moment_of(local_time, time_zone) -%}
    {{ return(adapter.dispatch('moment_of', 'wardline')(local_time, time_zone)) }}
{%- endmacro %}

{% macro postgres__moment_of(local_time, time_zone) -%}
    {{ local_time }} at time zone {{ time_zone }}
{%- endmacro %}

{% macro spark__moment_of(local_time, time_zone) -%}
    to_utc_timestamp({{ local_time }}, {{ time_zone }})
{%- endmacro %}


{# Whether the warehouse knows a time zone of that name; asking with another fails. #}
{% macro is_time_zone(name) -%}
    {{ return(adapter.dispatch('is_time_zone', 'wardline')(name)) }}
{%- endmacro %}

{% macro postgres__is_time_zone(name) -%}
    {{ name }} in (select known.name from pg_timezone_names as known)
{%- endmacro %}

{# Spark lists no zones; those that dbt's own library knows it knows as well. #}
{% macro spark__is_time_zone(name) -%}
    {{ name }} in ('{{ modules.pytz.all_timezones | join("', '") }}')
{%- endmacro %}


{# The time zone of whatever names none: the hospital's setting. #}
{% macro hospital_time_zone() -%}
    '{{ env_var("WARDLINE_TIME_ZONE", "UTC") | replace("'", "") }}'
{%- endmacro %}
