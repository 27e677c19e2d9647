"""Asks the gates' questions of a process of their own, which Great Expectations is in.

It takes seconds to import, and does so there while this process does other work. What
that process does stands in child.py, how a suite is run in running.py.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from expectations.checks import Suite
from expectations.verdicts import Verdict

_lock = threading.Lock()
_started: list[subprocess.Popen[bytes]] = []


def run_suites(
    url: str,
    suites: Sequence[tuple[str, str, Suite]],
    data_docs_dir: Path | None = None,
) -> list[Verdict]:
    """Runs each suite on its table and returns all verdicts, in the suites' order.

    `url` is any PostgreSQL URL, also of a unix socket; `suites` are (schema, table,
    suite). Where `data_docs_dir` is given, the run's Data Docs are written into it,
    `index.html` first. A table that is not there, or a check that cannot be made, is a
    failing verdict. Raises ConnectionError when the server cannot be reached, and
    ChildProcessError when the process that asks was killed.
    """
    if not suites:
        return []
    with _lock:
        answer = _ask(_process(), (url, list(suites), data_docs_dir))
    if isinstance(answer, Exception):
        raise answer
    return answer


def preload() -> None:
    """Begins to load Great Expectations beside other work; it takes seconds."""
    with _lock:
        _process()


def _process() -> subprocess.Popen[bytes]:
    """The process that asks, started if it is not there; it ends with this one."""
    if not _started:
        _started.append(
            subprocess.Popen(
                [sys.executable, "-m", "expectations.child"],
                cwd=Path(__file__).parents[1],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What ends this process from the keyboard is not for that one to tell.
                start_new_session=True,
            )
        )
    return _started[0]


def _ask(
    process: subprocess.Popen[bytes], question: object
) -> list[Verdict] | Exception:
    assert process.stdin  # noqa: S101
    assert process.stdout  # noqa: S101
    try:
        pickle.dump(question, process.stdin)
        process.stdin.flush()
        answer: list[Verdict] | Exception = pickle.load(process.stdout)  # noqa: S301
    except (OSError, EOFError, pickle.UnpicklingError):
        _started.clear()
        process.kill()
        raise ChildProcessError(
            "The process that asks the gates' questions ended before it answered "
            f"(exit code {process.wait()}); it may have been killed, for want of "
            "memory perhaps"
        ) from None
    except BaseException:
        # Interrupted while it waits: the answer would be taken for the next one's.
        _started.clear()
        process.kill()
        process.wait()
        raise
    return answer
