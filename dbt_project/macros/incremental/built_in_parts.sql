{# Building only what a night touched. A model says, at its top, what its parts are (its
   scope: the columns of its own that name one) and which of them its parents' changes
   touch; where it reads a parent, it asks for the touched parts alone. The law: a part
   depends on nothing but the rows read for it, and on parents whose changes are not
   named, any of which has the model built as a whole. #}

{# What the model's parts are, and a select of those that were touched since the last
   publication, columns in the order of the scope. Stands before the model's SQL. A model
   is built as a whole when asked to (--full-refresh), for the first time, when it or its
   parents' meaning has changed, and when a parent changed that `touched` does not read,
   unless its rows never change once they are there (`lasting`). `found_by` lists the
   columns, beside scope and key, by which its rows are looked up; `dated` the days by
   which models of months do. #}
{% macro built_in_parts(scope, touched, lasting=[], found_by=[], dated=[]) %}
    {{- config(
        materialized='incremental', incremental_strategy='touched',
        on_schema_change='append_new_columns',
        meta={'scope': scope, 'found_by': found_by, 'dated': dated}
    ) -}}
    {{- find_touched(touched, scope | length, lasting) -}}
{% endmacro %}


{# The same for a model whose parts are months, told by a day or a moment of its rows,
   or months `of` what other columns say; `touched` selects days, and those columns. A
   correction of last year then costs a month of one doctor, not of all. #}
{% macro built_in_months(day, touched, of=[]) %}
    {{- config(
        materialized='incremental', incremental_strategy='touched',
        on_schema_change='append_new_columns', meta={'month_of': day, 'scope': of}
    ) -}}
    {%- set names = [month_of('touched_on')] -%}
    {%- for column in of -%} {%- do names.append('of_' ~ loop.index) -%} {%- endfor -%}
    {{- find_touched(
        'select ' ~ names | join(', ') ~ ' from (' ~ (touched or '')
        ~ ') as days (' ~ (['touched_on'] + names[1:]) | join(', ') ~ ')',
        names | length
    ) -}}
{% endmacro %}


{# The condition that a row read belongs to a touched part; true where the model is built
   as a whole. `columns` name the part, in the order of the scope. #}
{% macro is_touched(columns) %}
    {%- if execute and is_built_in_parts() -%}
        ({{ columns | join(', ') }}) in (select * from {{ touched_parts() }})
    {%- else -%}
        true
    {%- endif -%}
{% endmacro %}


{# The condition that a row of a parent belongs to a touched part, or says the same in a
   column as one that does; `key` is the part. #}
{% macro is_touched_or_beside(parent, key, column) %}
    {%- if execute and is_built_in_parts() -%}
        {{ key }} in (
            select * from {{ touched_parts() }}
            union
            select beside.{{ key }} from {{ ref(parent) }} as beside
            inner join {{ ref(parent) }} as touched using ({{ column }})
            where {{ is_touched(['touched.' ~ key]) }}
        )
    {%- else -%}
        true
    {%- endif -%}
{% endmacro %}


{# The condition that a key is one of those that some queries of the model have: where it
   is built in parts, that a few rows are looked up by an index; else that there is one. #}
{% macro is_named_in(queries, key) %}
    {%- if not execute or not is_built_in_parts() -%}
        {{ return(key ~ ' is not null') }}
    {%- endif -%}
    {{ return(key ~ ' in (select ' ~ key ~ ' from '
        ~ queries | join(' union all select ' ~ key ~ ' from ') ~ ')') }}
{% endmacro %}


{# The condition that a day or a moment lies in a touched month; with `until`, that some
   day from the one to the other does, both included. With `of` in a touched month of what
   these columns say, in the order of the scope. #}
{% macro is_in_touched_month(day, until=none, of=[]) %}
    {%- if not execute or not is_built_in_parts() -%} {{ return('true') }} {%- endif -%}
    {{ return(adapter.dispatch('is_in_touched_month', 'wardline')(day, until, of)) }}
{% endmacro %}

{% macro default__is_in_touched_month(day, until, of) %}{{ return('true') }}{% endmacro %}

{% macro postgres__is_in_touched_month(day, until, of) %}
    {%- set conditions = [] -%}
    {%- for month in run_query(postgres__touched_months()).rows -%}
        {%- do conditions.append(
            day ~ " < cast('" ~ month[1] ~ "' as date) and " ~ (until or day)
            ~ " >= cast('" ~ month[0] ~ "' as date)"
        ) -%}
    {%- endfor -%}
    {%- set condition = '(' ~ (conditions | join(' or ') or 'false') ~ ')' -%}
    {%- if not of -%} {{ return(condition) }} {%- endif -%}
    {#- Months alone say much with little, and are looked at first. -#}
    {%- set same = ['touched.part_1 ' ~ ('>= ' if until else '= ') ~ month_of(day)] -%}
    {%- if until -%} {%- do same.append('touched.part_1 <= ' ~ until) -%} {%- endif -%}
    {%- for column in of -%}
        {%- do same.append('touched.part_' ~ (loop.index + 1) ~ ' = ' ~ column) -%}
    {%- endfor -%}
    {{ return('(' ~ condition ~ ' and exists (select from ' ~ touched_parts()
        ~ ' as touched where ' ~ same | join(' and ') ~ '))') }}
{% endmacro %}

{# Months that follow one another as one: its first day, and the day after its last. #}
{% macro postgres__touched_months() %}
    select
        to_char(min(part_1), 'YYYY-MM-DD'),
        to_char(max(part_1) + interval '1 month', 'YYYY-MM-DD')
    from (
        select
            part_1,
            part_1 - row_number() over (order by part_1)
            * interval '1 month' as run
        from (select distinct part_1 from {{ touched_parts() }}) as touched
    ) as months
    group by run
    order by 1
{% endmacro %}


{# Whether this run builds touched parts only: they have been found already. #}
{% macro is_built_in_parts() %}
    {%- if model.resource_type != 'model'
        or model.config.incremental_strategy != 'touched' -%}
        {{ return(false) }}
    {%- endif -%}
    {#- Asked several times while a model is rendered, so the answer is kept. -#}
    {%- if 'is_built_in_parts' not in model -%}
        {%- do model.update(is_built_in_parts=has_touched_parts()) -%}
    {%- endif -%}
    {{ return(model.is_built_in_parts) }}
{% endmacro %}

{% macro has_touched_parts() %}
    {{ return(adapter.dispatch('has_touched_parts', 'wardline')()) }}
{% endmacro %}

{# Elsewhere every model is built as a whole. #}
{% macro default__has_touched_parts() %}{{ return(false) }}{% endmacro %}

{% macro postgres__has_touched_parts() %}
    {%- set found = run_query(
        "select to_regclass('" ~ touched_parts() ~ "') is not null"
    ) -%}
    {{ return(found.rows[0][0]) }}
{% endmacro %}


{# The temporary table of the model's touched parts. #}
{% macro touched_parts() %}
    {{- return('pg_temp.' ~ adapter.quote('touched__' ~ model.name)) -}}
{% endmacro %}


{# dbt's own question, asked by its incremental materialization too. #}
{% macro should_full_refresh() %}
    {%- if flags.FULL_REFRESH -%} {{ return(true) }} {%- endif -%}
    {%- if model.config.incremental_strategy == 'touched' -%}
        {{ return(not is_built_in_parts()) }}
    {%- endif -%}
    {{ return(config.get('full_refresh') or false) }}
{% endmacro %}


{# Find the touched parts, unless the model must be built as a whole. #}
{% macro find_touched(touched, columns, lasting=[]) %}
    {%- if execute and model.resource_type == 'model' and flags.WHICH in ('build', 'run')
        and not flags.FULL_REFRESH and is_in_refresh()
        and adapter.get_relation(this.database, this.schema, this.table) is not none -%}
        {{- adapter.dispatch('find_touched', 'wardline')(touched, columns, lasting) -}}
    {%- endif -%}
{% endmacro %}

{% macro default__find_touched(touched, columns, lasting) %}{% endmacro %}

{% macro postgres__find_touched(touched, columns, lasting) %}
    {%- set read = [] -%}
    {%- set others = [] -%}
    {%- for name in tables_read(model) if name not in lasting -%}
        {%- do (read if changes_of(name) in touched else others).append(name) -%}
    {%- endfor -%}
    {%- if run_query(postgres__has_only_touched_parts(read, others)).rows[0][0] -%}
        {%- do run_query(
            postgres__keep_touched(touched_parts(), columns, touched)
        ) -%}
        {%- do model.update(is_built_in_parts=true) -%}
    {%- endif -%}
{% endmacro %}


{# The models that a model reads, those that stand in it as a query taken apart. #}
{% macro tables_read(node) %}
    {%- set found = [] -%}
    {%- for parent in node.depends_on.nodes if parent.startswith('model.') -%}
        {%- set below = graph.nodes[parent] -%}
        {%- do found.extend(
            tables_read(below) if below.config.materialized == 'ephemeral'
            else [below.name]
        ) -%}
    {%- endfor -%}
    {{ return(found | unique | list) }}
{% endmacro %}


{# Whether the model stands as it is meant now, no parent was built as a whole, and those
   whose changes it does not read have none. #}
{% macro postgres__has_only_touched_parts(read, others) %}
    select
        exists (
            select from changes._built as built
            inner join changes._meant as meant using (model, meaning)
            where built.model = {{ literal(model.name) }}
        )
        {%- for name in read + others %}
        and exists (select from changes._kept where model = {{ literal(name) }})
        {%- endfor %}
        {%- for name in others %}
        and not exists (
            select from changes._changed where model = {{ literal(name) }}
        )
        {%- endfor %}
{% endmacro %}


{% macro postgres__keep_touched(table, columns, touched) %}
    {%- set names = [] -%}
    {%- for number in range(1, columns + 1) -%}
        {%- do names.append('part_' ~ number) -%}
    {%- endfor -%}
    {%- set names = names | join(', ') -%}
    create temporary table {{ table.split('.')[1] }} on commit drop as
    select distinct * from ({{ touched }}) as touched ({{ names }})
    where ({{ names }}) is not null;
    analyze {{ table }};
{% endmacro %}


{# dbt's own, but for a model of which no part was touched: that one stays as it is. #}
{% materialization incremental, adapter='postgres' %}
    {%- if is_built_in_parts()
        and not run_query('select exists (select from ' ~ touched_parts() ~ ')').rows[0][0] -%}
        {%- call noop_statement('main', 'UNTOUCHED', 'UNTOUCHED', 0) -%}{%- endcall -%}
        {%- do run_query('commit') -%}
        {{ return({'relations': [this]}) }}
    {%- endif -%}
    {{ return(dbt.materialization_incremental_default()) }}
{% endmaterialization %}


{# On Spark a model is a table that is built as a whole: parts are for nights of one
   machine, and a table of files has no rows to replace. #}
{% materialization incremental, adapter='spark' %}
    {{ return(dbt.materialization_table_spark()) }}
{% endmaterialization %}
