"""One expression on both engines: rendered by dbt for each, evaluated, and compared.

Which expressions, over which values: cases.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from dbt.cli.main import dbtRunner

from orchestration.settings import REPOSITORY

BORDER = "-- expression "


@dataclass(frozen=True)
class Case:
    """What is asked of each row, or of each group of rows by their first column."""

    expression: str
    types: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_aggregate: bool = False

    @property
    def template(self) -> str:
        """Jinja of a query of (row's number or group, value); columns are a and b."""
        values = ", ".join(
            f"({number}, {self._values(row)})" for number, row in enumerate(self.rows)
        )
        given = f"(values {values}) as given (n, {', '.join('ab'[: len(self.types)])})"
        if self.is_aggregate:
            return f"select a, {self.expression} from {given} group by a"
        return f"select n, {self.expression} from {given}"

    def _values(self, row: tuple[Any, ...]) -> str:
        return ", ".join(
            f"cast({_literal(value)} as {{{{ type_named('{kind}') }}}})"
            for kind, value in zip(self.types, row, strict=True)
        )


def _literal(value: str | None) -> str:
    """Jinja by which dbt writes a value as SQL of either engine."""
    if value is None:
        return "null"
    escaped = "".join(f"\\U{ord(letter):08x}" for letter in value)
    return f'{{{{ literal("{escaped}") }}}}'


def rendered(
    target: str, profiles: Path, folder: Path, templates: list[str]
) -> list[str]:
    """The SQL that dbt makes of templates for a target; no database is asked."""
    options = {
        "--inline": "".join(f"\n{BORDER}\n{it}" for it in templates),
        "--target": target,
        "--project-dir": REPOSITORY / "dbt_project",
        "--profiles-dir": profiles,
        "--target-path": folder / target,
        "--log-path": folder / target,
    }
    done = dbtRunner().invoke(
        ["--quiet", "compile", "--no-introspect", "--no-populate-cache"]
        + [str(it) for option in options.items() for it in option]
    )
    assert done.success, done.exception
    (compiled,) = done.result.results
    parts = compiled.node.compiled_code.split(BORDER)[1:]
    assert len(parts) == len(templates)
    return parts


def plain(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    """Rows to compare: in order, moments in UTC, numbers by their value."""
    return sorted(repr(tuple(_plain(value) for value in row)) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC).replace(tzinfo=None)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return format(Decimal(value).normalize(), "f")
    return value
