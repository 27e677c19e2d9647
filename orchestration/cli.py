"""The wardline command: its way in and out. The commands stand in commands/.

Exit codes: 0 done, 1 a gate failed and nothing was published, 2 wrong use, 3 fault.
"""

import sys

from rich.console import Console
from rich.markup import escape

from orchestration.commands import FAULT, app
from orchestration.errors import UsageError, WardlineError
from orchestration.settings import get_settings

complaints = Console(stderr=True, highlight=False)


def main() -> None:
    """Run the command; errors become one sentence and an exit code."""
    is_debugging = "--debug" in sys.argv
    if is_debugging:
        sys.argv.remove("--debug")
    try:
        app()
    except WardlineError as error:
        if is_debugging:
            raise
        complaints.print(f"[bold red]wardline:[/] {_shown(error)}", soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        complaints.print("wardline: interrupted; the published marts are as before.")
        sys.exit(130)
    except OSError as failed:
        if is_debugging or failed.filename is None:
            raise
        complaints.print(
            f"[bold red]wardline:[/] {escape(str(failed.filename))}: "
            f"{failed.strerror}; check the path, and what this user may do there.",
            soft_wrap=True,
        )
        sys.exit(UsageError.exit_code)
    except Exception as fault:
        if is_debugging:
            raise
        complaints.print(
            f"[bold red]wardline:[/] {_shown(fault)} --debug shows more.",
            soft_wrap=True,
        )
        sys.exit(FAULT)


def _shown(error: Exception) -> str:
    """An error's text for a person: no password or value in it, and no markup."""
    from orchestration.passwords import without_secrets
    from orchestration.withheld import sentence

    told = sentence(error)
    try:
        return escape(without_secrets(get_settings(), told))
    except WardlineError:  # the settings themselves are what is wrong
        return escape(told)


if __name__ == "__main__":
    main()
