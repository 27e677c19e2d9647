"""The command line's frame: the app, its console, exit codes and shared options.

What `wardline` can do stands in the modules beside this one, by theme.
"""

import sys
from typing import Annotated, Literal

import typer
from rich.console import Console

from orchestration.errors import UsageError

app = typer.Typer(
    name="wardline",
    help="A hospital's warehouse: extracts in, checked and published marts out.",
    epilog="With --debug, any command shows the traceback of an error.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)

GATE_FAILED, FAULT = 1, 3

Date = typer.Option(formats=["%Y-%m-%d"], help="The day that extracts speak for.")
Format = Annotated[
    Literal["table", "csv", "excel", "json"],
    typer.Option("--format", help="excel: CSV in which no text is a formula."),
]
Sources = Annotated[
    list[str] | None,
    typer.Option("--source", help="Take in only this source system; may be repeated."),
]
Reason = Annotated[str, typer.Option(help="Why; kept on record.")]
By = Annotated[
    str | None, typer.Option(help="Who decides; default: the login of this machine.")
]


def stated(reason: str) -> str:
    """A reason without the spaces around it.

    Raises:
        UsageError: there is none.
    """
    if not reason.strip():
        raise UsageError("A decision needs its reason in words.")
    return reason.strip()
