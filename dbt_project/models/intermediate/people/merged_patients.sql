with recursive

united as ({{ unite('patients') }}),

links as (

    select
        united.source_system,
        united.patient_id,
        united.merged_into_id,
        known.patient_id is not null as is_target_known
    from united
    left join united as known
        on
            united.source_system = known.source_system
            and united.merged_into_id = known.patient_id
    where united.merged_into_id is not null

),

reached as ({{ followed('links') }}),

survivors as (

    select
        reached.source_system,
        reached.patient_id,
        reached.reached_id
    from reached
    left join links
        on
            reached.source_system = links.source_system
            and reached.reached_id = links.patient_id
            and links.is_target_known
    where links.patient_id is null

),

final as (

    select
        links.source_system,
        links.patient_id,
        survivors.reached_id as surviving_patient_id,
        not links.is_target_known as is_target_unknown,
        links.is_target_known and survivors.patient_id is null as is_in_circle
    from links
    left join survivors
        on
            links.source_system = survivors.source_system
            and links.patient_id = survivors.patient_id

)

select * from final
