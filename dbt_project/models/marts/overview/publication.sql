{# Its contract names the columns. #}
select * from {{ ref('publications') }} -- noqa: AM04
