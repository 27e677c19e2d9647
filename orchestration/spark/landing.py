"""Files read by Spark's workers into landing, by the same contracts and the same code.

What asks is the refresh; what has Spark's session is a process of its own,
landing_child, started when a first file is to be read.
"""

import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg import Connection

from orchestration import dbt
from orchestration.errors import WardlineError
from orchestration.extract_sets import Reader, land_here
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.landing_table import Landed
from orchestration.progress import say
from orchestration.settings import Settings
from orchestration.spark.session import require_spark


@contextmanager
def reader_of(settings: Settings) -> Iterator[Reader]:
    """What reads the files of an extract set: this process, or Spark's workers.

    Raises:
        UsageError: the engine is Spark, which is not installed.
    """
    if settings.engine != "spark":
        yield land_here
        return
    require_spark(settings)
    workers = _Workers(settings)
    try:
        yield workers.land
    finally:
        workers.end()


class _Workers:
    """Spark's, as long as files are read."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._child: subprocess.Popen[bytes] | None = None

    def land(
        self,
        connection: Connection[Any],  # noqa: ARG002 (workers have their own)
        files: Sequence[tuple[ExtractContract, Path]],
        siblings: Sequence[ExtractContract],
    ) -> dict[str, Landed | ExtractRefusedError]:
        """As land_here, all files at once.

        Raises:
            WardlineError: Spark cannot.
        """
        if not files:
            return {}
        say(f"Reading {len(files)} files of {files[0][0].source_system} on Spark")
        child = self._started()
        assert child.stdin  # noqa: S101
        assert child.stdout  # noqa: S101
        try:
            pickle.dump((list(files), list(siblings)), child.stdin)
            child.stdin.flush()
            answer = pickle.load(child.stdout)  # noqa: S301 (our own process's)
        except (OSError, EOFError, pickle.UnpicklingError):
            raise WardlineError(
                "The process that reads files on Spark ended before it had read them; "
                "see that the machine has memory for it, and refresh again."
            ) from None
        if isinstance(answer, WardlineError):
            raise answer
        landed: dict[str, Landed | ExtractRefusedError] = answer
        return landed

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            dbt.end_with_this_process()
            self._child = subprocess.Popen(
                [sys.executable, "-m", "orchestration.spark.landing_child"],
                cwd=Path(__file__).parents[2],
                env=dbt.environment(self._settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._child

    def end(self) -> None:
        """Let Spark go."""
        if self._child is not None:
            self._child.communicate()  # that nothing more comes is what ends it
