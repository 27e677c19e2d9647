"""A hospital's own gate thresholds: the file, and what it may speak of.

What thresholds there are, and which value holds where, stands in expectations/.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from expectations import ThresholdError, Thresholds, read_thresholds
from orchestration.errors import UsageError


@dataclass(frozen=True)
class ThresholdFile:
    """The hospital's file of thresholds; it need not be there.

    It is read each time a gate is asked, so that a change holds from the next refresh
    on, in a running Dagster too.
    """

    path: Path
    tables: Collection[str]
    """All source tables, as `system.table`."""
    marts: Collection[str]

    def read(self) -> Thresholds:
        """The thresholds as they stand now.

        Raises:
            UsageError: the file cannot be read, or says something impossible.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return Thresholds()
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"{self.path} cannot be read as a text.") from None
        try:
            return read_thresholds(text, str(self.path), self.tables, self.marts)
        except ThresholdError as wrong:
            raise UsageError(str(wrong)) from None
