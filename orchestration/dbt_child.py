"""dbt as the child of a refresh: ends when the refresh does, and tells no value.

Started by defs/transformation.py in dbt's place. Left alone by a killed refresh, dbt
would go on writing to the candidate while the next refresh makes it anew.
"""

import gc
import os
import threading
import time

PARENT_VARIABLE = "WARDLINE_REFRESH_PROCESS"
"""In the environment: the process that starts dbt and that it ends with."""
_LOOK_SECONDS = 0.1


def main() -> None:
    """Run dbt in place of this process's own command."""
    end_with_parent()
    run_dbt()


def end_with_parent() -> None:
    """End this process as soon as the refresh that started it has ended."""
    # Told and not asked for: the refresh may have been killed before this line.
    parent = int(os.environ[PARENT_VARIABLE])
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def run_dbt() -> None:
    """Run dbt's own command with this process's arguments; ends by SystemExit."""
    # What dbt knows of a project stays until its end: looking through it for rubbish
    # again and again is a sixth of its work, for a tenth of its memory.
    gc.set_threshold(100_000, 50, 100)
    from dbt.cli.main import cli

    from orchestration.dbt_errors import withhold_values

    withhold_values()
    cli()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:  # an orphan gets another parent
        time.sleep(_LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
