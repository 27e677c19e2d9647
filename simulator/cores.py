"""Work on every core, where there is enough of it.

Belongs here: how work is spread over processes. What comes out is the same whatever the
number of cores.
"""

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE = 200_000
_Given = TypeVar("_Given")
_Made = TypeVar("_Made")


def cores() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def by_blocks(
    work: Callable[[slice], tuple[NDArray[Any], ...]], rows: int
) -> tuple[NDArray[Any], ...]:
    """What `work` makes of each block of so many rows, joined in their order.

    Threads, for numpy lets others run; blocks, for what lies between is then small.
    """
    starts = range(0, max(rows, 1), _ROWS_AT_ONCE)
    blocks = [slice(start, min(start + _ROWS_AT_ONCE, rows)) for start in starts]
    if len(blocks) < 2 or cores() < 2:
        made = [work(block) for block in blocks]
    else:
        with ThreadPoolExecutor(cores()) as threads:
            made = list(threads.map(work, blocks))
    return tuple(np.concatenate(each) for each in zip(*made, strict=True))


def spread(
    work: Callable[[_Given], _Made], pieces: Sequence[_Given], *, is_large: bool
) -> list[_Made]:
    """`work` of each piece, in their order; in processes of their own if it is large.

    Begin with the largest piece. The processes are forks, so that what `work` holds is
    not copied to them.
    """
    workers = min(cores(), len(pieces))
    if not is_large or workers < 2:
        return [work(piece) for piece in pieces]
    global _work  # noqa: PLW0603 - forks find it there, so it needs no pickling
    _work = work
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        made: list[_Made] = list(pool.map(_run, pieces))
    return made


_work: Callable[..., Any]


def _run(piece: Any) -> Any:
    return _work(piece)
