"""What is told and what was decided: `alert` and `history`."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from orchestration.commands.app import FAULT, app, console
from orchestration.errors import UsageError
from orchestration.settings import get_settings


@app.command()
def alert(
    is_test: Annotated[
        bool, typer.Option("--test", help="Send a test message over each channel.")
    ] = False,
) -> None:
    """Show the open alerts, and send what is due."""
    from orchestration.alerts import book, outbox
    from orchestration.alerts.channels import channels, send_in_time
    from orchestration.alerts.message import trial_message
    from orchestration.warehouse import Role, open_warehouse

    settings = get_settings()
    ways = channels(settings)
    if is_test:
        if not ways:
            raise UsageError(
                "No channel is set: WARDLINE_ALERT_SMTP_URL and "
                "WARDLINE_ALERT_EMAIL_TO, or WARDLINE_ALERT_WEBHOOK_URL."
            )
        sent = {
            way.name: send_in_time(way, trial_message(settings.alert_label))
            for way in ways
        }
        for name, (is_delivered, remark) in sent.items():
            _print_attempt(name, is_delivered, remark)
        if not all(is_delivered for is_delivered, _ in sent.values()):
            raise typer.Exit(FAULT)
        return
    with console.status("Starting the warehouse"):
        warehouse = open_warehouse(settings)
        made = outbox.tell(settings)
    with warehouse.connect(Role.TRANSFORMER) as connection:
        opened = book.open_alerts(connection)
    for one in opened:
        console.print(
            f"[bold red]{one.kind}[/] since {one.since:%Y-%m-%d %H:%M}: "
            f"{escape(one.sentence)}",
            soft_wrap=True,
        )
    if not opened:
        console.print("[green]Nothing to tell[/]: no alert is open.")
    elif not ways:
        console.print(
            "[yellow]No channel is set[/], so nobody is told. See .env.example."
        )
    attempts = {(it.channel, it.is_delivered, it.fault) for it in made}
    for name, is_delivered, fault in sorted(attempts, key=str):
        _print_attempt(name, is_delivered, fault)
    if not all(it.is_delivered for it in made):
        raise typer.Exit(FAULT)


@app.command()
def history(
    limit: Annotated[int, typer.Option(min=1, help="How many decisions.")] = 20,
) -> None:
    """Who accepted, published, rolled back and granted what, when and why."""
    from orchestration.decisions import last_decisions
    from orchestration.warehouse import Role, open_warehouse

    with open_warehouse(get_settings()).connect(Role.TRANSFORMER) as connection:
        decisions = last_decisions(connection, limit)
    if not decisions:
        console.print("Nothing has been decided yet.")
        return
    table = Table(title="Decisions", title_justify="left")
    for name in ("no.", "when", "who", "what", "why"):
        table.add_column(name, overflow="fold")
    for it in decisions:
        way = it.details.get("started_by") or f"{it.decided_by}, {it.database_login}"
        if "for" in it.details:
            way += f", for {it.details['for']}"
        table.add_row(
            str(it.decision_id),
            f"{it.decided_at:%Y-%m-%d %H:%M:%S}",
            escape(way),
            escape(f"{it.action.replace('_', ' ')}: {it.subject}"),
            escape(it.reason),
        )
    console.print(table)


def _print_attempt(channel: str, is_delivered: bool, remark: str | None) -> None:
    if is_delivered:
        console.print(f"[green]{channel}[/]: sent. {escape(remark or '')}".rstrip())
    else:
        console.print(f"[red]{channel}[/]: not sent. {escape(remark or '')}")
