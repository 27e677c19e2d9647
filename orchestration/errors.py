"""The errors that a person sees: one sentence each, and the exit code they end in.

Faults that nobody foresaw are not here; they end in exit code 3.
"""


class WardlineError(Exception):
    """What was wrong, where, and what to do next, in a sentence."""

    exit_code = 3


class UsageError(WardlineError):
    """The command or a setting was used wrongly."""

    exit_code = 2


class GateFailedError(WardlineError):
    """A gate found something critical; nothing is published."""

    exit_code = 1


class RefreshRunningError(WardlineError):
    """Another refresh holds the warehouse."""
