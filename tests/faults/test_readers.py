"""Publishing while dashboards read: no error, no waiting, never two nights at once.

Every row that a publication changes carries that publication's number, so whoever sees
two of them in one transaction has seen a torn publication.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from orchestration import changes, dbt
from orchestration.publication import PUBLICATION
from orchestration.rollback import roll_back
from orchestration.warehouse import Role
from tests.faults.stage import Stage
from tests.published import publish_whole

READERS = 8
# In readers and publisher alike: whoever waits longer for a lock fails, and says so.
LOCK_WAIT = "100ms"
SHOWN = (
    "select coalesce(restored_publication_id, publication_id)"
    " from marts.publication order by publication_id desc limit 1"
)


class Nights:
    """Nights that each change half the rows of every mart, published one by one."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.marts = dbt.marts(dbt.manifest(stage.home.settings))
        self.names = [it.name for it in self.marts if it.name != PUBLICATION]
        self.last = stage.ask("select max(publication_id) from ops.publications")

    def mark(self, names: Sequence[str]) -> None:
        """Give candidates a column for the number, and half of the rows a number."""
        with self.stage.connect() as connection:
            for name in names:
                connection.execute(
                    # Vacuum would cut what these updates leave at a table's end, and
                    # keep a publication waiting for it, as no reader has to.
                    f"alter table candidate.{name} add column marker bigint,"
                    " set (vacuum_truncate = off);"
                    f"update candidate.{name} as t set marker = 0"
                    " where hashtext(t::text) % 2 = 0 or ctid = '(0,1)'".encode()
                )

    def publish(self) -> int:
        """Change the marked rows and publish; returns the publication's number."""
        with self.stage.connect() as connection:
            for name in self.names:
                connection.execute(
                    f"update candidate.{name} set marker = {self.last + 1}"
                    " where marker is not null".encode()
                )
            # dbt did not write these rows, so nobody noted what changed.
            connection.execute("delete from changes._kept")
            changes.finish(connection)
        with self.patiently() as connection:
            publish_whole(connection, self.marts)
        self.last += 1
        assert self.stage.ask(SHOWN) == self.last
        return self.last

    def roll_back(self) -> int:
        """Put the previous publication back; returns which one that is."""
        with self.patiently() as connection:
            done = roll_back(connection, to=None, reason="to try it", keep=14)
        self.last += 1
        assert done.publication_id == self.last
        return done.restored_publication_id

    @contextmanager
    def patiently(self) -> Iterator[psycopg.Connection[Any]]:
        with self.stage.connect(Role.TRANSFORMER) as connection:
            connection.execute(f"set lock_timeout = '{LOCK_WAIT}'".encode())
            yield connection


class Readers:
    """Dashboards: transactions over some marts each, and what they complained of."""

    def __init__(self, stage: Stage, names: Sequence[str]) -> None:
        self.stage, self.names = stage, names
        self.complaints: list[str] = []
        self.transactions = 0
        self._is_over = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "Readers":
        for seed in range(READERS):
            self._start(self._read_on, random.Random(seed))  # noqa: S311
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def read_slowly(self, seconds: float, names: Sequence[str]) -> None:
        """One more transaction, which comes back to its marts for so long."""
        held = threading.Event()

        def slow() -> None:
            with self._transaction() as reader:
                expected = reader.execute(SHOWN).fetchone()[0]
                deadline = time.monotonic() + seconds
                while time.monotonic() < deadline:
                    self._compare(reader, expected, names)
                    held.set()
                    time.sleep(0.2)
                self._compare(reader, expected, names)

        self._start(slow)
        assert held.wait(60), self.complaints

    def _read_on(self, chance: random.Random) -> None:
        while not self._is_over.is_set():
            names = chance.sample(
                self.names, min(chance.randint(2, 6), len(self.names))
            )
            with self._transaction() as reader:
                # The stamp by turns first and last: both must be of the same night.
                if chance.random() < 0.5:
                    shown = reader.execute(SHOWN).fetchone()[0]
                    self._compare(reader, shown, names)
                else:
                    found = [self._markers(reader, name) for name in names]
                    shown = reader.execute(SHOWN).fetchone()[0]
                    self._judge(shown, names, found)
            self.transactions += 1
            time.sleep(chance.uniform(0, 0.1))

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[Any]]:
        with self.stage.connect(Role.READER) as reader:
            reader.execute(f"set lock_timeout = '{LOCK_WAIT}'".encode())
            reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            with reader.transaction():
                yield reader

    def _compare(
        self, reader: psycopg.Connection[Any], shown: int, names: Sequence[str]
    ) -> None:
        self._judge(shown, names, [self._markers(reader, name) for name in names])

    def _judge(
        self, shown: int, names: Sequence[str], found: Sequence[set[str]]
    ) -> None:
        for name, markers in zip(names, found, strict=True):
            if not markers <= {str(shown)}:
                self.complaints.append(f"{name} showed {markers} beside {shown}")

    def _markers(self, reader: psycopg.Connection[Any], name: str) -> set[str]:
        # Through JSON, because the mart may not have the column yet.
        found = reader.execute(
            f"select distinct to_jsonb(t) ->> 'marker' from marts.{name} as t".encode()
        )
        return {marker for (marker,) in found if marker is not None}

    def _start(self, work: Callable[..., None], *arguments: Any) -> None:
        def watched() -> None:
            try:
                work(*arguments)
            except psycopg.Error as refused:
                self.complaints.append(f"{type(refused).__name__}: {refused}")

        thread = threading.Thread(target=watched)
        thread.start()
        self._threads.append(thread)


@pytest.fixture
def nights(stage: Stage) -> Nights:
    return Nights(stage)


@pytest.mark.parametrize(
    ("publications", "slow_seconds"),
    [(4, 5), pytest.param(20, 60, marks=pytest.mark.long)],
)
def test_readers_see_one_publication_each_and_nobody_waits(
    nights: Nights,
    publications: int,
    slow_seconds: float,
    record_property: Callable[[str, int], None],
):
    stage = nights.stage
    nights.mark(nights.names)
    nights.publish()
    unmarked = untouched_rows(stage, nights.names)
    with Readers(stage, nights.names) as readers:
        readers.read_slowly(slow_seconds, nights.names)
        pause = slow_seconds / publications / 2
        for _ in range(publications):
            nights.publish()
            time.sleep(pause)
        shown = nights.roll_back()
        time.sleep(1)
    assert readers.complaints == []
    record_property("publications under readers", publications)
    record_property("readers' transactions", readers.transactions)
    record_property(
        "readers' transactions torn, refused or kept waiting", len(readers.complaints)
    )
    assert readers.transactions > READERS
    assert untouched_rows(stage, nights.names) == unmarked
    assert stage.ask(SHOWN) == shown


def test_a_mart_grows_under_readers_as_soon_as_the_slow_one_is_done(nights: Nights):
    growing = nights.names = ["fct_bills", "dim_ward"]
    nights.mark(growing)
    with nights.stage.connect() as connection:
        connection.execute(
            b"create schema analysts;"
            b"create view analysts.bills as select * from marts.fct_bills"
        )
    with Readers(nights.stage, growing) as readers:
        readers.read_slowly(3, growing)
        nights.publish()
        nights.publish()
    assert readers.complaints == []
    assert readers.transactions > READERS
    assert nights.stage.ask("select count(*) from analysts.bills") == nights.stage.ask(
        "select count(*) from marts.fct_bills"
    )


def untouched_rows(stage: Stage, names: Sequence[str]) -> dict[str, Any]:
    """Rows that no night changes, with their places and their writers."""
    return {
        name: stage.ask(
            "select md5(string_agg(row(ctid, xmin, t)::text, '' order by ctid))"
            f" from marts.{name} as t where marker is null"
        )
        for name in names
    }
