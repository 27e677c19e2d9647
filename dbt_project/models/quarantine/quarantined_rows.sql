with faults as (
    {{ faults_of_all_tables() }}
)

select * from faults
