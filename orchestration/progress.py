"""Words for what is being done, from deep inside a run to whoever watches it.

The command line listens; a run from Dagster's UI has its own log.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_listeners: list[Callable[[str], None]] = []


def say(what: str) -> None:
    """Tell whoever listens what is being done now."""
    for listener in _listeners:
        listener(what)


@contextmanager
def heard_by(listener: Callable[[str], None]) -> Iterator[None]:
    """Let a listener hear all that is said meanwhile, in this process."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
