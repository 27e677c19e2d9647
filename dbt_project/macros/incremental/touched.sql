{# What touches a model's parts: selects for built_in_parts. #}

{# The records of an entity that the last batches brought or took away, of every system
   that provides it; with `given`, of those alone that have that column: what changes in
   the others touches nothing. #}
{% macro touched_records(entity, columns, given=none) %}
    {%- set parts = [] -%}
    {%- for system, entities in var('source_systems').items()
        if entity in entities and model.resource_type != 'unit_test' -%}
        {%- set staged = 'stg_' ~ system ~ '__' ~ entities[entity] -%}
        {%- set changed = changes(staged) -%}
        {%- if not given or given in staged_columns(staged) -%}
            {%- do parts.append(
                "select '" ~ system ~ "', " ~ columns | join(', ') ~ " from " ~ changed
            ) -%}
        {%- else -%}
            {%- do parts.append(
                "select null" ~ ", null" * columns | length ~ " from " ~ changed
                ~ " where false"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ parts | join(' union all ') if parts else 'select null' ~ ', null' * columns | length
        ~ ' where false' }}
{%- endmacro %}


{# The earliest day of as_of, as it was and as it is, over all source systems: a bound that
   stands in a query by itself is looked up before rows are read, so that an index finds
   the few in question. #}
{% macro first_as_of() %}(select min(as_of_date) from {{ changes('source_systems') }}){% endmacro %}


{# The model's own parts that meet a condition on `own` and on `moved`: the source
   systems' moments as they were and as they are. All of a system whose clock changed,
   which are asked for apart: together both would be asked of every row. `day` is one of
   the model's that the condition keeps from lying before as_of. #}
{% macro touched_by_time(columns, condition, day=none) %}
    select own.{{ columns | join(', own.') }}
    from {{ this }} as own
    inner join {{ changes('source_systems') }} as moved
        on own.source_system = moved.source_system
    where {{ condition }} {{- ' and own.' ~ day ~ ' >= ' ~ first_as_of() if day }}
    union all
    select {{ columns | join(', ') }} from {{ this }}
    where source_system in (
        select moved.source_system
        from {{ changes('source_systems') }} as moved
        inner join {{ changes('source_systems') }} as other
            on moved.source_system = other.source_system
        where moved.time_zone <> other.time_zone
    )
{%- endmacro %}


{# The parts of the rows that name something that changed in a parent: of the model's own
   rows, or of those of `rows`. #}
{% macro touched_by(parent, columns, named, keys=none, rows=none) %}
    select {{ columns | join(', ') }} from {{ upstream(rows) if rows else this }}
    where ({{ named | join(', ') }}) in (
        select {{ (keys or named) | join(', ') }} from {{ changes(parent) }}
    )
{%- endmacro %}


{# The model's own parts of which a place is told otherwise now: a register's name for it
   changed, or a row somewhere named a place for the first time. #}
{% macro touched_by_places(columns, places) %}
    {%- for parent, key in places.items() %}
    {{ 'union all' if not loop.first }}
    {{ touched_by(parent, columns, [key]) }}
    {%- endfor %}
{%- endmacro %}


{# What a column, or another in a parent of its own, says in the rows that changed:
   {parent: column}, or of several columns {parent: [columns]}; and what those of `of` say
   beside it. #}
{% macro changed(parents, of=[]) %}
    {%- set parts = [] -%}
    {%- for parent, columns in parents.items() -%}
        {%- for column in ([columns] if columns is string else columns) -%}
            {%- do parts.append(
                'select ' ~ ([column] + of) | join(', ') ~ ' from ' ~ changes(parent)
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ parts | join(' union all ') }}
{%- endmacro %}


{# The parts of a parent's rows that are dated after as_of, as it was or as it is. #}
{% macro touched_ahead(parent, column, day) %}
    select dated.{{ column }}
    from {{ upstream(parent) }} as dated
    inner join {{ changes('source_systems') }} as moved
        on
            dated.source_system = moved.source_system
            and dated.{{ day }} > moved.as_of_date
    where dated.{{ day }} > {{ first_as_of() }}
{%- endmacro %}


{# The days of a parent's rows that changed, and of those that as_of has passed, or been
   put back behind, since the last publication; and what the columns `of` say there. The
   days of all systems come first: by them, an index finds the few rows in question. #}
{% macro touched_days(parent, day, of=[]) %}
    select {{ ([day] + of) | join(', ') }} from {{ changes(parent) }}
    union all
    select dated.{{ ([day] + of) | join(', dated.') }}
    from {{ upstream(parent) }} as dated
    inner join (
        select
            source_system,
            min(as_of_date) as first_on,
            max(as_of_date) as last_on
        from {{ changes('source_systems') }}
        group by source_system
    ) as moved
        on
            dated.source_system = moved.source_system
            and dated.{{ day }} >= moved.first_on
            and dated.{{ day }} <= moved.last_on
    where
        dated.{{ day }} >= {{ first_as_of() }}
        and dated.{{ day }} <= (select max(as_of_date) from {{ changes('source_systems') }})
{%- endmacro %}


{# The months in which as_of lay and lies, and those between; with `of`, for each of a
   system's values of that column in `rows`. #}
{% macro passed_months(of=none, rows=none) %}
    select
        {{ each_month('min(moved.as_of_date)', 'max(moved.as_of_date)') }}
        {{- ', of_rows.' ~ of if of }}
    from {{ changes('source_systems') }} as moved
    {%- if of %}
    inner join (select distinct source_system, {{ of }} from {{ upstream(rows) }}) as of_rows
        on moved.source_system = of_rows.source_system
    {%- endif %}
    group by moved.source_system {{- ', of_rows.' ~ of if of }}
{%- endmacro %}


{# One row, in a select, for each month from that of one day to that of another. #}
{% macro each_month(first_day, last_day) %}
    {{- return(adapter.dispatch('each_month', 'wardline')(first_day, last_day)) -}}
{% endmacro %}

{% macro postgres__each_month(first_day, last_day) -%}
    cast(generate_series(
        date_trunc('month', {{ first_day }}), {{ last_day }}, interval '1 month'
    ) as date)
{%- endmacro %}

{% macro spark__each_month(first_day, last_day) -%}
    {#- From a later month to an earlier one Spark would count backwards. -#}
    explode(case when {{ month_of(first_day) }} <= {{ last_day }} then sequence(
        {{ month_of(first_day) }}, cast({{ last_day }} as date), interval 1 month
    ) end)
{%- endmacro %}
