"""The gates' thresholds: the shipped ones, and a hospital's own laid over them.

Belongs here: what a threshold is, and which value holds for a table or a mart. The
numbers and their reasons stand in thresholds.yml; what they limit, in the gates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, Literal

import yaml

_SHIPPED = Path(__file__).with_name("thresholds.yml")


class ThresholdError(ValueError):
    """A hospital's own threshold is wrong; says which, and what would be right."""


@dataclass(frozen=True)
class Threshold:
    """One limit as it is shipped; `of` says what may have a value of its own."""

    name: str
    of: Literal["table", "mart"]
    value: float
    unit: str
    reason: str


@dataclass(frozen=True)
class Thresholds:
    """Which value holds where; without `everywhere` and `own`, the shipped ones.

    `everywhere` gives a hospital's value by name; `own` those of one source table
    (`his.admissions`), source system (`his`) or mart, by subject and name.
    """

    everywhere: Mapping[str, float] = field(default_factory=dict)
    own: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def of(self, subject: str, name: str, contract: float | None = None) -> float:
        """The value for one table or mart; the more particular word wins.

        Args:
            subject: `system.table`, or the name of a mart.
            name: of the threshold; KeyError if there is none of that name.
            contract: what the extract contract says of this table, if it does.
        """
        shipped = shipped_thresholds()[name].value
        for place in (subject, subject.partition(".")[0]):
            if name in self.own.get(place, {}):
                return self.own[place][name]
        return self.everywhere.get(name, shipped) if contract is None else contract


@cache
def shipped_thresholds() -> Mapping[str, Threshold]:
    """All thresholds by name, as they are shipped."""
    found = yaml.safe_load(_SHIPPED.read_text(encoding="utf-8"))
    return {name: Threshold(name=name, **it) for name, it in found.items()}


def read_thresholds(
    text: str, where: str, tables: Collection[str], marts: Collection[str]
) -> Thresholds:
    """Read a hospital's own thresholds.

    Args:
        text: YAML: `name: value` for everywhere, `subject: {name: value}` for one.
        where: the file's name, for the sentence of an error.
        tables: all source tables, as `system.table`.
        marts: the names of all marts.

    Raises:
        ThresholdError: it is no such YAML, or names or values are not possible.
    """
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as wrong:
        place = getattr(wrong, "problem_mark", None)
        line = f" (line {place.line + 1})" if place else ""
        raise ThresholdError(f"{where} is not YAML{line}.") from None
    if found is None:
        return Thresholds()
    if not isinstance(found, dict):
        raise ThresholdError(
            f"{where} must hold `threshold: value` or `subject: {{threshold: value}}`."
        )
    systems = {table.partition(".")[0] for table in tables}
    kinds = dict.fromkeys((*tables, *systems), "table") | dict.fromkeys(marts, "mart")
    everywhere: dict[str, float] = {}
    own: dict[str, dict[str, float]] = {}
    for key, value in found.items():
        if not isinstance(value, dict):
            everywhere[str(key)] = _value(where, str(key), value)
        elif key in kinds:
            own[key] = {
                str(name): _value(where, str(name), it, key, kinds[key])
                for name, it in value.items()
            }
        else:
            raise ThresholdError(
                f"{where}: there is no source table, source system or mart "
                f"{str(key)!r}.{_meant(str(key), kinds)}"
            )
    return Thresholds(everywhere, own)


def _value(
    where: str, name: str, value: Any, subject: str = "", kind: str = ""
) -> float:
    shipped = shipped_thresholds()
    place = f"{where}, {subject}" if subject else where
    if name not in shipped:
        raise ThresholdError(
            f"{place}: there is no threshold {name!r}; there are "
            f"{', '.join(sorted(shipped))}.{_meant(name, shipped)}"
        )
    threshold = shipped[name]
    if kind and kind != threshold.of:
        raise ThresholdError(
            f"{place}: {name} is a threshold of a "
            f"{'source table' if threshold.of == 'table' else 'mart'}."
        )
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not isfinite(value) or value < 0:
        raise ThresholdError(
            f"{place}: {name} must be a number, zero or more ({threshold.unit}), "
            f"not {value!r}."
        )
    return float(value)


def _meant(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f" Is {close[0]!r} meant?" if close else ""
