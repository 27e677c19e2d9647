"""One refresh in a home, measured: seconds of each part, and memory.

Belongs here: running it as a person would, and reading what Dagster and the progress
say of it. What it is held against stands in the modules beside this one.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter

from benchmarks.memory import Peaks, watched
from orchestration.refresh import instance
from orchestration.settings import REPOSITORY
from tests.conftest import Home


@dataclass(frozen=True)
class Refreshed:
    """What a refresh took, in seconds and bytes."""

    seconds: float
    steps: dict[str, float]
    """By Dagster's step: raw_<system>, transform, mart_gate, publish."""
    extract_gate: float
    memory: Peaks

    @property
    def gates(self) -> float:
        """Seconds in which something was judged."""
        return self.extract_gate + self.steps["mart_gate"]

    @property
    def work(self) -> float:
        """Seconds of all steps: what is left without the start."""
        return sum(self.steps.values())


def refreshed(home: Home, *arguments: str, **environment: str) -> Refreshed:
    """Refresh a home by the command, and measure it.

    Args:
        home: which is refreshed.
        arguments: of the command, as `--full`.
        environment: settings beside the home's own.

    Raises:
        RuntimeError: it did not publish; with what it printed.
    """
    notes = home.path / "heard.json"
    command = [
        *("/usr/bin/env", f"WARDLINE_HOME={home.path}"),
        f"WARDLINE_DBT_PROJECT={home.settings.dbt_project}",
        "WARDLINE_EXTRACTS_QUIET_SECONDS=0",  # simulated just now, and complete
        *(f"{name}={value}" for name, value in environment.items()),
        sys.executable,
    ]
    start = perf_counter()
    with subprocess.Popen(
        [*command, "-m", "benchmarks.heard", str(notes), "refresh", *arguments],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        with watched(process.pid, home.path) as memory:
            printed, _ = process.communicate()
        spent = perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"The refresh did not publish: {printed.strip()}")
    heard = json.loads(notes.read_text())
    return Refreshed(spent, _steps(home), _judging(heard), memory)


def _steps(home: Home) -> dict[str, float]:
    """The seconds of the last run's steps, from Dagster's log of events."""
    with instance(home.settings) as kept:
        [run] = kept.get_runs(limit=1)
        return {
            it.step_key: it.end_time - it.start_time
            for it in kept.get_run_step_stats(run.run_id)
            if it.start_time and it.end_time
        }


def _judging(heard: list[tuple[float, str]]) -> float:
    """The seconds between each beginning of the extract gate and what came next."""
    return sum(
        after - before
        for (before, what), (after, _) in pairwise(heard)
        if what.startswith("Judging the extracts")
    )
