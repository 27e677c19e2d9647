"""What can be wrong with a contract or an extract, each in one sentence for a person.

A single row that does not fit is no error: careful.py sets it aside.
"""

from collections.abc import Sequence

from orchestration.errors import UsageError, WardlineError

_SHOWN = 12
_LONGEST_SHOWN = 60


class ContractError(UsageError):
    """An extract contract in the dbt sources is wrong; names the source and table."""


class ExtractRefusedError(WardlineError):
    """A whole batch is refused: its file, what was expected and what was found."""


class AccountingError(WardlineError):
    """A batch's rows do not add up: received = appended + unchanged + malformed."""


def printable(name: str) -> str:
    """A name from outside, fit to stand in a sentence, a terminal and a database.

    What nobody sees, or what is no character at all, is shown by its number.
    """
    return "".join(
        it if it.isprintable() else it.encode("unicode_escape").decode() for it in name
    )


def listed(names: Sequence[str]) -> str:
    """Names from outside for a sentence: no more than a reader takes in."""
    shown = [printable(name[:_LONGEST_SHOWN]) for name in names[:_SHOWN]]
    more = len(names) - _SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
