"""What can happen in a hospital between two of its extracts.

Belongs here: one function for each thing; chance says which rows are meant. The
hospital itself is living_hospital.py's.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from tests.acceptance.incremental.living_hospital import LivingHospital

Happening = Callable[[LivingHospital, Random], None]

PERSONAL = ("call 0151 234567", "Kinsale visit")
"""Texts that name somebody, the second one only if a patient has that name."""


def _discharge_moves(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "admissions"):
        row["discharged_at"] = chance.choice(["", it.moment(chance)])


def _admission_moves(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "admissions", 2):
        row["admitted_at"] = it.moment(chance, before=100)


def _outcome_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "admissions"):
        row["outcome"] = chance.choice(["Deceased", "Transferred", "Recovered", ""])
        row["admission_type"] = chance.choice(["Emergency", "Scheduled"])


def _stay_is_elsewhere(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "admissions", 2):
        row.update(it.place(chance))
        row["doctor_id"] = it.one_of(chance, "doctors")


def _bed_type_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "admissions", 2):
        row["bed_type"] = chance.choice([PERSONAL[0], "General", ""])


def _somebody_comes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "admissions", 2):
        it.add(
            "admissions",
            {**row, "admitted_at": it.moment(chance), "discharged_at": ""},
        )


def _somebody_new_comes(it: LivingHospital, chance: Random) -> None:
    """Every record tells of the others, as far as it has a column for that."""
    new = {"admitted_at": it.moment(chance), "discharged_at": "", "merged_into_id": ""}
    for table, key in {
        "patients": "patient_id", "admissions": "admission_id",
        "bed_stays": "bed_stay_id", "appointments": "appointment_id",
        "treatments": "treatment_id", "bills": "bill_id", "payments": "payment_id",
        "doctor_shifts": "shift_id",
    }.items():  # fmt: skip
        [row] = it.some(chance, table, 1)
        told = {name: text for name, text in new.items() if name in row}
        new[key] = it.add(table, row | told)


def _bed_stay_changes(it: LivingHospital, chance: Random) -> None:
    beds = list(it.tables["beds"].values())
    for row in it.some(chance, "bed_stays"):
        bed = chance.choice(beds)
        row |= {"bed_id": bed["bed_id"], "ward_id": bed["ward_id"]}
        row[chance.choice(["started_at", "ended_at"])] = it.moment(chance)


def _row_vanishes(it: LivingHospital, chance: Random) -> None:
    table = chance.choice(
        ["admissions", "bed_stays", "appointments", "treatments", "bills", "payments",
         "doctor_shifts", "patients"]
    )  # fmt: skip
    for row in it.some(chance, table, 2):
        it.forget(table, row)


def _vanished_row_returns(it: LivingHospital, chance: Random) -> None:
    it.remember(chance)


def _appointment_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "appointments"):
        row["status"] = chance.choice(["Completed", "No-show", "Cancelled", "??"])
        row["scheduled_at"] = chance.choice([it.moment(chance), row["scheduled_at"]])
        row["reason"] = chance.choice([*PERSONAL, "Follow-up", row["reason"]])


def _appointment_is_elsewhere(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "appointments"):
        nowhere = {"branch_id": "", "department_id": ""}
        row.update(chance.choice([it.place(chance), nowhere]))
        row["doctor_id"] = chance.choice([it.one_of(chance, "doctors"), "D-unknown"])


def _bill_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "bills"):
        row["amount"] = f"{chance.randint(1, 900)}.50"
        row["billed_on"] = chance.choice([it.day(chance), row["billed_on"], ""])
        row["payer"] = chance.choice(["Patient", "aunt Mary, tel. 020 7946 0000", ""])


def _payment_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "payments"):
        row["status"] = chance.choice(["Paid", "Failed"])
        row["amount"] = f"{chance.randint(1, 900)}.25"
        row["paid_on"] = it.day(chance)


def _treatment_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "treatments"):
        row["cost"] = chance.choice([f"{chance.randint(1, 90)}.25", "see invoice", ""])
        row["treated_on"] = it.day(chance)
        row["department_id"] = chance.choice([it.one_of(chance, "departments"), ""])
        row["treatment_type"] = chance.choice([*PERSONAL, row["treatment_type"]])


def _patients_merge(it: LivingHospital, chance: Random) -> None:
    rows = list(it.tables["patients"].values())
    one, other = chance.sample(rows, 2)
    one["merged_into_id"] = chance.choice([other["patient_id"], "", "P-nobody"])


def _merge_is_undone(it: LivingHospital, chance: Random) -> None:
    merged = [it for it in it.tables["patients"].values() if it["merged_into_id"]]
    for row in chance.sample(merged, min(len(merged), 2)):
        row["merged_into_id"] = ""


def _patient_ages(it: LivingHospital, chance: Random) -> None:
    """A birthday today or soon, at which the age band changes; or a death."""
    for row in it.some(chance, "patients"):
        birthday = it.today + timedelta(days=chance.choice([0, 1, 1, 2, 9]))
        born = birthday.year - chance.choice([0, 18, 40, 65, 80, 90])
        row["birth_date"] = f"{born}-{birthday:%m-%d}"
        row["deceased_on"] = chance.choice(["", "", it.day(chance)])


def _patient_is_described_anew(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "patients"):
        row["insurance_type"] = chance.choice(["Public", "Private", *PERSONAL, ""])
        row["sex"] = chance.choice(["F", "M", "X", ""])
        row["patient_name"] = chance.choice(["Ada Kinsale", "Grace Moor", ""])
        row["registered_on"] = chance.choice([it.day(chance), ""])


def _shift_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "doctor_shifts"):
        row["worked_hours"] = str(chance.randint(0, 12))
        row["shift_date"] = chance.choice([it.day(chance), row["shift_date"], ""])
        row["doctor_id"] = chance.choice([it.one_of(chance, "doctors"), ""])


def _records_are_attached_elsewhere(it: LivingHospital, chance: Random) -> None:
    for key, one, tables in (
        ("admission_id", "admissions", ("treatments", "bills", "bed_stays")),
        ("patient_id", "patients", ("admissions", "appointments", "bills")),
        ("appointment_id", "appointments", ("treatments",)),
        ("treatment_id", "treatments", ("bills",)),
        ("bill_id", "bills", ("payments",)),
    ):
        for table in tables:
            for row in it.some(chance, table, 2):
                row[key] = chance.choice([it.one_of(chance, one), "unknown", ""])


def _bed_is_closed(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "beds", 2):
        row["opened_on"] = chance.choice([row["opened_on"], it.day(chance)])
        row["closed_on"] = chance.choice(["", it.day(chance)])
        row["is_staffed"] = chance.choice(["true", "false"])


def _bed_moves(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "beds", 2):
        row["ward_id"] = it.one_of(chance, "wards")
        row["bed_type"] = chance.choice(["General", "ICU", "Isolation", *PERSONAL])


def _place_is_renamed(it: LivingHospital, chance: Random) -> None:
    for table, name in (
        ("departments", "department_name"),
        ("wards", "ward_name"),
        ("branches", "branch_name"),
    ):
        [row] = it.some(chance, table, 1)
        row[name] += "*"


def _ward_moves(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "wards", 1):
        row.update(it.place(chance))


def _doctor_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "doctors", 2):
        row.update(chance.choice([{}, it.place(chance)]))
        row["contracted_hours_per_week"] = str(chance.choice([20, 30, 40]))
        row["specialty"] = chance.choice(["Surgery", *PERSONAL])


def _clock_changes(it: LivingHospital, chance: Random) -> None:
    for row in it.some(chance, "branches", 1):
        row["time_zone"] = chance.choice(
            ["Europe/Berlin", "Asia/Kolkata", "America/New_York", "Mars/Olympus", ""]
        )


def _register_loses_a_row(it: LivingHospital, chance: Random) -> None:
    table = chance.choice(["beds", "wards", "departments", "doctors"])
    for row in it.some(chance, table, 1):
        it.forget(table, row)


OF_PATIENTS: dict[str, Happening] = {
    "a discharge moves": _discharge_moves,
    "an admission moves": _admission_moves,
    "an outcome changes": _outcome_changes,
    "a stay is elsewhere": _stay_is_elsewhere,
    "a bed type changes": _bed_type_changes,
    "somebody comes": _somebody_comes,
    "somebody new comes": _somebody_new_comes,
    "a bed stay changes": _bed_stay_changes,
    "a row vanishes": _row_vanishes,
    "a vanished row returns": _vanished_row_returns,
    "an appointment changes": _appointment_changes,
    "an appointment is elsewhere": _appointment_is_elsewhere,
    "a bill changes": _bill_changes,
    "a payment changes": _payment_changes,
    "a treatment changes": _treatment_changes,
    "patients merge": _patients_merge,
    "a merge is undone": _merge_is_undone,
    "a patient ages": _patient_ages,
    "a patient is described anew": _patient_is_described_anew,
    "a shift changes": _shift_changes,
    "records are attached elsewhere": _records_are_attached_elsewhere,
}
"""What leaves the registers alone: all that is built in parts stays so."""

OF_REGISTERS: dict[str, Happening] = {
    "a bed is closed": _bed_is_closed,
    "a bed moves": _bed_moves,
    "a place is renamed": _place_is_renamed,
    "a ward moves": _ward_moves,
    "a doctor changes": _doctor_changes,
    "a clock changes": _clock_changes,
    "a register loses a row": _register_loses_a_row,
}
"""What may have models built as a whole."""

HAPPENINGS = OF_PATIENTS | OF_REGISTERS


def happen(hospital: LivingHospital, what: str, chance: int) -> None:
    """Let one of HAPPENINGS happen to rows that chance, a number, picks."""
    HAPPENINGS[what](hospital, Random(chance))  # noqa: S311 (a test's own chance)
