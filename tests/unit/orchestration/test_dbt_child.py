"""dbt as a child of a refresh: it lives no longer than what started it."""

import os
import subprocess
import sys

from orchestration.dbt_child import PARENT_VARIABLE
from orchestration.settings import REPOSITORY


def start(parent: int) -> subprocess.CompletedProcess[str]:
    """Start dbt, from here, as the child of some process."""
    return subprocess.run(
        [sys.executable, "-m", "orchestration.dbt_child", "--version"],
        cwd=REPOSITORY,
        env=os.environ | {PARENT_VARIABLE: str(parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_with_its_refresh_it_does_what_dbt_does():
    ran = start(os.getpid())
    assert ran.returncode == 0, ran.stderr
    assert "installed" in ran.stdout


def test_it_does_nothing_for_a_refresh_that_was_killed_before_it_began():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    ran = start(gone.pid)
    assert ran.returncode == 1
    assert ran.stdout == ""
