"""The process in which Great Expectations is: it answers asking.py until that ends.

Belongs here: waiting, answering, ending. `python -m expectations.child` reads questions
from its input and writes answers to its output, both pickled.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import threading
from importlib import import_module
from queue import SimpleQueue
from typing import Any


def main() -> None:
    """Answer one question after the other."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever is printed must not be taken for an answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    questions: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(questions,), daemon=True).start()
    # As good as nothing of what is loaded is let go of again.
    gc.set_threshold(100_000, 50, 100)
    # It and pandas would load them if they are installed, for what is not asked here.
    sys.modules |= dict.fromkeys(("boto3", "pyarrow", "pyspark"))  # type: ignore[arg-type]
    import_module("great_expectations")

    from expectations.running import run

    while True:
        question = questions.get()
        try:
            answer: Any = pickle.dumps(run(*question))
        except Exception as failed:
            answer = _told(failed)
        answers.write(answer)
        answers.flush()


def _listen(questions: SimpleQueue[Any]) -> None:
    """Take questions in; whoever asked has ended when there can be no more."""
    try:
        while True:
            questions.put(pickle.load(sys.stdin.buffer))  # noqa: S301
    except (EOFError, OSError):
        os._exit(0)


def _told(failed: Exception) -> bytes:
    try:
        told = pickle.dumps(failed)
        pickle.loads(told)  # noqa: S301
    except Exception:
        return pickle.dumps(RuntimeError(f"The gate failed: {type(failed).__name__}."))
    return told


if __name__ == "__main__":
    main()
