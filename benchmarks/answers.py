"""Whether the plain views give the figures of the marts, where both mean the same.

Belongs here: the comparison, and which figures are compared. The others differ by what
the marts leave out, correct or know, such as rows in quarantine, merged patients and
the hours of a clock change.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Answers = Mapping[str, Rows]
"""The rows by the question that they answer."""
Columns = tuple[str, ...]

ALIKE: Mapping[str, tuple[Columns, Columns]] = {
    "today": (
        ("date_day",),
        ("available_beds", "measured_discharges", "bed_days_discharged", "completed",
         "no_show", "billed_amount", "collected_amount"),
    ),
    "beds_census": (("date_day",), ("occupied_beds_midnight", "available_beds")),
    "beds_by_ward": (("ward_name",), ("bed_days", "available_bed_days")),
    "beds_by_type": (("bed_type",), ("bed_days", "available_bed_days")),
    "beds_by_hour": (("date_day", "weekday", "hour"), ("peak_occupied_beds",)),
    "stay_statistics": (
        ("level", "period_start", "department_name", "admission_type"),
        ("discharges", "same_day_discharges", "long_stays", "total_stay",
         "median_stay", "p90_stay"),
    ),
    "appointments_over_time": (
        ("period_start",),
        ("completed", "no_show", "cancelled_by_patient", "cancelled_by_hospital",
         "scheduled"),
    ),
    "appointments_by_branch": (
        ("branch_name",), ("completed", "no_show", "cancelled", "scheduled"),
    ),
    "doctors_load": (("doctor_key",), ("rostered_hours", "worked_hours")),
    "money_bills": (
        ("level", "period_start"), ("bills", "billed_amount", "collected_amount"),
    ),
    "patients_outcomes": (
        ("level", "month_start", "department_key"),
        ("discharges", "deaths", "index_discharges"),
    ),
}  # fmt: skip
"""Of each question what names a row, and the figures that are compared."""


def disagreeing(marts: Answers, views: Answers) -> list[str]:
    """The questions that marts and views answer with different figures.

    Args:
        marts: their answers.
        views: theirs to the same questions.
    """
    return [
        question
        for question in marts
        if _sums(marts[question], *ALIKE[question])
        != _sums(views[question], *ALIKE[question])
    ]


def _sums(rows: Rows, names: Columns, figures: Columns) -> dict[tuple[Any, ...], Any]:
    """Each figure by what names its rows; what is nothing is left out, as a null is."""
    sums: dict[tuple[Any, ...], Any] = defaultdict(int)
    for row in rows:
        for figure in figures:
            sums[(*(row[name] for name in names), figure)] += row[figure] or 0
    return {key: it for key, it in sums.items() if it}
