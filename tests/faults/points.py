"""Where a refresh is struck, and with what: every phase at least twice.

A point is a table that the test holds, so that the refresh stops where it needs it, or
a condition that is watched for from outside. The product knows nothing of either.
"""

import os
import signal
from dataclasses import dataclass
from itertools import zip_longest

from orchestration import embedded
from tests.conftest import ROUND, TURN
from tests.faults.stage import Refresh, Stage

_SESSIONS = (
    "from pg_stat_activity where application_name = 'wardline refresh'"
    " and datname = current_database()"
)
HAS_LOCK = (
    "select pid from pg_locks where relation = 'ops.refresh_lock'::regclass"
    " and granted and mode = 'ShareRowExclusiveLock'"
)
# The refresh itself has one session for its lock and one for its work.
ASKS_LANDING = f"select true {_SESSIONS} having count(*) = 3"
ASKS_CANDIDATE = (
    f"select true {_SESSIONS} and query ~ 'candidate' and query !~ 'app.*dbt' limit 1"
)
IS_PUBLISHED = (
    "select true from ops.publications where publication_id >"
    " (select min(publication_id) from ops.publications)"
)


@dataclass(frozen=True)
class Point:
    """A moment in a refresh."""

    phase: str
    table: str | None = None
    mode: str = "share"
    """Of the lock on the table: the statement that it keeps waiting is the point."""
    when: str | None = None
    """A question that has an answer once the point has come, or the lock is due."""

    def __str__(self) -> str:
        return f"{self.phase}: {self.table or 'seen'}"

    def strike(self, stage: Stage, fault: "Fault") -> str:
        """Start a refresh and let it meet a fault here; returns what it was doing."""
        refresh = None
        if self.when:
            refresh = stage.refresh()
            refresh.wait_until(lambda: stage.ask(str(self.when)), str(self))
        if self.table is None:
            fault.befall(stage, refresh or stage.refresh())
            return "seen from outside"
        with stage.locked(self.table, self.mode) as waiting:
            refresh = refresh or stage.refresh()
            statement = refresh.wait_until(waiting, str(self))
            fault.befall(stage, refresh)
        if refresh.process.returncode is None:
            code, printed = refresh.ends()
            assert code == 3, printed
            assert fault.sentence in printed, printed
            assert "Traceback" not in printed, printed
        return str(statement)


@dataclass(frozen=True)
class Fault:
    """What befalls a refresh at a point."""

    point: Point
    sentence = ""
    """What a refresh that lives to tell says of it."""
    is_published = False
    """Whether the refresh had published before it was struck."""

    def __str__(self) -> str:
        return f"{type(self).__name__} at {self.point}"

    def befall(self, stage: Stage, refresh: Refresh) -> None:
        raise NotImplementedError

    def strike(self, stage: Stage) -> str:
        return f"{self}: {self.point.strike(stage, self)}"


@dataclass(frozen=True)
class Kill(Fault):
    """SIGKILL, to the whole process tree or to the parent alone."""

    whole_tree: bool = True

    def __str__(self) -> str:
        return f"Kill {'tree' if self.whole_tree else 'parent'} at {self.point}"

    @property
    def is_published(self) -> bool:  # type: ignore[override]
        return self.point.when == IS_PUBLISHED

    def befall(self, stage: Stage, refresh: Refresh) -> None:  # noqa: ARG002
        refresh.kill(self.whole_tree)


class LostConnection(Fault):
    """The session that does the work is ended."""

    sentence = "Nothing was published"

    def befall(self, stage: Stage, refresh: Refresh) -> None:  # noqa: ARG002
        stage.ask(
            f"select count(pg_terminate_backend(pid)) {_SESSIONS}"
            " and wait_event_type = 'Lock'"
        )


class LostLock(Fault):
    """The session that holds the right to refresh is ended; the others live on."""

    sentence = "The connection that kept other refreshes away was lost"

    def befall(self, stage: Stage, refresh: Refresh) -> None:  # noqa: ARG002
        stage.ask(f"select pg_terminate_backend(({HAS_LOCK}))")


class ServerStop(Fault):
    """`pg_ctl stop -m immediate`: no goodbye, and a recovery at the next start."""

    sentence = "The warehouse cannot be reached"

    def befall(self, stage: Stage, refresh: Refresh) -> None:
        os.kill(stage.postmaster(), signal.SIGQUIT)
        code, printed = refresh.ends()
        assert code == 3, printed
        assert self.sentence in printed, printed
        assert "Traceback" not in printed, printed
        embedded.start(stage.hospital.path)


@dataclass(frozen=True)
class FullDisk(Fault):
    """No file of the warehouse may grow beyond a limit any more."""

    point: Point = Point("any")
    megabytes: float = 0

    sentence = "disk is full"

    def __str__(self) -> str:
        return f"Disk full at {self.megabytes} MB"

    def strike(self, stage: Stage) -> str:
        with stage.quota(int(self.megabytes * 1_000_000)):
            code, printed = stage.refresh().ends()
        assert code == 3, printed
        assert self.sentence in printed, printed
        assert "Traceback" not in printed, printed
        (line,) = [it for it in printed.splitlines() if self.sentence in it][:1]
        return f"{self}: {line}"


def _points(phase: str, mode: str, *tables: str) -> list[Point]:
    return [Point(phase, table, mode) for table in tables]


def _kills(points: list[Point]) -> list[Kill]:
    """By turns of the whole tree and of the parent alone."""
    return [Kill(point, bool(turn % 2)) for turn, point in enumerate(points)]


# Before the models are built; what comes after is the other half of a refresh.
EARLY = _kills([
    *[Point("starting", "ops.bootstrap_lock", "exclusive")] * 2,
    *[Point("run begins", when=HAS_LOCK)] * 2,
    *_points("reading", "access share", "landing.his__branches",
             "landing.his__admissions", "landing.his__payments"),
    *_points("reading", "share", "landing.malformed_rows"),
    *[Point("judging extracts", when=ASKS_LANDING)] * 2,
    *_points("loading", "share", "raw_his.patients", "raw_his.admissions",
             "raw_his.bed_stays", "raw_his.bills", "ops.batches", "ops.files",
             "quarantine.malformed_rows", "ops.gate_results"),
])  # fmt: skip
LATE = _kills([
    *_points("modelling", "share", "staging.stg_his__patients",
             "staging.stg_his__payments", "intermediate.admissions",
             "candidate.dim_date", "candidate.fct_bills"),
    Point("judging marts", "marts.fct_bills", "access exclusive"),
    Point("judging marts", when=ASKS_CANDIDATE),
    Point("judging marts", "ops.gate_results", when=ASKS_CANDIDATE),
    *_points("publishing", "share", "history._publications",
             "marts.bed_occupancy_daily", "history.fct_admissions", "marts.fct_bills",
             "ops.publications", "marts.publication"),
    *[Point("reporting", when=IS_PUBLISHED)] * 2,
])  # fmt: skip
OTHERS: list[Fault] = [
    LostConnection(Point("loading", "raw_his.admissions")),
    LostConnection(Point("modelling", "candidate.dim_date", "access share")),
    LostConnection(Point("publishing", "marts.fct_bills")),
    LostLock(Point("modelling", "candidate.dim_date", "access share")),
    ServerStop(Point("loading", "ops.batches")),
    ServerStop(Point("publishing", "ops.publications")),
    FullDisk(megabytes=2.4),
    FullDisk(megabytes=1.2),
]


def _halves(kills: list[Kill]) -> list[tuple[Kill | None, ...]]:
    """Each with the one that is half the list farther on in a refresh."""
    middle = len(EARLY) // 2
    return list(zip_longest(kills[:middle], kills[middle:]))


# Kept together for the sake of time: after its first fault a run meets the next one,
# farther on; the run after the last one has to complete.
CHAINS = [
    tuple(fault for fault in (*early, other, *late) if fault is not None)
    for early, other, late in zip_longest(_halves(EARLY), OTHERS, _halves(LATE))
]
# All of them, or by .ci/run another third each time that it is this suite's turn.
CHOSEN = CHAINS if TURN is None else CHAINS[TURN // ROUND % 3 :: 3]
