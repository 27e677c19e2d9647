"""What a person reads after a command: batches, accounts, gates, publications, figures.

Only printing here; what is printed is counted elsewhere.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from expectations.words import counted
from orchestration import accounting, bookkeeping, runs
from orchestration.bookkeeping import Batch, Night, Publication
from orchestration.extract_sets import LandedSet
from orchestration.refresh import Refresh

_HEADLINES = Path(__file__).with_name("headlines.sql")


def print_refresh(console: Console, connection: Connection[Any], run: Refresh) -> None:
    """Print what a refresh received, judged and published."""
    _print_run(console, connection, run.run_id)
    if run.is_success and print_published(console, connection):
        return
    published = bookkeeping.last_publications(connection, limit=1)
    for sentence in run.held_back:
        _print_judgement(console, "critical", sentence)
    for fault in run.faults:
        _print_fault(console, fault)
    console.print(
        "[bold red]Nothing was published[/]; the published marts are as before"
        + (f", data as of {published[0].as_of:%Y-%m-%d %H:%M}." if published else ".")
    )


def print_published(console: Console, connection: Connection[Any]) -> bool:
    """Print the last publication in a line; returns whether there is one."""
    for latest in bookkeeping.last_publications(connection, limit=1):
        console.print(
            f"[bold green]Published[/] no. {latest.publication_id}: data as of "
            f"{latest.as_of:%Y-%m-%d %H:%M}, "
            f"{counted(latest.rows_changed, 'row')} changed"
            + ("" if latest.is_complete else ", [yellow]incomplete[/]")
        )
        return True
    return False


def print_headlines(
    console: Console, connection: Connection[Any], currency: str
) -> None:
    """Print each source system's figures, from the published marts."""
    cursor = connection.execute(_HEADLINES.read_bytes())
    names = [column.name for column in cursor.description or ()]
    rows = cursor.fetchall()
    table = Table(title="Headline figures", title_justify="left")
    table.add_column("")
    for row in rows:
        table.add_column(str(row[0]), justify="right")
    for index, name in enumerate(names[1:], start=1):
        unit = f" {currency}" if name.endswith("_amount") else ""
        table.add_row(
            name.removesuffix("_amount").replace("_pct", " %").replace("_", " ") + unit,
            *(_figure(row[index]) for row in rows),
        )
    console.print(table)


def print_check(console: Console, found: Sequence[LandedSet]) -> bool:
    """Print what the extract gate would say; returns whether all would pass."""
    stopping = 0
    for one in found:
        verdicts = [it for of_table in one.verdicts.values() for it in of_table]
        told = dict.fromkeys(
            (it.severity, it.sentence) for it in verdicts if not it.success
        )
        faults = sum(verdict.stops for verdict in verdicts)
        rows = sum(landed.rows_landed for landed in one.landed.values())
        malformed = sum(landed.rows_malformed for landed in one.landed.values())
        read = (
            counted(len(one.landed), "table")
            if one.extracts.is_database
            else counted(len(one.extracts.files), "file")
        )
        console.print(
            f"{one.extracts.source_system} in {escape(str(one.extracts.folder))}: "
            f"{read}, {counted(rows, 'row')}, "
            f"{malformed:,} malformed, "
            + (f"[red]{counted(faults, 'fault')}[/]" if faults else "[green]sound[/]")
        )
        if one.extracts.strangers:
            _print_judgement(console, "warning", one.extracts.strangers)
        for severity, sentence in told:
            _print_judgement(console, severity, sentence)
        stopping += faults
    return not stopping


def print_status(console: Console, connection: Connection[Any]) -> None:
    """Print the last publications, and what the last run did."""
    publications = bookkeeping.last_publications(connection)
    if not publications:
        console.print("Nothing has been published yet; run `wardline refresh`.")
    else:
        table = Table(title="Publications", title_justify="left")
        for name in (
            "no.",
            "published at",
            "data as of",
            "rows changed",
            "warnings",
            "",
        ):
            table.add_column(name)
        for one in publications:
            table.add_row(
                str(one.publication_id),
                f"{one.published_at:%Y-%m-%d %H:%M:%S}",
                f"{one.as_of:%Y-%m-%d %H:%M}",
                f"{one.rows_changed:,}",
                str(one.gate_warnings),
                _kind(one),
            )
        console.print(table)
    for begun in runs.open_runs(connection):
        console.print(f"[yellow]{escape(begun.sentence)}[/]", soft_wrap=True)
    if run_id := bookkeeping.last_run(connection):
        console.print(f"Last run {run_id}:")
        _print_run(console, connection, run_id)
        for fault in bookkeeping.faults_of(connection, run_id):
            _print_fault(console, fault)
    waiting = bookkeeping.waiting(connection)
    for batch in waiting:
        console.print(f"[yellow]Waiting[/] {escape(batch.sentence)}", soft_wrap=True)
    if waiting:
        console.print(
            f"{counted(len(waiting), 'rejected batch')} {_wait(len(waiting))} for a "
            "corrected file or a decision: wardline batches --waiting"
        )


def _print_run(console: Console, connection: Connection[Any], run_id: str) -> None:
    night = bookkeeping.night_of(connection, run_id)
    accounts = accounting.of_run(connection, run_id)
    if night.batches:
        quarantined = {
            f"{it.source_system}.{it.table_name}": it.quarantined_rows
            for it in accounts
        }
        _print_batches(console, night.batches, quarantined)
    elif waiting := len(bookkeeping.waiting(connection)):
        console.print(
            f"No new batches; {counted(waiting, 'rejected batch')} of before "
            f"{_wait(waiting)} for a corrected file or a decision: "
            "wardline batches --waiting"
        )
    else:
        console.print("No new batches: every extract was taken in before.")
    for account in (
        accounting.received_sentence(night.batches),
        accounting.current_sentence(accounts),
    ):
        if account:
            console.print(f"Accounted for: {account}", soft_wrap=True)
    _print_judgements(console, night)


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _print_batches(
    console: Console, batches: Sequence[Batch], quarantined: dict[str, int]
) -> None:
    table = Table(title="Batches", title_justify="left")
    table.add_column("batch", overflow="fold")
    for name in ("received", "appended", "unchanged", "malformed", "quarantined"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("as of", no_wrap=True)
    for batch in batches:
        name = f"{batch.source_system}.{batch.table_name}"
        table.add_row(
            name if batch.status == "accepted" else f"[red]{name} (rejected)[/]",
            *(
                "" if count is None else f"{count:,}"
                for count in (
                    batch.rows_received,
                    batch.rows_appended,
                    batch.rows_unchanged,
                    batch.rows_malformed,
                    quarantined.get(name),
                )
            ),
            f"{batch.as_of:%Y-%m-%d}" if batch.as_of else "",
        )
    console.print(table)


def _print_judgements(console: Console, night: Night) -> None:
    for gate, judged in night.expectations.items():
        failed = [one for one in night.failed if one.gate == gate]
        stopping = sum(one.severity == "critical" for one in failed)
        verdict = "[bold red]failed[/]" if stopping else "[green]passed[/]"
        console.print(
            f"{gate.capitalize()} gate {verdict}: {counted(judged, 'expectation')}, "
            f"{counted(stopping, 'critical failure')}, "
            f"{counted(len(failed) - stopping, 'warning')}"
        )
    # What concerns a whole night is found on each of its tables, and said once.
    for severity, sentence in dict.fromkeys(
        (one.severity, one.sentence) for one in night.failed
    ):
        _print_judgement(console, severity, sentence)


def _print_judgement(console: Console, severity: str, sentence: str) -> None:
    colour = "red" if severity == "critical" else "yellow"
    console.print(f"  [{colour}]{severity}[/] {escape(sentence)}", soft_wrap=True)


def _print_fault(console: Console, fault: str) -> None:
    console.print(f"[bold red]Fault:[/] {escape(fault)}", soft_wrap=True)


def _kind(publication: Publication) -> str:
    kind = "complete" if publication.is_complete else "incomplete"
    restored = publication.restored_publication_id
    return kind if restored is None else f"{kind}, rolled back to no. {restored}"


def _figure(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
