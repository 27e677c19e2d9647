"""The record as alerts need it, and the book of alerts and their deliveries.

Only SQL: reading what conditions.py decides on, writing what was raised and told.
"""

from collections.abc import Iterable
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from orchestration.alerts.conditions import Alert, Condition, Finding, Record
from orchestration.alerts.due import Delivery
from orchestration.runs import last_run

_ALERT = (
    "alert_id, raised_at, kind, subject, cause, since, sentence, look, resolves"
    " from ops.alerts as alert"
)
_IS_OPEN = (
    "resolves is null and not exists"
    " (select from ops.alerts as over where over.resolves = alert.alert_id)"
)
# The last word on each subject: what the run that judged it last found last. What is
# critical holds until a complete publication, and what a person starts in part is none.
# A run that is under way has not spoken: beside how the last run ended, half of its
# findings would be taken for that run's.
_FINDINGS = """
with apart as (
    select run_id, bool_and(event = 'started') as is_under_way
    from ops.run_events
    group by run_id having bool_and(event in ('started', 'ended'))
),

last_run as (
    select distinct on (gate, subject, severity) gate, subject, severity, run_id
    from ops.gate_results left join apart using (run_id)
    where apart.run_id is null or (severity = 'warning' and not is_under_way)
    order by gate, subject, severity, gate_result_id desc
),

last_word as (
    select distinct on (gate, subject, expectation) gate_results.*
    from ops.gate_results join last_run using (gate, subject, severity, run_id)
    order by gate, subject, expectation, gate_result_id desc
),

settled as (
    select max(published_at) as settled_at from ops.publications
    where is_complete and restored_publication_id is null
)

select subject, expectation, severity, sentence, judged_at
from last_word cross join settled
where not is_success
    and (severity = 'warning' or judged_at > coalesce(settled_at, '-infinity'))
order by gate_result_id
"""


def read_record(connection: Connection[Any], time_zone: str) -> Record:
    """What the record says at one moment.

    Args:
        connection: of the transformer; of repeatable reads, since a run may end between
            two of the questions.
        time_zone: the hospital's, by which an extract's day has begun or not.
    """
    with connection.transaction():
        with connection.cursor(row_factory=class_row(Finding)) as cursor:
            findings = cursor.execute(_FINDINGS).fetchall()
        extracts = connection.execute(
            "select source_system, table_name, as_of from ops.last_extracts(%s)",
            [time_zone],
        ).fetchall()
        return Record(
            last_run(connection),
            findings,
            {(system, table): as_of for system, table, as_of in extracts},
        )


def open_alerts(connection: Connection[Any]) -> list[Alert]:
    """The alerts that nothing has resolved, the oldest first."""
    with connection.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(
            f"select {_ALERT} where {_IS_OPEN} order by alert_id".encode()
        ).fetchall()


def raise_alerts(connection: Connection[Any], found: Iterable[Condition]) -> None:
    """Open an alert for each condition."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.alerts (kind, subject, cause, since, sentence, look)"
            " values (%s, %s, %s, %s, %s, %s)",
            [
                (it.kind, it.subject, it.cause, it.since, it.sentence, it.look)
                for it in found
            ],
        )


def resolve_alerts(connection: Connection[Any], over: Iterable[Alert]) -> None:
    """Close alerts, each by a row of its own."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.alerts"
            " (kind, subject, cause, since, sentence, look, resolves)"
            " select kind, subject, cause, since, sentence, look, alert_id"
            " from ops.alerts where alert_id = %s",
            [[it.alert_id] for it in over],
        )


def to_tell(connection: Connection[Any]) -> tuple[list[Alert], list[Delivery]]:
    """What may still have to be told: open alerts and ends, with their deliveries."""
    with connection.cursor(row_factory=class_row(Alert)) as cursor:
        alerts = cursor.execute(
            f"select {_ALERT} where ({_IS_OPEN})"
            " or resolves is not null and raised_at > now() - interval '7 days'"
            " order by alert_id".encode()
        ).fetchall()
    concerned = [it.alert_id for it in alerts]
    concerned += [it.resolves for it in alerts if it.resolves is not None]
    with connection.cursor(row_factory=class_row(Delivery)) as delivery_cursor:
        deliveries = delivery_cursor.execute(
            "select alert_id, channel, attempted_at, is_delivered, fault"
            " from ops.alert_deliveries where alert_id = any(%s)"
            " order by alert_delivery_id",
            [concerned],
        ).fetchall()
    return alerts, deliveries


def record_deliveries(
    connection: Connection[Any], deliveries: Iterable[Delivery]
) -> None:
    """Keep what became of each attempt."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.alert_deliveries"
            " (alert_id, channel, attempted_at, is_delivered, fault)"
            " values (%s, %s, %s, %s, %s)",
            [
                (it.alert_id, it.channel, it.attempted_at, it.is_delivered, it.fault)
                for it in deliveries
            ],
        )
