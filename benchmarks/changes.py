"""The next night's extract of a hospital: its files with some rows changed.

Belongs here: which rows change, and how; all rows are written, or those alone. Pure but
for the files that it reads and writes; the same arguments give the same bytes. Most
changes are to recent rows, as in a hospital.
"""

import csv
import random
import shutil
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path

from simulator import REGISTERS

_RECENT_CHANGES = 0.9
Row = dict[str, str]


@dataclass(frozen=True)
class Ages:
    """How old the rows are that change: shares of all rows, counted from the last.

    Nine tenths of the changes are of the last `recent`, the others of the last `reach`.
    """

    recent: float = 0.1
    reach: float = 1.0


ANY_AGE = Ages()
"""Most of the last tenth, the others of all rows."""


def write_night(
    before: Path,
    after: Path,
    changes: int,
    seed: int = 7,
    ages: Ages = ANY_AGE,
    *,
    is_delta: bool = False,
) -> int:
    """Write the files of a night that follows another one.

    Args:
        before: the folder of a night before, of layout `his` without faults.
        after: the folder to write.
        changes: rows to change, over the tables that change, by their size.
        seed: of the choice.
        ages: of the rows.
        is_delta: whether to write the changed rows alone, beside whole registers.

    Returns:
        How many rows differ: as many as asked for, or a few less where too few can
        change, and the last bed stays of the discharges that moved.
    """
    after.mkdir(parents=True)
    rows = {name: _count(before / f"{name}.csv") for name in CHANGES}
    made, moved = 0, dict[str, str]()
    for file in sorted(before.glob("*.csv")):
        name, target = file.stem, after / file.name
        if name == "bed_stays":
            continue
        if name not in CHANGES:
            if is_delta and name not in REGISTERS:
                target.write_text(_header(file))
            else:
                shutil.copyfile(file, target)
            continue
        share = round(changes * rows[name] / sum(rows.values()))
        dice = random.Random(f"{seed} {name}")  # noqa: S311
        picked = _pick(rows[name], share, ages, dice)
        is_picked = partial(_is_among, picked)
        made += _rewrite(file, target, is_picked, CHANGES[name], moved, is_delta)
    last_bed, is_of_moved = _with_its_admission(moved), partial(_is_of, moved)
    stays = before / "bed_stays.csv"
    return made + _rewrite(
        stays, after / stays.name, is_of_moved, last_bed, {}, is_delta
    )


def _discharged_earlier(row: Row) -> Row:
    """Whoever stayed some hours left one earlier."""
    if row["discharged_at"]:
        left = datetime.fromisoformat(row["discharged_at"]) - timedelta(hours=1)
        if left - datetime.fromisoformat(row["admitted_at"]) > timedelta(days=1):
            return row | {"discharged_at": left.isoformat(" ")}
    return row | {"admission_type": _other(row["admission_type"])}


def _with_its_admission(moved: dict[str, str]) -> Callable[[Row], Row]:
    """A bed stay ends with its admission, whose discharge was moved an hour."""

    def change(row: Row) -> Row:
        ends = moved.get(row["admission_id"])
        if not ends or not row["ended_at"] or row["started_at"] >= ends:
            return row
        before = datetime.fromisoformat(ends) + timedelta(hours=1)
        if datetime.fromisoformat(row["ended_at"]) != before:
            return row
        return row | {"ended_at": ends}

    return change


def _other(admission_type: str) -> str:
    return "Scheduled" if admission_type == "Emergency" else "Emergency"


CHANGES: dict[str, Callable[[Row], Row]] = {
    "admissions": _discharged_earlier,
    "appointments": lambda row: row | {
        "status": "Completed" if row["status"] != "Completed" else "No-show"
    },
    "treatments": lambda row: row | {"cost": f"{float(row['cost']) + 1:.2f}"},
    "bills": lambda row: row | {"amount": f"{float(row['amount']) + 1:.2f}"},
    "payments": lambda row: row | {
        "status": "Failed" if row["status"] == "Paid" else "Paid"
    },
}  # fmt: skip
"""How a row of a table changes."""


def _pick(rows: int, number: int, ages: Ages, dice: random.Random) -> set[int]:
    """Numbers of rows, counted from 0: most of them among the last."""
    recent, reach = (
        range(int(rows * (1 - share)), rows) for share in (ages.recent, ages.reach)
    )
    picked = set(dice.sample(recent, min(int(number * _RECENT_CHANGES), len(recent))))
    while len(picked) < min(number, len(reach)):
        picked.add(dice.choice(reach))
    return picked


def _is_among(picked: Container[int], number: int, _: str) -> bool:
    return number in picked


def _is_of(admissions: Container[str], _: int, bed_stay: str) -> bool:
    return bed_stay.split(",", 2)[1] in admissions


def _rewrite(
    file: Path,
    target: Path,
    is_picked: Callable[[int, str], bool],
    change: Callable[[Row], Row],
    moved: dict[str, str],
    is_delta: bool,
) -> int:
    """Copy a file with the picked rows changed, or those alone; how many differ."""
    made = 0
    with file.open(newline="") as lines, target.open("w", newline="") as out:
        header = next(lines)
        out.write(header)
        names = header.strip().split(",")
        for number, line in enumerate(lines):
            if not is_picked(number, line):
                if not is_delta:
                    out.write(line)
                continue
            row = dict(zip(names, next(csv.reader([line])), strict=True))
            changed = change(row)
            if changed == row:
                if not is_delta:
                    out.write(line)
                continue
            made += 1
            out.write(_written(changed))
            if changed.get("discharged_at") != row.get("discharged_at"):
                moved[row["admission_id"]] = changed["discharged_at"]
    return made


def _written(row: Row) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerow(row.values())
    return text.getvalue()


def _count(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines) - 1


def _header(file: Path) -> str:
    with file.open() as lines:
        return lines.readline()
