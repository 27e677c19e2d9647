{{ config(
    description="Every bill of the source is in the facts, to the cent, and what"
        ~ " was billed is either collected, outstanding or failed."
) }}

with

received as (

    select
        source_system,
        count(*) as bills,
        sum(billed_amount) as billed_amount
    from ({{ unite('bills') }}) as united
    group by source_system

),

facts as (

    select
        source_system,
        count(*) as bills,
        sum(billed_amount) as billed_amount,
        sum(case when collected_amount is not null then billed_amount end) as settled,
        sum(collected_amount) + sum(outstanding_amount) + sum(failed_amount) as split
    from {{ ref('fct_bills') }}
    group by source_system

)

select
    received.source_system,
    received.bills as bills_received,
    facts.bills as bills_in_facts,
    received.billed_amount as amount_received,
    facts.billed_amount as amount_in_facts,
    facts.settled,
    facts.split
from received
left join facts on received.source_system = facts.source_system
where
    coalesce(facts.bills, -1) <> received.bills
    or coalesce(facts.billed_amount, -1) <> received.billed_amount
    or coalesce(facts.settled, 0) <> coalesce(facts.split, 0)
