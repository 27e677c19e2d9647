"""What several marts must agree on, because measures.md defines them from one thing.

Belongs here: one check per identity, each on the mart that a reader would doubt first.
All compare per source system, and name the differences, never a patient.
"""

from __future__ import annotations

from expectations.agreement import agree, horizon
from expectations.checks import Check, literal, no_rows
from expectations.mart_facts import MartFacts

STATUSES = (
    "scheduled",
    "completed",
    "no_show",
    "cancelled_by_patient",
    "cancelled_by_hospital",
    "cancelled",
)
BILL_AMOUNTS = (
    "billed_amount",
    "collected_amount",
    "outstanding_amount",
    "failed_amount",
)
# The calendar of nights goes back almost 45 years, so that one mistyped year does not
# fill it (the macro longest_history_days); a stay that begins before is not measured.
LONGEST_HISTORY_NIGHTS = 16384
_FIRST_DAY = f"cast(horizon.as_of as date) - {LONGEST_HISTORY_NIGHTS - 1}"
# Midnight stands for a date without its time, so a stay of one day has it twice.
_LASTS = """(
                stays.admitted_at < stays.discharged_at
                or stays.admitted_at = stays.discharged_at
                and stays.admitted_at = date_trunc('day', stays.admitted_at)
            )"""

_ONE_TRUTH = "Two marts that disagree cannot both be believed."


def identity_checks(facts: MartFacts) -> dict[str, list[Check]]:
    """The identities, by the mart whose page shows them."""
    return {
        "bed_occupancy_daily": [_bed_days(facts)],
        "patient_flow_daily": [
            _census(facts),
            _flow(),
            _discharges(facts, "patient_flow_daily"),
        ],
        "length_of_stay_monthly": [_discharges(facts, "length_of_stay_monthly")],
        "outcomes_monthly": [_discharges(facts, "outcomes_monthly")],
        "fct_appointments": [_known_statuses()],
        "appointment_activity_daily": [_one_status(), _booked(facts)],
        "fct_bills": [_bills_reconcile(facts)],
        "billing_monthly": [_billing(facts)],
    }


def _bed_days(facts: MartFacts) -> Check:
    return agree(
        "bed_days_match_stays",
        [
            "select source_system, occupied_beds_midnight as difference from {batch}",
            _nights(facts),
        ],
        expects="The midnight census over all nights is the sum of all stays' nights.",
        otherwise="bed_occupancy_daily: source systems whose occupied beds over all "
        "nights are not the nights of their stays: {observed}.",
        because="Each night of a stay is one bed occupied at midnight (KH03): a "
        "difference is a stay lost, or counted twice.",
    )


def _census(facts: MartFacts) -> Check:
    return agree(
        "census_matches_stays",
        [
            "select source_system, census_midnight as difference from {batch}",
            _nights(facts),
        ],
        expects="The census over all nights is the sum of all stays' nights.",
        otherwise="patient_flow_daily: source systems whose census over all nights is "
        "not the nights of their stays: {observed}.",
        because="Each night of a stay is one patient in the census.",
    )


def _flow() -> Check:
    return no_rows(
        "flow_balances",
        """
        select source_system, branch_key, department_key, date_day
        from (
            select *, lag(census_midnight) over (
                partition by source_system, branch_key, department_key
                order by date_day
            ) as census_before
            from {batch}
        ) as flow
        where census_midnight <> census_before + admissions - discharges
            + coalesce(transfers_in, 0) - coalesce(transfers_out, 0)
        """,
        expects="Each midnight's census is the last, plus arrivals, less departures.",
        otherwise="patient_flow_daily: days of a department whose census is not the "
        "day's before plus admissions and transfers in, less discharges and transfers "
        "out: {observed}.",
        because="Patients neither appear nor vanish overnight.",
    )


def _discharges(facts: MartFacts, mart: str) -> Check:
    return agree(
        "discharges_match_admissions",
        [
            "select source_system, discharges as difference from {batch}",
            f"""
            select source_system, -1 as difference
            from {facts.schema}.fct_admissions as stays
            {horizon(facts.as_of)}
            where {_LASTS}
                and stays.admitted_on >= {_FIRST_DAY}
            """,
        ],
        expects=f"The discharges of {mart} are the discharged admissions.",
        otherwise=f"{mart}: source systems whose discharges are not the discharged "
        "admissions of fct_admissions: {observed}.",
        because=_ONE_TRUTH,
    )


def _known_statuses() -> Check:
    known = ", ".join(literal(status) for status in STATUSES)
    return no_rows(
        "statuses_known",
        "select appointment_key, appointment_status from {batch} "
        f"where appointment_status is null or appointment_status not in ({known})",
        expects="Every appointment has exactly one of the six statuses.",
        otherwise="fct_appointments: appointments without one of the six statuses: "
        "{observed}.",
        because="An appointment of unknown status is in no rate and in every total.",
    )


def _one_status() -> Check:
    return no_rows(
        "booked_is_sum_of_statuses",
        "select * from {batch} "
        "where booked <> scheduled + completed + no_show + cancelled",
        expects="Each booked appointment is scheduled, completed, missed or cancelled.",
        otherwise="appointment_activity_daily: rows whose booked appointments are not "
        "the sum of their statuses: {observed}.",
        because="The rates divide by these: each appointment counts once.",
    )


def _booked(facts: MartFacts) -> Check:
    return agree(
        "booked_matches_appointments",
        [
            "select source_system, booked as difference from {batch}",
            f"""
            select source_system, -1
            from {facts.schema}.fct_appointments as appointments
            {horizon(facts.as_of)}
            where cast(appointments.scheduled_at as date) <= cast(horizon.as_of as date)
            """,
        ],
        expects="The booked appointments are those of fct_appointments, so far.",
        otherwise="appointment_activity_daily: source systems whose booked "
        "appointments are not those of fct_appointments so far: {observed}.",
        because=_ONE_TRUTH,
    )


def _bills_reconcile(facts: MartFacts) -> Check:
    # Only what the source itself states; what was paid may come from other tables.
    staged = [
        f"select {literal(system)}, -1, -billed_amount from {relation} "
        "where _faults is null"
        for system, relation in sorted(facts.staged_bills.items())
    ]
    return agree(
        "bills_reconcile_to_source",
        ["select source_system, 1 as bills, billed_amount from {batch}", *staged],
        measures=("bills", "billed_amount"),
        expects="The bills and what they bill are the source's, to the cent.",
        otherwise="fct_bills: source systems whose bills, or the amount they bill, "
        "differ from what the source sent: {observed}.",
        because="Money that a join doubled or dropped is found here or by the auditor.",
    )


def _billing(facts: MartFacts) -> Check:
    monthly = ", ".join(BILL_AMOUNTS)
    negative = ", ".join(f"-bills.{amount}" for amount in BILL_AMOUNTS)
    return agree(
        "billing_matches_bills",
        [
            f"select source_system, bills, {monthly} from {{batch}}",
            f"""
            select source_system, -1, {negative}
            from {facts.schema}.fct_bills as bills
            {horizon(facts.as_of)}
            where bills.billed_on <= cast(horizon.as_of as date)
            """,
        ],
        measures=("bills", *BILL_AMOUNTS),
        expects="Bills and amounts over all months are those of fct_bills.",
        otherwise="billing_monthly: source systems whose bills or amounts over all "
        "months differ from fct_bills: {observed}.",
        because=_ONE_TRUTH,
    )


def _nights(facts: MartFacts) -> str:
    # Until the first night no longer spent in bed: that of the discharge, or the one
    # after the last published.
    until = "coalesce(stays.discharged_on, cast(horizon.as_of as date) + 1)"
    return f"""
        select
            source_system,
            -greatest({until} - stays.admitted_on, 0) as difference
        from {facts.schema}.fct_admissions as stays
        {horizon(facts.as_of)}
        where stays.admitted_at <= coalesce(stays.discharged_at, horizon.as_of)
            and stays.admitted_on >= {_FIRST_DAY}
    """
