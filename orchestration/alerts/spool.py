"""A refresh that failed where the warehouse could not record it: a file in the home.

It is told from here, and moves into the record as soon as the warehouse is back.
"""

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import Connection

from orchestration.alerts import book
from orchestration.alerts.conditions import Alert, Condition, refresh_failed
from orchestration.alerts.due import Delivery
from orchestration.runs import Run, record_end


@dataclass
class Spooled:
    """A failed run on file, and the attempts to tell of it."""

    run: Run
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def condition(self) -> Condition:
        """What somebody has to know of the run."""
        (found,) = refresh_failed(self.run)
        return found

    @property
    def alert(self) -> Alert:
        """The alert that it will be, once it is on record."""
        return Alert(alert_id=0, raised_at=self.run.ended_at, **vars(self.condition))


def joined(failure: Spooled, before: Spooled | None) -> Spooled:
    """A failure, and what was told already of the same cause."""
    if before and before.condition.cause == failure.condition.cause:
        since = before.run.ended_at
        return Spooled(replace(failure.run, ended_at=since), before.deliveries)
    return failure


def read(home: Path) -> Spooled | None:
    """The failure on file, if there is one."""
    try:
        found = json.loads(_file(home).read_text(encoding="utf-8"))
        return Spooled(
            Run(**_with_moment(found["run"], "ended_at")),
            [
                Delivery(**_with_moment(it, "attempted_at"))
                for it in found["deliveries"]
            ],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write(home: Path, failure: Spooled) -> None:
    """Keep a failure on file, readable by its owner alone."""
    home.mkdir(parents=True, exist_ok=True)
    unfinished = _file(home).with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(asdict(failure), default=str), encoding="utf-8")
    unfinished.replace(_file(home))


def move_to_record(connection: Connection[Any], home: Path) -> None:
    """Put the failure on file on record, with its alert, and forget the file."""
    failure = read(home)
    if failure is not None:
        run, found = failure.run, failure.condition
        with connection.transaction():
            record_end(
                connection,
                run.run_id,
                run.outcome,
                run.started_by,
                run.sentences,
                run.ended_at,
            )
            if not _opened(connection, found):
                book.raise_alerts(connection, [found])
            book.record_deliveries(
                connection,
                [
                    replace(it, alert_id=alert.alert_id)
                    for alert in _opened(connection, found)
                    for it in failure.deliveries
                ],
            )
    _file(home).unlink(missing_ok=True)


def _with_moment(found: dict[str, Any], name: str) -> dict[str, Any]:
    return found | {name: datetime.fromisoformat(found[name])}


def _opened(connection: Connection[Any], found: Condition) -> list[Alert]:
    return [
        it
        for it in book.open_alerts(connection)
        if (it.kind, it.subject, it.cause) == (found.kind, found.subject, found.cause)
    ]


def _file(home: Path) -> Path:
    return home / "unrecorded.json"
