"""The `his` layout: which tables an extract has, and which columns, in which order.

Belongs here: names only. What the columns mean stands in docs/his-layout.md; how they
are filled stands in the module of each part of the hospital.
"""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Texts = NDArray[np.object_]
"""Names of a register, as str."""

LAYOUT: dict[str, tuple[str, ...]] = {
    "patients": (
        "patient_id",
        "patient_name",
        "sex",
        "birth_date",
        "insurance_type",
        "phone",
        "email",
        "address",
        "registered_on",
        "deceased_on",
        "merged_into_id",
    ),
    "branches": ("branch_id", "branch_name", "time_zone"),
    "departments": ("department_id", "branch_id", "department_name"),
    "wards": ("ward_id", "branch_id", "department_id", "ward_name"),
    "beds": ("bed_id", "ward_id", "bed_type", "opened_on", "closed_on", "is_staffed"),
    "doctors": (
        "doctor_id",
        "doctor_name",
        "branch_id",
        "department_id",
        "specialty",
        "contracted_hours_per_week",
    ),
    "admissions": (
        "admission_id",
        "patient_id",
        "branch_id",
        "department_id",
        "doctor_id",
        "admission_type",
        "admitted_at",
        "discharged_at",
        "bed_type",
        "outcome",
    ),
    "bed_stays": (
        "bed_stay_id",
        "admission_id",
        "ward_id",
        "bed_id",
        "started_at",
        "ended_at",
    ),
    "appointments": (
        "appointment_id",
        "patient_id",
        "doctor_id",
        "branch_id",
        "department_id",
        "booked_at",
        "scheduled_at",
        "duration_minutes",
        "status",
        "reason",
    ),
    "treatments": (
        "treatment_id",
        "admission_id",
        "appointment_id",
        "doctor_id",
        "department_id",
        "treatment_type",
        "treated_on",
        "cost",
    ),
    "bills": (
        "bill_id",
        "patient_id",
        "admission_id",
        "treatment_id",
        "branch_id",
        "department_id",
        "billed_on",
        "amount",
        "room_amount",
        "medicine_amount",
        "procedure_amount",
        "payer",
    ),
    "payments": (
        "payment_id",
        "bill_id",
        "paid_on",
        "amount",
        "payment_method",
        "status",
    ),
    "doctor_shifts": (
        "shift_id",
        "doctor_id",
        "branch_id",
        "department_id",
        "shift_date",
        "rostered_hours",
        "worked_hours",
    ),
}
