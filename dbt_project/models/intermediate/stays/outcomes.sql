with

final as ({{ unite('outcomes') }})

select * from final
