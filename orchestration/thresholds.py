"""A hospital's own gate thresholds: the file, what it may speak of, what is recorded.

What thresholds there are, and which value holds where, stands in expectations/.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg import Connection

from expectations import ThresholdError, Thresholds, read_thresholds
from orchestration.decisions import record_decision
from orchestration.errors import UsageError
from orchestration.runs import who_started
from orchestration.warehouse import Role, Warehouse


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

    def read_for(self, warehouse: Warehouse, run_id: str) -> Thresholds:
        """The same for a gate, once it is on record what they are.

        Args:
            warehouse: whose refresh lock the run holds.
            run_id: of the run that asks the gate.

        Raises:
            UsageError: the file cannot be read, or says something impossible.
        """
        thresholds = self.read()
        with warehouse.connect(Role.TRANSFORMER) as connection:
            _record(connection, str(self.path), thresholds, run_id)
        return thresholds


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What was changed from one file's content to another's; empty if nothing was."""
    old, new = _by_name(before), _by_name(now)
    return "; ".join(
        f"{name}: {_shown(new.get(name))}, before {_shown(old.get(name))}"
        for name in sorted(old | new)
        if old.get(name) != new.get(name)
    )


def _record(
    connection: Connection[Any], where: str, thresholds: Thresholds, run_id: str
) -> None:
    """Record what the hospital has set, unless that is what was recorded last."""
    recorded = connection.execute(
        "select details -> 'thresholds' from ops.decisions"
        " where action = 'set_thresholds' order by decision_id desc limit 1"
    ).fetchone()
    now = {**thresholds.everywhere, **thresholds.own}
    if changed := differences(recorded[0] if recorded else {}, now):
        record_decision(
            connection,
            action="set_thresholds",
            subject=where,
            reason=changed,
            details={
                "thresholds": now,
                "run_id": run_id,
                "started_by": who_started(connection, run_id),
            },
        )


def _by_name(found: Mapping[str, Any]) -> dict[str, float]:
    limits: dict[str, float] = {}
    for name, value in found.items():
        if isinstance(value, Mapping):
            limits |= {f"{limit} of {name}": it for limit, it in value.items()}
        else:
            limits[name] = value
    return limits


def _shown(value: float | None) -> str:
    return "not set" if value is None else f"{value:g}"
