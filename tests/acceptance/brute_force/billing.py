"""Bills: what was asked, paid, failed and is still to come, and how old it is.

Belongs here: bills and payments. What care cost the hospital: care.py.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.acceptance.brute_force.extract import Extract, Row, Rows
from tests.acceptance.brute_force.naming import (
    SOURCE,
    Names,
    first_known,
    grouped,
    key_of,
    median,
    month_of,
    percent,
    ratio,
    total,
)
from tests.acceptance.brute_force.places import NOWHERE, Departments, joined

RECENT = timedelta(days=89)
BUCKETS = ("0-30", "31-60", "61-90", "over 90")
AMOUNTS = ("room_amount", "medicine_amount", "procedure_amount")


def read_bills(extract: Extract, stays: Rows, treatments: Rows) -> Rows:
    """Bills with the care they bill, which is never found by the patient."""
    treated = {it.treatment_id: it for it in treatments}
    admitted = {it.admission_id: it for it in stays}
    insured = {it.patient_id: it.insurance_type for it in extract.patients}
    paid = grouped(
        (it for it in extract.payments if it.paid_on <= extract.as_of_day),
        lambda it: it.bill_id,
    )
    departments = Departments(extract)
    bills = []
    for row in extract.bills:
        treatment = treated.get(row.treatment_id)
        stay_id = first_known(row.admission_id, treatment and treatment.admission_id)
        stay = admitted.get(stay_id)
        patient = first_known(
            treatment and treatment.patient_id, stay and stay.patient_id, row.patient_id
        )
        place = joined(
            departments.place_of(row),
            treatment.place if treatment else NOWHERE,
            departments.place_of(stay),
        )
        settled = settle(row.amount, paid.get(row.bill_id, []))
        payer = row.payer
        if payer is None and settled["payment_method"] == "Insurance":
            payer = insured.get(patient)
        doctor = first_known(treatment and treatment.doctor_id, stay and stay.doctor_id)
        own = vars(row) | {"patient_id": patient, "payer": payer}
        bills.append(
            Row(
                **own,
                **settled,
                own_patient_id=row.patient_id,
                place=place,
                stay_id=stay_id,
                doctor_id=doctor,
            )
        )
    return bills


def settle(amount: Decimal, payments: Rows) -> dict[str, Any]:
    """What of the bill was collected, failed, and is outstanding.

    Failed is the unpaid amount whose latest payment failed; outstanding is billed less
    collected less failed.
    """
    latest = max(payments, key=lambda it: (it.paid_on, it.payment_id), default=None)
    collected = sum((it.amount for it in payments if it.status == "Paid"), Decimal(0))
    failed = Decimal(0)
    if latest is not None and latest.status == "Failed":
        failed = max(min(latest.amount, amount - collected), Decimal(0))
    outstanding = amount - collected - failed
    if failed > 0:
        status = "Failed"
    elif outstanding <= 0:
        status = "Paid"
    else:
        status = "Part paid" if collected > 0 else "Pending"
    return {
        "collected_amount": collected,
        "failed_amount": failed,
        "outstanding_amount": outstanding,
        "payment_status": status,
        "payment_method": latest.payment_method if latest else None,
    }


def fct_bills(names: Names, bills: Rows) -> list[dict[str, Any]]:
    """One row per bill."""
    return [
        {
            "source_system": SOURCE,
            "bill_key": names.pseudonym("bill", it.bill_id),
            "patient_key": names.pseudonym("patient", it.patient_id),
            "treatment_key": names.pseudonym("treatment", it.treatment_id),
            "admission_key": names.pseudonym("admission", it.stay_id),
            "doctor_key": key_of(it.doctor_id),
            **names.place(it.place),
            "billed_on": it.billed_on,
            "billed_amount": it.amount,
            "collected_amount": it.collected_amount,
            "outstanding_amount": it.outstanding_amount,
            "failed_amount": it.failed_amount,
            "payment_status": it.payment_status,
            "payment_method": it.payment_method,
            "payer": it.payer,
            **{name: getattr(it, name) for name in AMOUNTS},
        }
        for it in bills
    ]


def billing_monthly(
    extract: Extract, names: Names, bills: Rows
) -> list[dict[str, Any]]:
    """One row per month up to as_of, branch, department, payer and method."""
    groups = grouped(
        (it for it in bills if it.billed_on <= extract.as_of_day),
        lambda it: (month_of(it.billed_on), it.place, it.payer, it.payment_method),
    )
    rows = []
    for (month, place, payer, method), group in groups.items():
        billed = total(group, "amount")
        collected = total(group, "collected_amount")
        rows.append(
            {
                "source_system": SOURCE,
                "month_start": month,
                **names.place(place),
                "payer": payer,
                "payment_method": method,
                "bills": len(group),
                "billed_amount": billed,
                "collected_amount": collected,
                "outstanding_amount": total(group, "outstanding_amount"),
                "failed_amount": total(group, "failed_amount"),
                **{name: total(group, name) for name in AMOUNTS},
                "average_bill_amount": ratio(billed, len(group)),
                "median_bill_amount": median(it.amount for it in group),
                "collection_rate_pct": percent(collected, billed),
            }
        )
    return rows


def ageing_bucket(bill: Row, as_of: date) -> str:
    """Days from the bill to as_of."""
    days = (as_of - bill.billed_on).days
    if days <= 30:
        return "0-30"
    if days <= 60:
        return "31-60"
    return "61-90" if days <= 90 else "over 90"


def receivables_ageing(
    extract: Extract, names: Names, bills: Rows
) -> list[dict[str, Any]]:
    """Every bucket of each branch's payer who owes or was billed lately, at as_of."""
    as_of = extract.as_of_day
    rows = []
    for (branch, payer), group in grouped(
        (it for it in bills if it.billed_on <= as_of),
        lambda it: (it.place[0], it.payer),
    ).items():
        recent = [it for it in group if it.billed_on >= as_of - RECENT]
        owed = [it for it in group if it.outstanding_amount != 0]
        billed = total(recent, "amount") or Decimal(0)
        for bucket in BUCKETS if recent or owed else ():
            aged = [it for it in owed if ageing_bucket(it, as_of) == bucket]
            outstanding = total(aged, "outstanding_amount") or Decimal(0)
            rows.append(
                {
                    "source_system": SOURCE,
                    "as_of": extract.as_of,
                    **names.branch(branch),
                    "payer": payer,
                    "ageing_bucket": bucket,
                    "bills": len(aged),
                    "outstanding_amount": outstanding,
                    "billed_last_90_days_amount": billed,
                    "days_in_receivables": ratio(outstanding, billed, times=90),
                }
            )
    return rows
