"""Dirt: the faults of real extracts, planted at known places in small numbers.

Belongs here: how often each fault occurs, and the book of what was planted. A row gets
one fault at most, so that what was planted can be counted again behind the extract.
How a fault is made: faults.py. Extracts that must be refused altogether: poison.py.
"""

from dataclasses import dataclass, field, fields, replace
from functools import partial
from zlib import crc32

import numpy as np

from simulator.chance import Chance
from simulator.faults import FAULTS, Tables
from simulator.layout import LAYOUT, Booleans, Ints
from simulator.tables import Table


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
    double_booked_bed: float = 0.0
    """bed_stays: the bed in which someone of the same branch lies already. Left out
    unless it is asked for: no gate or report looks for it."""

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
    """What was planted: by fault, the rows as "table.key", in file order."""

    keys: dict[str, list[str]] = field(default_factory=dict)


def soil(
    chance: Chance, tables: Tables, dirt: Dirt, *, at_least_one: bool = True
) -> Planted:
    """Plant faults into `tables`, in place, and say which."""
    planted = Planted({f.name: [] for f in fields(dirt)})
    clean: dict[str, Booleans] = {}
    lots: dict[str, Ints] = {}
    for fault in FAULTS:
        share = getattr(dirt, fault.kind)
        if share == 0:
            continue
        table = tables[fault.table]
        if fault.table not in clean:
            clean[fault.table] = np.ones(len(table), dtype=np.bool_)
            # From the key, not the place: a row keeps its fault in later extracts.
            lots[fault.table] = _lots(table)
        eligible = clean[fault.table] & fault.where(tables, table)
        if not eligible.any():
            continue
        drawn = chance.uniform(f"dirt.{fault.kind}.{fault.table}", lots[fault.table])
        drawn[~eligible] = 2.0
        least = float(drawn.min()) if at_least_one else 0.0
        rows = np.flatnonzero(drawn <= max(share, least))
        fault.make(tables, table, rows)
        clean[fault.table][rows] = False
        keys = table.texts(LAYOUT[fault.table][0], rows)
        planted.keys[fault.kind] += [f"{fault.table}.{key}" for key in keys]
    return planted


def _lots(table: Table) -> Ints:
    """The CRC-32 of each key.

    A checksum of texts of one length is linear: that of a key is those of its halves.
    """
    numbers = table.keys()
    lots = np.zeros(len(numbers), dtype=np.int64)
    longest = max(table.digits, len(str(numbers.max(initial=0))))
    for digits in range(table.digits, longest + 1):
        of_length = numbers < 10**digits
        of_length &= (numbers >= 10 ** (digits - 1)) | (digits == table.digits)
        checksums = partial(_checksums, table.prefix, digits)
        high, low = np.divmod(numbers[of_length], 10_000)
        lots[of_length] = (
            checksums(10_000, 10 ** (digits - 4))[high] ^ checksums(1, 10_000)[low]
        ) ^ checksums(1, 1)[0]
    return lots


def _checksums(prefix: str, digits: int, step: int, numbers: int) -> Ints:
    keys = (f"{prefix}{n * step:0{digits}d}" for n in range(numbers))
    return np.array([crc32(key.encode()) for key in keys], dtype=np.int64)
