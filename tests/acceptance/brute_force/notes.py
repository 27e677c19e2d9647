"""Notes on somebody where a category belongs: what marts show as "other".

Belongs here: decision 12, said of the rows of an extract. Where a category counts does
not.
"""

import re
from collections.abc import Iterator
from types import SimpleNamespace as Row

Rows = list[Row]
FEW = 10
CATEGORIES = {
    "patients": ("sex", "insurance_type"),
    "appointments": ("reason",),
    "admissions": ("bed_type",),
    "beds": ("bed_type",),
    "doctors": ("specialty",),
    "treatments": ("treatment_type",),
    "bills": ("payer",),
    "payments": ("payment_method",),
}


def withhold_notes(tables: dict[str, Rows]) -> None:
    """Put "other" where few have a text that may tell of a person, in place."""
    names = {
        word
        for it in tables["patients"]
        for word in [*_words(it.patient_name), *_words(it.patient_id)]
        if len(word) >= 3
    }
    whose: dict[str, set[str]] = {}
    for table, row, column in _cells(tables):
        whose.setdefault(getattr(row, column), set()).add(_of_whom(table, row))
    for _, row, column in list(_cells(tables)):
        text = getattr(row, column)
        may_tell = (
            "@" in text
            or len(re.findall("[0-9]", text)) >= 5
            or len(text) > 60
            or not names.isdisjoint(_words(text))
        )
        if may_tell and len(whose[text]) <= FEW:
            setattr(row, column, "other")


def _cells(tables: dict[str, Rows]) -> Iterator[tuple[str, Row, str]]:
    for table, columns in CATEGORIES.items():
        for row in tables[table]:
            for column in columns:
                if getattr(row, column) is not None:
                    yield table, row, column


def _of_whom(table: str, row: Row) -> str:
    if table == "treatments":
        return row.admission_id or row.appointment_id or row.treatment_id
    whose = {"beds": "bed_id", "doctors": "doctor_id", "payments": "bill_id"}
    return getattr(row, whose.get(table, "patient_id"))


def _words(text: str | None) -> list[str]:
    return re.split(r"[\W_]+", (text or "").lower())
