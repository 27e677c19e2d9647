"""Five nights of one small hospital that corrects itself, as its HIS wrote them."""

import shutil
from pathlib import Path

from tests.integration.corrected_hospital import Hospital

NIGHTS = [f"2026-03-{day}" for day in (10, 11, 12, 13, 14)]


def write_archive(folder: Path, desk: Path) -> None:
    """Write the extracts of each night into a folder of the night's name.

    Args:
        folder: to write them into.
        desk: an empty folder beside, where each is written first.
    """
    hospital = Hospital(desk)

    def write(night: str) -> None:
        hospital.send(night)
        shutil.move(desk / "his" / night, folder / night)

    hospital.admit("A1", "P1", "2026-03-03")  # still there
    write(NIGHTS[0])
    hospital.admit("A1", "P1", "2026-03-03", "2026-03-11")
    hospital.admit("B1", "P2", "2026-03-11")
    write(NIGHTS[1])
    hospital.admit("A1", "P1", "2026-03-03", "2026-03-09")  # corrected
    hospital.drop("bills", "I4")
    write(NIGHTS[2])
    hospital.drop("admissions", "A5")
    hospital.put("bills", "I6", amount="250.00")
    write(NIGHTS[3])
    hospital.admit("A5", "P5", "2026-03-02", "2026-03-04")  # back again
    hospital.put("patients", "P7", patient_name="Another name")
    write(NIGHTS[4])
