"""Trouble: the faults and edges of real extracts that the simulator does not plant.

Belongs here: what is done to the text of one simulated hospital. What a fault means for
a measure stands with the measures.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

Texts = dict[str, str]
Tables = dict[str, list[Texts]]
Alter = Callable[[Texts], None]


class Trouble:
    """Plants each fault in a few rows of the tables, in place."""

    def __init__(self, tables: Tables, end: date, seed: int) -> None:
        self.tables = tables
        self.end = end
        self.chance = Random(seed)  # noqa: S311 (a lot, not a secret)
        self.copies = 0

    def plant(self) -> None:
        """All of it."""
        self.plant_in_registers()
        self.plant_in_stays()
        self.plant_readmissions()
        self.plant_in_bed_stays()
        self.plant_in_care()
        self.plant_in_money()
        self.plant_in_rosters()
        self.plant_merges()
        self.plant_notes()

    def some(self, table: str, number: int, *filled: str) -> list[Texts]:
        """Rows by lot, of those that say something in each of the columns `filled`."""
        rows = [r for r in self.tables[table] if all(r[name] for name in filled)]
        return self.chance.sample(rows, min(number, len(rows)))

    def put(self, table: str, number: int = 3, /, **values: str) -> None:
        """Write the values into some rows: one lot for each column."""
        for column, value in values.items():
            for row in self.some(table, number):
                row[column] = value

    def drop(self, table: str, number: int = 2) -> None:
        """Take rows away that others name."""
        for row in self.some(table, number):
            self.tables[table].remove(row)

    def copy(self, table: str, number: int, **values: str) -> list[Texts]:
        """Say some rows again under another number."""
        key = next(iter(self.tables[table][0]))
        again = []
        for row in self.some(table, number):
            self.copies += 1
            again.append(row | {key: f"{row[key]}+{self.copies}"} | values)
        self.tables[table] += again
        return again

    def day(self, days: int) -> str:
        """A day so many days after the end."""
        return (self.end + timedelta(days=days)).isoformat()

    def plant_in_registers(self) -> None:
        """Places, beds, doctors and patients half known or not at all."""
        self.drop("patients", 40)
        self.put("patients", 20, birth_date="", sex="", registered_on="")
        for years in (18, 40, 65, 80, 90):  # the day before, of and after a birthday
            for days, row in zip((-1, 0, 1), self.some("patients", 3), strict=True):
                row["birth_date"] = _years_before(self.end, years, days)
        self.put("patients", 4, birth_date="2008-02-29", deceased_on=self.day(-20))
        self.drop("departments", 1)
        self.drop("wards", 1)
        self.put("wards", 1, department_id="", ward_name="")
        self.put("beds", 2, is_staffed="false", bed_type="", closed_on=self.day(-9))
        self.put("beds", 2, is_staffed="", opened_on=self.day(-12))
        self.put("beds", 1, opened_on=self.day(5), closed_on=self.day(-30))
        self.put("beds", 1, ward_id="W-unknown")
        self.drop("beds", 1)
        self.drop("doctors", 1)
        self.put("doctors", 2, department_id="", branch_id="")
        self.put("doctors", 1, contracted_hours_per_week="many", doctor_name="")

    def plant_merges(self) -> None:
        """Patients found to be one: in chains, in circles, with nobody, with self."""
        busy = {row["patient_id"] for row in self.some("admissions", 60)}
        rows = [row for row in self.tables["patients"] if row["patient_id"] in busy]
        for one, other in ((0, 1), (1, 2), (3, 2), (4, 5), (6, 7), (7, 6), (8, 7)):
            rows[one]["merged_into_id"] = rows[other]["patient_id"]
        rows[9]["merged_into_id"] = rows[9]["patient_id"]
        rows[10]["merged_into_id"] = "P-unknown"
        rows[11]["merged_into_id"] = rows[10]["patient_id"]
        rows[1]["registered_on"] = rows[3]["deceased_on"] = self.day(-25)

    def plant_in_stays(self) -> None:
        """Stays that end before they begin, in no time, at midnight, or ahead."""
        self.put("admissions", 4, department_id="", doctor_id="", bed_type="")
        self.put("admissions", 4, admission_type="", outcome="Recovered")
        self.put("admissions", 3, outcome="", patient_id="P-unknown")
        self.put("admissions", 2, doctor_id="D-unknown", department_id="unknown")
        self.put("admissions", 1, branch_id="BR-unknown", admitted_at="")
        self.put("admissions", 2, discharged_at="", admission_type="Walk-in")
        for row in self.some("admissions", 4, "discharged_at"):
            row["discharged_at"] = row["admitted_at"]
        for row in self.some("admissions", 4, "discharged_at", "admitted_at"):
            row["admitted_at"] = row["admitted_at"][:10] + " 00:00:00"
            row["discharged_at"] = row["discharged_at"][:10] + " 00:00:00"
        for row in self.some("admissions", 3, "admitted_at"):
            row["discharged_at"] = f"{row['admitted_at'][:10]} 23:59:59"
        for row in self.some("admissions", 3):
            row["discharged_at"] = self.day(2) + " 10:00:00"
        for row in self.some("admissions", 2):
            row["admitted_at"], row["discharged_at"] = self.day(0) + " 23:59:59", ""
        for row in self.some("admissions", 2):
            row["admitted_at"], row["discharged_at"] = self.day(1) + " 08:00:00", ""
        self.put("admissions", 1, admitted_at="1924-02-29 08:00:00")

    def plant_readmissions(self) -> None:
        """Patients who come back at the edges of each convention, and within a stay."""
        for days in (0, 1, 29, 30, 31):
            for row in self.some("admissions", 4, "discharged_at", "admitted_at"):
                left = datetime.fromisoformat(row["discharged_at"])
                came = (left + timedelta(days=days)).replace(hour=23, minute=30)
                if came.date() < self.end:
                    self._admit_again(row, f"{days}", came, came + timedelta(days=1))
        for row in self.some("admissions", 3, "discharged_at", "admitted_at"):
            came = datetime.fromisoformat(row["admitted_at"])
            left = datetime.fromisoformat(row["discharged_at"])
            self._admit_again(row, "at-once", left, left + timedelta(hours=5))
            self._admit_again(row, "within", came + (left - came) / 3, left)

    def _admit_again(
        self, row: Texts, mark: str, came: datetime, left: datetime
    ) -> None:
        again = {
            "admission_id": f"{row['admission_id']}={mark}",
            "admission_type": self.chance.choice(("Emergency", "Scheduled", "")),
            "admitted_at": came.isoformat(" ", "seconds"),
            "discharged_at": left.isoformat(" ", "seconds"),
        }
        self.tables["admissions"].append(row | again)

    def plant_in_bed_stays(self) -> None:
        """Gaps, overlaps, and bed stays that reach beyond their admission."""
        self.drop("bed_stays", 8)
        self.put("bed_stays", 3, bed_id="", ward_id="W-new", admission_id="A-unknown")
        self.put("bed_stays", 2, bed_id="B-unknown", ended_at="")
        for column in ("started_at", "ended_at"):
            for hours in (-30, -2, 2, 30):
                for row in self.some("bed_stays", 3, column):
                    row[column] = _later(row[column], hours)
        for hours, row in enumerate(self.some("bed_stays", 3, "ended_at")):
            row["ended_at"] = _later(row["started_at"], -hours)
        self.copy("bed_stays", 3)
        for row in self.copy("bed_stays", 3, bed_id=""):
            row["started_at"] = _later(row["started_at"], 1)
            row["ended_at"] = _later(row["started_at"], 3)

        for row in self.some("bed_stays", 4):
            row["ward_id"] = self.some("wards", 1)[0]["ward_id"]

    def plant_at(self, moments: tuple[str, ...]) -> None:
        """Stays and bed stays that begin or end at just these moments."""
        for moment in moments:
            for table, begins, ends in (
                ("admissions", "admitted_at", "discharged_at"),
                ("bed_stays", "started_at", "ended_at"),
            ):
                for row in self.some(table, 40, begins, ends):
                    if row[begins] < moment < row[ends]:
                        row[self.chance.choice((begins, ends))] = moment

    def plant_in_care(self) -> None:
        """Appointments and treatments without place, doctor, time or sense."""
        self.put("appointments", 8, branch_id="", department_id="", doctor_id="")
        self.put("appointments", 4, booked_at="", duration_minutes="")
        self.put("appointments", 4, booked_at=self.day(1) + " 09:00:00")
        self.put("appointments", 4, duration_minutes="1441", status="Cancelled")
        self.put("appointments", 4, scheduled_at=self.day(0) + " 23:59:59")
        for row in self.some("appointments", 30, "doctor_id"):
            row["branch_id"] = row["department_id"] = ""
        self.put("treatments", 6, department_id="", doctor_id="", cost="")
        self.put("treatments", 4, department_id="unknown", appointment_id="E-unknown")
        self.put("treatments", 4, treatment_type="", cost="-12.50")
        self.put("treatments", 3, treated_on=self.day(3))
        for row in self.some("treatments", 6, "appointment_id"):
            row["department_id"] = row["doctor_id"] = ""
            row["admission_id"] = self.some("admissions", 1)[0]["admission_id"]

    def plant_in_money(self) -> None:
        """Bills and payments that do not add up, or name nobody."""
        self.put("bills", 6, branch_id="", department_id="", payer="")
        self.put("bills", 3, admission_id="A-unknown", treatment_id="T-unknown")
        self.put("bills", 3, room_amount="", medicine_amount="7.77")
        self.put("bills", 3, patient_id="P-unknown", billed_on=self.day(4))
        self.put("bills", 3, amount="0", billed_on=self.day(-31))
        for days in (-30, -60, -61, -90, -91):
            self.put("bills", 2, billed_on=self.day(days))
        for row in self.some("bills", 8):
            row["branch_id"] = row["department_id"] = ""
        for row in self.some("bills", 8, "treatment_id"):
            row["admission_id"] = self.some("admissions", 1)[0]["admission_id"]
        self.put("payments", 3, bill_id="B-unknown", payment_method="")
        self.put("payments", 8, status="Failed", amount="10.00")
        self.put("payments", 3, amount="99999.99")
        self.put("payments", 3, paid_on=self.day(1))
        self.copy("payments", 8, status="Failed")
        self.copy("payments", 8, amount="5.05", payment_method="Cash")

    def plant_in_rosters(self) -> None:
        """Shifts said twice, of nobody, or of no length."""
        self.copy("doctor_shifts", 3)
        self.copy("doctor_shifts", 3, rostered_hours="4")
        self.put("doctor_shifts", 3, doctor_id="D-unknown", worked_hours="73")
        self.put("doctor_shifts", 5, rostered_hours="", worked_hours="")
        self.put("doctor_shifts", 3, rostered_hours="0", department_id="")

    def plant_notes(self) -> None:
        """Notes on somebody where a category belongs, and a name that many share."""
        [who] = self.some("patients", 1, "patient_name")
        name = who["patient_name"].split()[-1]
        self.put("treatments", 3, treatment_type=f"Dressing, Mrs {name}")
        self.put("admissions", 3, bed_type=f"{name}'s bed")
        self.put("beds", 2, bed_type="call 0171 2345678")
        self.put("appointments", 3, reason=f"as {who['patient_id']} knows")
        self.put("patients", 2, insurance_type="write to x@example.org")
        self.put("bills", 3, payer=who["patient_name"])
        self.put("payments", 3, payment_method=f"cash of {name}")
        self.put("treatments", 60, treatment_type=f"{name}'s procedure")


def _years_before(end: date, years: int, days: int) -> str:
    day = end + timedelta(days=days)
    if (day.month, day.day) == (2, 29):
        day -= timedelta(days=1)
    return day.replace(year=day.year - years).isoformat()


def _later(moment: str, hours: int) -> str:
    if not moment:
        return moment
    later = datetime.fromisoformat(moment) + timedelta(hours=hours)
    return later.isoformat(" ", "seconds")
