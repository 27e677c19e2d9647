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


{# For a data test: the condition that columns say what a row says that changed since the
   last publication. The others were looked at before; true where that is not known. #}
{% macro has_changed(name, columns) %}
    {%- if not is_known_what_changed(name) -%} {{ return('true') }} {%- endif -%}
    {%- set named = columns | join(', ') -%}
    {{ return('(' ~ named ~ ') in (select ' ~ named ~ ' from ' ~ changes_of(name) ~ ')') }}
{% endmacro %}


{# For a data test: whether all that changed in a model since the last publication is
   known. Not where somebody tests what stands there by hand, who means all of it. #}
{% macro is_known_what_changed(name) %}
    {{ return(adapter.dispatch('is_known_what_changed', 'wardline')(name)) }}
{% endmacro %}

{% macro default__is_known_what_changed(name) %}{{ return(false) }}{% endmacro %}

{% macro postgres__is_known_what_changed(name) %}
    {%- if flags.WHICH != 'build' or not is_in_refresh() -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(run_query(
        'select exists (select from changes._kept where model = ' ~ literal(name) ~ ')'
    ).rows[0][0]) }}
{% endmacro %}


{# Replace the touched parts of a model: rows that are the same stay as they are. Only
   PostgreSQL builds in parts. #}
{% macro get_incremental_touched_sql(arguments) %}
    {{ return(postgres__replace_touched(
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

    {{ postgres__note_changed() }}
{% endmacro %}


{# After a model was built: what those need to know that are built in parts from it. #}
{% macro note_changes() %}
    {%- if execute and not is_built_in_parts() -%}
        {{ return(adapter.dispatch('note_changes', 'wardline')()) }}
    {%- endif -%}
{% endmacro %}

{% macro default__note_changes() %}{% endmacro %}

{% macro postgres__note_changes() %}
    {%- set changed = changes_of(model.name) -%}
    {%- set name = literal(model.name) -%}
    {%- if postgres__is_comparable() -%}
        {%- set before = before_this() -%}
        insert into {{ changed }}
        (select * from {{ this }} except all select * from {{ before }})
        union all
        (select * from {{ before }} except all select * from {{ this }});
        {#- A planner takes a table that it knows nothing of for hundreds of rows. -#}
        analyze {{ changed }};
        {{ postgres__note_changed() }};
    {%- else -%}
        drop table if exists {{ changed }};
        create table {{ changed }} as select * from {{ this }} with no data;
        delete from changes._kept where model = {{ name }};
    {%- endif %}
    {#- Its rows may be counted otherwise now, so they are counted as a whole once. #}
    delete from changes._accounts
    where 'stg_' || source_system || '__' || table_name = {{ name }};
    delete from changes._built where model = {{ name }};
    {%- if is_in_refresh() %}
    insert into changes._built
    select model, meaning from changes._meant where model = {{ name }}
    {%- else %}
    delete from changes._whole_builds
    {%- endif %}
{% endmacro %}


{# Whether a refresh has started dbt, and said before what each model means and which
   batches are taken up. Whoever starts it by hand builds and tests all rows; it is not
   published, and the next refresh does not take it for its own. #}
{% macro is_in_refresh() %}
    {{ return(env_var('WARDLINE_SESSION', '') != '') }}
{% endmacro %}


{% macro postgres__note_changed() %}
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
{% macro postgres__is_comparable() %}
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
