{# A record's branch and department, as one place. relations are those that can tell,
   the record itself first: the branch of the first that names one, and the department
   of the first that names one of that branch. So no department is ever shown in a
   branch that it does not belong to. #}

{% macro place_branch(relations) -%}
    coalesce(
        {%- for relation in relations -%}
        {{ relation }}.branch_id{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}


{% macro place_department(relations) -%}
    coalesce(
        {{ relations[0] }}.department_id
        {%- for relation in relations[1:] %},
        case
            when coalesce(
                {{ relation }}.branch_id = {{ place_branch(relations) }}, true
            ) then {{ relation }}.department_id
        end
        {%- endfor %}
    )
{%- endmacro %}
