"""A hospital of a few patients, written by hand, whose HIS corrects what it said.

Belongs here: its rows and how a night of them is written. What is corrected stands with
the tests.
"""

import csv
import shutil
from pathlib import Path
from typing import Self

from simulator import LAYOUT

Texts = dict[str, str]


class Hospital:
    """What the HIS holds: rows by table and id, to be altered from night to night."""

    def __init__(self, extracts: Path) -> None:
        self.folder = extracts / "his"
        self.tables: dict[str, dict[str, Texts]] = {name: {} for name in LAYOUT}
        self.put("branches", "B", branch_name="North", time_zone="UTC")
        for department in ("MED", "SUR"):
            self.put("departments", department, branch_id="B", department_name="-")
            self.put(
                "wards", f"W-{department}", branch_id="B", department_id=department
            )
        self.put("doctors", "D1", branch_id="B", department_id="MED")
        for number in range(1, 17):
            self.put(
                "patients",
                f"P{number}",
                patient_name=f"Patient {number}",
                birth_date=f"1960-01-{number:02}",
                registered_on="2026-01-01",
            )
            self.admit(f"A{number}", f"P{number}", "2026-03-02", "2026-03-04")
            self.put(
                "appointments",
                f"E{number}",
                patient_id=f"P{number}",
                doctor_id="D1",
                scheduled_at="2026-03-01 09:00:00",
                status="Completed",
            )
            self.put(
                "bills",
                f"I{number}",
                patient_id=f"P{number}",
                admission_id=f"A{number}",
                billed_on="2026-03-05",
                amount="100.00",
            )

    def put(self, table: str, row_id: str, **values: str) -> Self:
        """Add a row, or alter one."""
        key = LAYOUT[table][0]
        self.tables[table].setdefault(row_id, {key: row_id}).update(values)
        return self

    def admit(self, row_id: str, patient_id: str, came: str, left: str = "") -> None:
        """An admission to Medicine, from noon to noon."""
        self.put(
            "admissions",
            row_id,
            patient_id=patient_id,
            branch_id="B",
            department_id="MED",
            doctor_id="D1",
            admission_type="Emergency",
            admitted_at=f"{came} 12:00:00",
            discharged_at=f"{left} 12:00:00" if left else "",
        )

    def drop(self, table: str, row_id: str) -> None:
        """Delete a row without a trace."""
        del self.tables[table][row_id]

    def send(self, *days: str) -> None:
        """Write extracts that say the same, in place of all in the drop folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        for day in days:
            self._write(self.folder / day)

    def _write(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        for table, columns in LAYOUT.items():
            with (folder / f"{table}.csv").open("w", newline="") as file:
                write = csv.DictWriter(file, columns)
                write.writeheader()
                write.writerows(self.tables[table].values())
