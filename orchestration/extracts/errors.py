"""What can be wrong with a contract or an extract, each in one sentence for a person.

A single row that does not fit is no error: careful.py sets it aside.
"""

from orchestration.errors import UsageError, WardlineError


class ContractError(UsageError):
    """An extract contract in the dbt sources is wrong; names the source and table."""


class ExtractRefusedError(WardlineError):
    """A whole batch is refused: its file, what was expected and what was found."""


class AccountingError(WardlineError):
    """A batch's rows do not add up: received = appended + unchanged + malformed."""
