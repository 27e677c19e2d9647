"""Dirt: the faults of real extracts, planted at known places in small numbers.

Belongs here: how often each fault occurs, and the book of what was planted. A row gets
one fault at most, so that what was planted can be counted again behind the extract.
How a fault is made: faults.py. Extracts that must be refused altogether: poison.py.
"""

from dataclasses import dataclass, field, fields, replace
from zlib import crc32

import numpy as np

from simulator.chance import Chance
from simulator.faults import FAULTS, Tables
from simulator.layout import LAYOUT, Booleans, Ints


@dataclass(frozen=True)
class Dirt:
    """The share of a table's rows that get each fault.

    Every fault above 0 is planted at least once where there is a row for it.
    """

    malformed_line: float = 0.0003
    """appointments, treatments, payments: a line with a wrong number of fields."""
    impossible_date: float = 0.0005
    """patients.birth_date: 30 February."""
    impossible_moment: float = 0.0003
    """appointments.scheduled_at: the 31st of a 30-day month, at 25:61."""
    text_in_number: float = 0.0005
    """treatments.cost: a letter O for a zero, or words."""
    unknown_status: float = 0.0005
    """appointments.status: a word that is not in the layout."""
    stray_whitespace: float = 0.005
    """patients.patient_name, appointments.status: spaces around the value."""
    missing_optional: float = 0.01
    """patients.insurance_type, appointments.reason, bills.payer: no value."""
    discharge_before_admission: float = 0.001
    """admissions: the two moments exchanged."""
    overlapping_stay: float = 0.001
    """admissions.patient_id: someone who is in the hospital already."""
    admission_after_death: float = 0.001
    """admissions.patient_id: someone who has died before."""
    missing_death_date: float = 0.02
    """patients.deceased_on: no value though the patient died (share of the dead)."""
    orphan_doctor: float = 0.0005
    """appointments.doctor_id: a doctor who is not on the list."""
    orphan_admission: float = 0.0005
    """treatments.admission_id: an admission that is not on the list."""
    appointment_before_registration: float = 0.002
    """patients.registered_on: later than the patient's first appointment."""
    shared_name: float = 0.003
    """patients.patient_name: the name of someone else (chance makes more of them)."""

    def times(self, factor: float) -> "Dirt":
        """All shares multiplied: 0 is a clean extract, 1 what stands above."""
        if factor < 0:
            raise ValueError(f"dirt must not be negative: {factor}")
        shares = {
            f.name: min(getattr(self, f.name) * factor, 0.5) for f in fields(self)
        }
        return replace(self, **shares)


@dataclass
class Planted:
    """What was planted: by fault, the rows as "table.key", in file order.

    `broken` are the row numbers, by table, of the lines to be written malformed.
    """

    keys: dict[str, list[str]] = field(default_factory=dict)
    broken: dict[str, list[int]] = field(default_factory=dict)


def soil(chance: Chance, tables: Tables, dirt: Dirt) -> Planted:
    """Plant faults into `tables`, in place, and say which."""
    planted = Planted({f.name: [] for f in fields(dirt)})
    clean: dict[str, Booleans] = {}
    lots: dict[str, Ints] = {}
    for fault in FAULTS:
        share = getattr(dirt, fault.kind)
        table = tables[fault.table]
        keys = table[LAYOUT[fault.table][0]]
        if fault.table not in clean:
            clean[fault.table] = np.ones(len(keys), dtype=np.bool_)
            # From the key, not the place: a row keeps its fault in later extracts.
            lots[fault.table] = np.array(
                [crc32(k.encode()) for k in keys.tolist()], dtype=np.int64
            )
        eligible = clean[fault.table] & fault.where(tables, table)
        if share == 0 or not eligible.any():
            continue
        drawn = chance.uniform(f"dirt.{fault.kind}.{fault.table}", lots[fault.table])
        drawn[~eligible] = 2.0
        rows = np.flatnonzero(drawn <= max(share, float(drawn.min())))
        fault.make(tables, table, rows)
        clean[fault.table][rows] = False
        planted.keys[fault.kind] += [f"{fault.table}.{key}" for key in keys[rows]]
        if fault.kind == "malformed_line":
            planted.broken[fault.table] = rows.tolist()
    return planted
