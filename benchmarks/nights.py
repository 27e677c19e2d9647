"""Nights after one length of history: of deltas and of a snapshot, against all anew.

Belongs here: their lines. Which rows change: changes.py, and in the last of them the
simulator.
"""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks.changes import ANY_AGE, Ages, write_night
from benchmarks.history import END, History
from benchmarks.refreshing import Refreshed, refreshed
from benchmarks.table import Line, at_most, percent, seconds, times
from orchestration import dbt
from simulator import Nights, simulate_nights
from tests.nights.deltas import project_for_deltas

SHARES = {"0.1 %": 0.001, "1 %": 0.01}
"""Of the rows, how many change in a night."""
RECENT_DAYS, REACH_DAYS = 90, 365
"""Nine tenths are of the last quarter, the others of the last year."""


def night_lines(history: History, say: Callable[[str], None]) -> list[Line]:
    """A night of each share of changed rows, against the full refresh.

    The first as a snapshot, in which all rows come again; then the project says that
    the hospital sends deltas, is built anew, and each as one. In the last, of a history
    of more than a year, corrections reach back to the first day.
    """
    label, share = next(iter(SHARES.items()))
    say(f"{history.section}: a night with {label} changed, as a snapshot")
    nights = {f"{label} changed, as a snapshot": _snapshot(history, share)}
    project = project_for_deltas(history.home.path)
    settings = history.home.settings
    history.home.settings = settings.model_copy(update={"dbt_project": project})
    dbt.manifest(history.home.settings)
    refreshed(history.home)
    for label, share in SHARES.items():
        say(f"{history.section}: a night with {label} changed")
        nights[f"{label} changed"] = _delta(history, history.changes(share))
    if history.days > REACH_DAYS:
        label, share = next(iter(SHARES.items()))
        say(f"{history.section}: a night with {label} of any age changed")
        of_any_age, _ = _night(history, history.changes(share), ANY_AGE, is_delta=True)
        nights[f"{label} changed, a tenth of it of any age"] = of_any_age
    return [_line(history, what, night) for what, night in nights.items()]


def flat_line(history: History, shortest: History) -> Line:
    """A night with as many changes as one that the shortest history had."""
    changes = max(shortest.deltas)
    before = shortest.deltas[changes]
    night = history.deltas.get(changes) or _delta(history, changes)
    span = shortest.section.split(",")[0]
    return Line(
        f"nights after {history.section}",
        f"{changes:,} rows changed, against as many after {span}",
        times(night.work, before.work),
        seconds(night.work),
        seconds(before.work),
        at_most(1.5),
    )


def simulated_line(history: History, say: Callable[[str], None]) -> Line:
    """The night after the history as the simulator writes it, a delta.

    It has what the other nights leave out: new rows of every table, stays that end,
    patients merged, rows taken back, registers that changed. It follows the history as
    it was simulated, without the changes of the others, so none of them may follow it.

    Raises:
        RuntimeError: none of its rows reached raw.
    """
    say(f"{history.section}: a night as the simulator writes it")
    folder, aside = _next_folder(history), history.home.path / "simulated"
    *_, night = simulate_nights(
        aside,
        Nights(1),
        end=END + timedelta(days=1),
        days=history.days + 1,
        dirt=0,
        **history.hospital,
    )
    night.folder.rename(folder)
    shutil.rmtree(aside)
    measured, rows = _refreshed(history, folder)
    if not rows:
        raise RuntimeError("No row of the simulator's night reached raw.")
    what = f"as the simulator writes it, {rows:,} rows changed or new"
    return _line(history, what, measured)


def _line(history: History, what: str, night: Refreshed) -> Line:
    return Line(
        f"nights after {history.section}",
        f"{what}, against all anew",
        percent(night.work, history.full.work),
        seconds(night.work),
        seconds(history.full.work),
        "below 5 %",
    )


def _snapshot(history: History, share: float) -> Refreshed:
    """The next night's, with all rows; what follows is compared with its files."""
    changes, ages = history.changes(share), _ages(history)
    night, folder = _night(history, changes, ages, is_delta=False)
    shutil.rmtree(history.folder)
    history.folder = folder
    return night


def _delta(history: History, changes: int) -> Refreshed:
    """The next night's, with the changed rows alone."""
    night, _ = _night(history, changes, _ages(history), is_delta=True)
    history.deltas[changes] = night
    return night


def _ages(history: History) -> Ages:
    return Ages(*(min(1, it / history.days) for it in (RECENT_DAYS, REACH_DAYS)))


def _night(
    history: History, changes: int, ages: Ages, *, is_delta: bool
) -> tuple[Refreshed, Path]:
    """Refresh with the next night's files, and say where they are.

    Raises:
        RuntimeError: other rows than the changed ones reached raw.
    """
    folder = _next_folder(history)
    seed = history.number_of_nights
    made = write_night(history.folder, folder, changes, seed, ages, is_delta=is_delta)
    night, appended = _refreshed(history, folder)
    if appended != made:
        raise RuntimeError(f"{made} rows changed, and {appended} reached raw.")
    return night, folder


def _next_folder(history: History) -> Path:
    """Where the files of the day after the last night belong."""
    history.number_of_nights += 1
    day = END + timedelta(days=history.number_of_nights)
    return history.folder.with_name(day.isoformat())


def _refreshed(history: History, folder: Path) -> tuple[Refreshed, int]:
    """A refresh with the night of that folder, and how many of its rows raw took."""
    night = refreshed(history.home)
    [[appended]] = history.home.rows(
        "select sum(rows_appended) from ops.batches"
        f" where as_of::date = '{folder.name}'",
        None,
    )
    return night, int(appended)
