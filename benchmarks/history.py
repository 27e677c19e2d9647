"""One length of history in a home of its own: refreshed in full, and by hand.

Belongs here: the lines of one size. Which sizes there are, and what is measured once
for all of them, stands in __main__.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import by_hand
from benchmarks.loading import in_new_process
from benchmarks.refreshing import Refreshed, refreshed
from benchmarks.simulating import simulated
from benchmarks.table import Line, at_most, mebibytes, percent, seconds, times
from orchestration import dbt
from simulator import SimulatedExtract
from tests.conftest import Home

END = date(2025, 12, 31)


@dataclass
class History:
    """A published hospital of so many days."""

    home: Home
    days: int
    hospital: Mapping[str, int]
    """Beds of all branches together, branches, seed."""
    extract: SimulatedExtract
    simulating: float
    """Seconds in which its files were written."""
    simulator_memory: int
    """Bytes that the simulator's process held at its peak."""
    section: str
    manifest: Mapping[str, Any]
    full: Refreshed
    deltas: dict[int, Refreshed] = field(default_factory=dict)
    """Its nights of changed rows alone, by their number of changes."""
    folder: Path = field(init=False)
    """The files of the last night that said everything."""
    number_of_nights: int = 0

    def __post_init__(self) -> None:
        self.folder = self.extract.folder

    @property
    def rows(self) -> int:
        """Of the whole extract."""
        return sum(self.extract.rows.values())

    def changes(self, share: float) -> int:
        """How many rows are such a share of all."""
        return max(1, round(self.rows * share))


def published(
    days: int, hospital: Mapping[str, int], say: Callable[[str], None]
) -> History:
    """Simulate a hospital without faults, and publish all of it for the first time."""
    home = Home()
    span = f"{days / 365:g} years" if days >= 365 else f"{days} days"
    span = span.replace("1 years", "1 year") if days == 365 else span
    say(f"{span}: simulating")
    extract, spent, held = in_new_process(simulated, home.extracts, END, days, hospital)
    rows = sum(extract.rows.values())
    section = f"{span}, {rows:,} rows"
    ran = home.run("init-db")
    if ran.returncode:
        raise RuntimeError(f"The warehouse could not be made: {ran.stderr}")
    dbt.manifest(home.settings)  # as installing Wardline prepares it
    say(f"{section}: refreshing in full")
    full = refreshed(home)
    manifest = by_hand.compiled(home.settings)
    return History(home, days, hospital, extract, spent, held, section, manifest, full)


def by_hand_lines(history: History) -> list[Line]:
    """The full refresh against the script of the same SQL.

    Raises:
        RuntimeError: the script's tables have other numbers of rows.
    """
    full, home = history.full, history.home
    script = by_hand.by_hand(home, history.manifest, history.extract.folder)
    if told := _other_rows(history):
        raise RuntimeError(f"The script made something else: {told}")
    by_hand.clean(home, history.manifest)
    whole = sum(script.values())
    return [
        Line(
            history.section,
            "full refresh, against its SQL run by psql",
            times(full.seconds, whole),
            seconds(full.seconds),
            seconds(whole),
            at_most(1.5),
        ),
        Line(
            history.section,
            "of it the models, against the same SQL",
            times(full.steps["transform"], script["models"]),
            seconds(full.steps["transform"]),
            seconds(script["models"]),
        ),
    ]


def share_lines(history: History) -> list[Line]:
    """Where the seconds of the full refresh are, and what it holds."""
    full, section = history.full, history.section
    starting = full.seconds - full.work
    parts = {
        "start: imports, server, project": (starting, ""),
        "both gates": (full.gates, "below 15 %"),
        "publication": (full.steps["publish"], ""),
    }
    lines = [
        Line(
            section,
            f"of it {what}",
            percent(spent, full.seconds),
            seconds(spent),
            "",
            aim,
        )
        for what, (spent, aim) in parts.items()
    ]
    memory = full.memory
    held = {
        "memory of the refresh's process": memory.refresh,
        "memory of what it starts: dbt, the gates": memory.started,
        "memory of PostgreSQL's largest session": memory.backend,
        "memory of all PostgreSQL's, beside its shared buffers": memory.backends,
    }
    lines += [Line(section, what, "", mebibytes(size)) for what, size in held.items()]
    speed = f"{history.rows / history.simulating:,.0f}"
    lines.append(Line(section, "simulated rows a second", "", speed, "", "1,000,000"))
    held_then = mebibytes(history.simulator_memory)
    lines.append(Line(section, "memory of the simulator", "", held_then))
    for what, size in _disk(history.home).items():
        each = size / history.rows * 1_000_000
        lines.append(
            Line(section, f"disk for a million rows, {what}", "", mebibytes(each))
        )
    return lines


def _other_rows(history: History) -> str:
    """The marts of which the script made another number of rows."""
    counts = " union all ".join(
        f"select '{it['alias']}', (select count(*) from candidate.{it['alias']}),"
        f" (select count(*) from {by_hand.PREFIX}candidate.{it['alias']})"
        for it in by_hand.models_in_order(history.manifest)
        if it["schema"] == "candidate" and it["alias"] != "publication"
    )
    found = history.home.rows(counts, None)
    return ", ".join(f"{mart} {theirs:,} rows, not {ours:,}"
                     for mart, ours, theirs in found if ours != theirs)  # fmt: skip


def _disk(home: Home) -> dict[str, int]:
    """Bytes of raw and of all tables, with their indexes."""
    [[raw, everything]] = home.rows(
        "select sum(pg_total_relation_size(c.oid)) filter (where nspname like 'raw%'),"
        " sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n"
        " on n.oid = relnamespace where relkind in ('r', 'm')"
        " and nspname not in ('pg_catalog', 'information_schema')",
        None,
    )
    return {"raw, kept for ever": int(raw), "all tables": int(everything)}
