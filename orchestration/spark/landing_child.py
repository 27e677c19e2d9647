"""Spark's session while files are read: the child of a refresh that landing.py starts.

It reads questions from its input and writes answers to its output, both pickled.
"""

import os
import pickle
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.dbt_child import end_with_parent
from orchestration.errors import WardlineError
from orchestration.extracts.contract import ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.landing_table import Landed
from orchestration.settings import get_settings
from orchestration.spark import errors
from orchestration.spark.reach import Reach, reach_of, spread
from orchestration.spark.session import close_session, open_session
from orchestration.spark.workers import lander
from orchestration.warehouse import Role
from orchestration.withheld import values_withheld

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def main() -> None:
    """Answer until nothing more is asked, and stop at the first fault."""
    end_with_parent()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # What Spark prints is no answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    errors.withhold_values()
    try:
        with values_withheld(), errors.told():
            settings = get_settings()
            reach = reach_of(settings, Role.LOADER)
            session = open_session(settings)
            try:
                while question := _next():
                    pickle.dump(_landed(session, reach, *question), answers)
                    answers.flush()
            finally:
                close_session(settings, session)
    except WardlineError as fault:
        pickle.dump(WardlineError(str(fault)), answers)
        answers.flush()


def _next() -> tuple[list[tuple[ExtractContract, Path]], list[ExtractContract]] | None:
    try:
        return pickle.load(sys.stdin.buffer)  # type: ignore[no-any-return]  # noqa: S301
    except EOFError:
        return None


def _landed(
    session: "SparkSession",
    reach: Reach,
    files: Sequence[tuple[ExtractContract, Path]],
    siblings: Sequence[ExtractContract],
) -> dict[str, Landed | ExtractRefusedError]:
    """What became of each file, by its table; a worker reads one at a time."""
    frame = spread(session, reach, [pickle.dumps((*it, siblings)) for it in files])
    answers = frame.mapInArrow(lander(reach.conninfo), "answer binary").collect()
    found = [pickle.loads(answer) for (answer,) in answers]  # noqa: S301 (workers')
    return dict(found)


if __name__ == "__main__":
    main()
