{# Rates, averages and percentiles: pooled, rounded once, null when there is nothing to
   divide by. #}

{% macro pct(part, whole) -%}
    {{ ratio('100.0 * ' ~ part, whole) }}
{%- endmacro %}


{# Of types long enough for any sum here: of longer ones, as its own sums and products
   have, Spark would round the quotient to 6 decimals first. Neither part may have more
   than 4. #}
{% macro ratio(part, whole) -%}
    cast(
        cast({{ part }} as numeric(22, 4)) / nullif(cast({{ whole }} as numeric(22, 4)), 0)
        as numeric(18, 4)
    )
{%- endmacro %}


{# The continuous percentile (linear between the two nearest values), without nulls. #}
{% macro percentile(fraction, expression) -%}
    {{ return(adapter.dispatch('percentile', 'wardline')(fraction, expression)) }}
{%- endmacro %}

{% macro default__percentile(fraction, expression) -%}
    cast(
        percentile_cont({{ fraction }}) within group (order by {{ expression }})
        as numeric(18, 4)
    )
{%- endmacro %}


{% macro median(expression) -%}
    {{ percentile(0.5, expression) }}
{%- endmacro %}


{# exp(mean(ln(x))) over the values of one or more: CMS geometric mean length of
   stay. #}
{% macro geometric_mean(expression) -%}
    cast(
        exp(avg(ln(case when {{ expression }} >= 1 then {{ expression }} end)))
        as numeric(18, 4)
    )
{%- endmacro %}
