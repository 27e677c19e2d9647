{# What changed in a model since the last publication: its rows as they were and as they
   are, in the table of its name in the schema changes. They stay until a publication has
   taken all of them up (orchestration/changes.py), so that a night that failed on its
   way is made good by the next. #}

{# A model's changes, for a select of what they touch. #}
{% macro changes(name) %}
    {%- do upstream(name) -%}
    {{ changes_of(name) }}
{%- endmacro %}


{# A parent, for the same. A unit test has no parents but those that its rows come from,
   and builds the model as a whole. #}
{% macro upstream(name) %}
    {{- return(name if model.resource_type == 'unit_test' else ref(name)) -}}
{% endmacro %}

{% macro changes_of(name) %}
    {{- return('changes.' ~ adapter.quote(name)) -}}
{% endmacro %}


{# Replace the touched parts of a model: rows that are the same stay as they are. #}
{% macro get_incremental_touched_sql(arguments) %}
    {{ return(adapter.dispatch('replace_touched', 'wardline')(
        arguments.target_relation, arguments.temp_relation, arguments.dest_columns
    )) }}
{% endmacro %}

{% macro postgres__replace_touched(target, built, dest_columns) %}
    {%- set day = model.config.meta.month_of -%}
    {%- set columns = dest_columns | map(attribute='quoted') | join(', ') -%}
    {%- set differs = adapter.quote('differs__' ~ model.name) -%}
    create temporary table {{ differs }} on commit drop as
    select
        {{ columns }},
        min(_place) as _first_place,
        max(_place) as _last_place,
        count(_place) as _copies_before,
        cast(count(*) - count(_place) as integer) as _copies
    from (
        select {{ columns }}, ctid as _place from {{ target }}
        where {{ is_in_touched_month(day, of=model.config.meta.scope) if day
            else is_touched(model.config.meta.scope) }}
        union all
        select {{ columns }}, null from {{ built }}
    ) as both_sides
    group by {{ columns }}
    having count(_place) <> count(*) - count(_place);

    delete from {{ target }} where ctid in (
        select unnest(array[_first_place, _last_place]) from {{ differs }}
    );

    -- A third copy lies between those two. Collecting all places would cost six times
    -- the grouping, for what only a model without a key has.
    delete from {{ target }} as copies
    using {{ differs }} as differs
    where
        exists (select from {{ differs }} where _copies_before > 2)
        and differs._copies_before > 2
        and (copies.{{ columns | replace(', ', ', copies.') }})
        is not distinct from (differs.{{ columns | replace(', ', ', differs.') }});

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ differs }}
    cross join generate_series(1, _copies);

    insert into {{ changes_of(model.name) }} ({{ columns }})
    select {{ columns }} from {{ differs }};

    {{ note_changed() }}
{% endmacro %}


{# After a model was built: what those need to know that are built in parts from it. #}
{% macro note_changes() %}
    {%- if execute and not is_built_in_parts() -%}
        {{ return(adapter.dispatch('note_changes', 'wardline')()) }}
    {%- endif -%}
{% endmacro %}

{% macro postgres__note_changes() %}
    {%- set changed = changes_of(model.name) -%}
    {%- set name = literal(model.name) -%}
    {%- if is_comparable() -%}
        {%- set before = before_this() -%}
        insert into {{ changed }}
        (select * from {{ this }} except all select * from {{ before }})
        union all
        (select * from {{ before }} except all select * from {{ this }});
        {{ note_changed() }};
    {%- else -%}
        drop table if exists {{ changed }};
        create table {{ changed }} as select * from {{ this }} with no data;
        delete from changes._kept where model = {{ name }};
    {%- endif %}
    delete from changes._built where model = {{ name }};
    insert into changes._built
    select model, meaning from changes._meant where model = {{ name }}
{% endmacro %}


{% macro note_changed() %}
    insert into changes._changed
    select {{ literal(model.name) }}
    where exists (select from {{ changes_of(model.name) }})
    on conflict do nothing
{% endmacro %}


{# The table that this one replaces, which dbt drops after the transaction. #}
{% macro before_this() %}
    {{ return(make_backup_relation(this, 'table')) }}
{% endmacro %}

{# Whether what changed can be told from the two tables: both are there, with the same
   columns, and the changes before this one are known. #}
{% macro is_comparable() %}
    {%- if flags.FULL_REFRESH -%} {{ return(false) }} {%- endif -%}
    {%- set columns = "array(select row(attname, atttypid)::text from pg_attribute where "
        ~ "attrelid = to_regclass('{}') and attnum > 0 and not attisdropped "
        ~ "order by attnum)" -%}
    {%- set found = run_query(
        "select to_regclass('" ~ before_this() ~ "') is not null and "
        ~ columns.format(before_this()) ~ " = " ~ columns.format(this) ~ " and "
        ~ columns.format(changes_of(model.name)) ~ " = " ~ columns.format(this)
        ~ " and exists (select from changes._kept where model = "
        ~ literal(model.name) ~ ")"
    ) -%}
    {{ return(found.rows[0][0]) }}
{% endmacro %}
