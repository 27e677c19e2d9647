"""Every personal value of an extract, looked for in every column of the marts.

An attacker's eyes: whole values, words within values, dates in any usual form.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests.conftest import Home

# Of the table of patients: whatever says who somebody is.
OF_PATIENTS = {
    "patient_id", "patient_name", "first_name", "last_name", "phone", "contact_number",
    "email", "address", "insurance_number", "birth_date", "date_of_birth",
}  # fmt: skip
# Of any table: the hospital's own number of something that hangs on one patient.
OF_CARE = {
    "patient_id", "admission_id", "appointment_id", "treatment_id", "procedure_id",
    "bill_id", "payment_id", "bed_stay_id", "outcome_id",
}  # fmt: skip
# Places and staff are shown by their readable keys and names.
# So is every day of the calendar.
SHOWN = re.compile(
    r"(branch|department|ward|bed|doctor)_(key|name)|source_system"
    r"|date_day|hour_starts_at|(month|quarter)_start"
)
PSEUDONYM = re.compile(r"[0-9a-f]{32}")
DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)|(\d\d?)-(\d\d?)-(\d{4})")
AGE_BANDS = {"0-17", "18-39", "40-64", "65-79", "80-89", "90 and over"}
LONGEST_NAME = 6  # words


def words(text: str) -> str:
    """The words of a text, in small letters, one blank between."""
    return " ".join(re.findall(r"\w+", text.lower().replace("_", " ")))


def as_date(text: str) -> date | None:
    """A date as extracts write it; None where it is none."""
    if not (found := DATE.match(text)):
        return None
    year, month, day, other_day, other_month, other_year = found.groups()
    try:
        return date(
            int(year or other_year), int(month or other_month), int(day or other_day)
        )
    except ValueError:
        return None


def personal_values(folder: Path) -> tuple[set[str], set[date]]:
    """All personal values below a folder of CSV files, as words; dates of birth."""
    values: set[str] = set()
    births: set[date] = set()
    for file in folder.rglob("*.csv"):
        with file.open(newline="", encoding="utf-8-sig") as stream:
            for row in csv.DictReader(stream):
                of_patients = file.stem == "patients"
                for column in OF_CARE | (OF_PATIENTS if of_patients else set()):
                    text = row.get(column) or ""
                    if "birth" in column and (born := as_date(text)):
                        births.add(born)
                        values |= {
                            words(f"{born:{form}}")
                            for form in ("%Y-%m-%d", "%d-%m-%Y", "%m-%d-%Y", "%Y%m%d",
                                         "%d%m%Y", "%d %B %Y", "%d %b %Y")
                        }  # fmt: skip
                    elif text:
                        values.add(words(text))
    # A number of one to three digits is a count as well.
    return {it for it in values if it and not re.fullmatch(r"\d{1,3}|\w", it)}, births


def parts(text: str) -> Iterator[str]:
    """A text's words, and every run of them that may be a name, a number or a date."""
    split = words(text).split()
    for start in range(len(split)):
        for end in range(start + 1, min(start + LONGEST_NAME, len(split)) + 1):
            yield " ".join(split[start:end])


def personal_values_in_marts(home: Home, folder: Path) -> list[tuple[str, str]]:
    """(mart.column, value) of everything personal that is published."""
    personal, births = personal_values(folder)
    assert personal, f"no personal value in {folder}"
    columns = home.rows(
        "select table_name, column_name, data_type from information_schema.columns"
        " where table_schema = 'marts' order by 1, 2"
    )
    assert columns
    found = []
    for mart, column, data_type in columns:
        is_date = data_type in ("date", "timestamp without time zone")
        if not (is_date or data_type == "text") or SHOWN.fullmatch(column):
            continue
        shown = f"{column}::date" if is_date else column
        values = [
            value
            for (value,) in home.rows(
                f"select distinct {shown} from marts.{mart} where {column} is not null"
            )
        ]
        where = f"{mart}.{column}"
        if is_date:
            # Who was born lately was also admitted lately, so only older dates tell.
            if values:
                tell = {it for it in births if (max(values) - it).days > 3650}
                found += [(where, str(it)) for it in values if it in tell]
        elif column == "age_band":
            found += [(where, it) for it in values if it not in AGE_BANDS]
        else:
            found += [
                (where, value)
                for value in values
                if not PSEUDONYM.fullmatch(value)
                and any(part in personal for part in parts(value))
            ]
    return found
