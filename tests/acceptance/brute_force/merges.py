"""Patients whom the hospital found to be one: all of their records name the one left.

Belongs here: following the register's merges. What is counted by patient does not.
"""

from types import SimpleNamespace as Row

Rows = list[Row]


def unite_merged(tables: dict[str, Rows]) -> None:
    """Leave one row of each person, and let all records name that one, in place.

    The person was first registered when any of the registrations was. Each row gets
    `merge_fault`, the reason why its merge is not followed.
    """
    registered = {it.patient_id: it for it in tables["patients"]}
    persons: dict[str, Rows] = {}
    left: dict[str, str] = {}
    for row in tables["patients"]:
        left[row.patient_id], row.merge_fault = _follow(row, registered)
        persons.setdefault(left[row.patient_id], []).append(row)
    for patient_id, rows in persons.items():
        one = registered[patient_id]
        died = [it.deceased_on for it in rows if it.deceased_on]
        came = [it.registered_on for it in rows if it.registered_on]
        one.deceased_on = one.deceased_on or min(died, default=None)
        one.registered_on = min(came, default=None)
    tables["patients"] = [registered[patient_id] for patient_id in persons]
    for table in ("admissions", "appointments", "bills"):
        for row in tables[table]:
            row.patient_id = left.get(row.patient_id, row.patient_id)


def _follow(row: Row, registered: dict[str, Row]) -> tuple[str, str | None]:
    """The id at the end of the chain, and what is wrong with the row's own merge."""
    chain = [row.patient_id]
    while True:
        into = registered[chain[-1]].merged_into_id
        if into is None or into == chain[-1]:
            return chain[-1], None
        if into in chain:
            return row.patient_id, "merged_in_circle"
        if into not in registered:
            is_own = len(chain) == 1
            return chain[-1], "merged_into_unknown_patient" if is_own else None
        chain.append(into)
