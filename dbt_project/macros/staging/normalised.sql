{# The few values that staging brings to one spelling or one form, whatever the source
   calls them. #}

{# An appointment's status in Wardline's words: scheduled, completed, no_show,
   cancelled_by_patient, cancelled_by_hospital, or cancelled (not known by whom). Takes
   them in any case, with blanks, hyphens or underscores, and with the American spelling;
   anything else is null, and should be a fault by the contract's list of values. #}
{% macro appointment_status(column) %}
    {%- set plain = "replace(replace(replace(" ~ folded(column)
        ~ ", '-', '_'), ' ', '_'), 'canceled', 'cancelled')" -%}
    case {{ plain }}
        {%- for status in [
            'scheduled', 'completed', 'no_show', 'cancelled_by_patient',
            'cancelled_by_hospital', 'cancelled',
        ] %}
        when '{{ status }}' then '{{ status }}'
        {%- endfor %}
    end
{%- endmacro %}


{# A moment from a day and a time of day; midnight where no time is known. #}
{% macro moment(date, time) %}{{ return(adapter.dispatch("moment")(date, time)) }}{% endmacro %}

{% macro postgres__moment(date, time) %}
    {{ return(date ~ " + coalesce(" ~ time ~ ", time '00:00')") }}
{% endmacro %}

{# Spark has no times of day; staging keeps them as texts. #}
{% macro spark__moment(date, time) %}
    {{ return(
        "cast(concat(cast(" ~ date ~ " as string), ' ', coalesce(" ~ time
        ~ ", '00:00')) as timestamp)"
    ) }}
{% endmacro %}
