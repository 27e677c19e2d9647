"""One run of the simulated hospital, from an empty house to a written extract.

Belongs here: the order in which the parts are called, and where the files go.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simulator import (
    appointments,
    bed_stays,
    billing,
    building,
    inpatients,
    rosters,
    treatments,
)
from simulator.admissions import plan
from simulator.calendar import DAY, Calendar
from simulator.chance import Chance
from simulator.dirt import Dirt, soil
from simulator.files import write
from simulator.layout import LAYOUT, Table
from simulator.patients import Population

SOURCE_SYSTEM = "his"


@dataclass(frozen=True)
class SimulatedExtract:
    """An extract on disk: its folder, rows by table, and what dirt it holds.

    `rows` counts the lines under the header, malformed ones included. `dirty_rows` are
    the rows of each fault as "table.key", `planted` their number.
    """

    folder: Path
    end: date
    rows: dict[str, int]
    dirty_rows: dict[str, list[str]]

    @property
    def planted(self) -> dict[str, int]:
        """Dirty rows by fault."""
        return {kind: len(keys) for kind, keys in self.dirty_rows.items()}


def simulate(
    out: Path,
    *,
    end: date,
    days: int = 90,
    beds: int = 120,
    branches: int = 1,
    seed: int = 7,
    dirt: Dirt | float = 1.0,
) -> SimulatedExtract:
    """Write `out`/his/`end`/<table>.csv for every table of the layout.

    The extract speaks for `days` days up to the last minute of `end`. `beds` are the
    beds of each branch; wards open empty on the first day, so occupancy climbs for
    about ten days. `dirt` is a Dirt, or a factor of the default one (0: clean). The
    same arguments give the same bytes; one day more of both `days` and `end` gives the
    same hospital a day later.
    Raises ValueError for fewer than 9 beds, or no day or branch, or negative dirt.
    """
    if days < 1:
        raise ValueError(f"an extract needs at least one day, not {days}")
    shares = dirt if isinstance(dirt, Dirt) else Dirt().times(dirt)
    chance, calendar = Chance(seed), Calendar(end, days)
    tables = _tables(chance, calendar, beds=beds, branches=branches)
    planted = soil(chance, tables, shares)
    folder = out / SOURCE_SYSTEM / end.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in LAYOUT.items():
        write(
            folder / f"{name}.csv", tables[name], columns, planted.broken.get(name, ())
        )
    rows = {name: len(tables[name][columns[0]]) for name, columns in LAYOUT.items()}
    return SimulatedExtract(folder, end, rows, planted.keys)


def _tables(
    chance: Chance, calendar: Calendar, *, beds: int, branches: int
) -> dict[str, Table]:
    hospital = building.build(chance, calendar, beds=beds, branches=branches)
    people = Population.around(chance, beds * branches)
    plans = plan(chance, calendar, hospital)
    stays = bed_stays.occupy(chance, calendar, hospital, people, plans)
    booked = appointments.book(chance, calendar, hospital, people)
    people.meet(stays.person, stays.admitted_at // DAY)
    people.meet(booked.person, booked.booked_at // DAY)
    treated = treatments.treat(chance, calendar, hospital, stays, booked)
    bills = billing.bill(chance, calendar, hospital, stays, booked, treated)

    patients = people.labels()
    tables = hospital.tables()
    tables["patients"] = people.table(chance, calendar, patients)
    tables |= inpatients.tables(chance, hospital, plans, stays, patients)
    tables["appointments"] = appointments.table(chance, hospital, booked, patients)
    admission_ids = tables["admissions"]["admission_id"]
    tables["treatments"] = treatments.table(
        hospital, treated, admission_ids, tables["appointments"]["appointment_id"]
    )
    tables["bills"] = billing.bills_table(
        hospital, people, bills, patients, admission_ids, treated.labels()
    )
    tables["payments"] = billing.payments_table(chance, calendar, people, bills)
    tables["doctor_shifts"] = rosters.table(chance, calendar, hospital)
    return tables
