"""Keys, names and figures as the marts write them.

Belongs here: what every measure needs to be written down. No measure is here.
"""

import hmac
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import Any, TypeVar

from tests.acceptance.brute_force.extract import Extract, Row

SOURCE = "his"
Place = tuple[str | None, str | None]
"""A branch's id and a department's."""
Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")


def key_of(*ids: str | None) -> str | None:
    """The key of a place or a doctor: the source and the natural ids."""
    return None if ids[-1] is None else ":".join([SOURCE, *(i or "" for i in ids)])


class Names:
    """Pseudonyms and the names of places, for one extract."""

    def __init__(self, extract: Extract, secret: bytes) -> None:
        self._secret = secret
        self._branches = {it.branch_id: it.branch_name for it in extract.branches}
        self._departments = {
            (it.branch_id, it.department_id): it.department_name
            for it in extract.departments
        }
        self._wards = {it.ward_id: it.ward_name for it in extract.wards}

    def pseudonym(self, entity: str, natural_id: str | None) -> str | None:
        """HMAC-SHA-256 of '<entity>:<source>:<id>', its first 32 hex digits."""
        if natural_id is None:
            return None
        message = f"{entity}:{SOURCE}:{natural_id}".encode()
        return hmac.new(self._secret, message, sha256).hexdigest()[:32]

    def branch(self, branch_id: str | None) -> dict[str, Any]:
        """The branch's columns; one that no register names has its id for a name."""
        return {
            "branch_key": key_of(branch_id),
            "branch_name": self._branches.get(branch_id, branch_id),
        }

    def place(self, place: Place) -> dict[str, Any]:
        """The columns of branch and department."""
        return self.branch(place[0]) | {
            "department_key": key_of(*place),
            "department_name": self._departments.get(place, place[1]),
        }

    def ward(self, ward_id: str | None) -> dict[str, Any]:
        """The ward's columns."""
        return {
            "ward_key": key_of(ward_id),
            "ward_name": self._wards.get(ward_id) or ward_id,
        }


def month_of(day: date) -> date:
    """The first day of the month, the name of a month."""
    return day.replace(day=1)


def grouped(items: Iterable[Item], by: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Items by key, in the order in which they come."""
    groups: dict[Key, list[Item]] = {}
    for item in items:
        groups.setdefault(by(item), []).append(item)
    return groups


def known(items: Iterable[Any]) -> list[Any]:
    """The values that are there."""
    return [item for item in items if item is not None]


def first_known(*values: Any) -> Any:
    """The first value that is there, else None."""
    return next((value for value in values if value is not None), None)


def rounded(value: Fraction | Decimal | int | None, places: int = 4) -> Decimal | None:
    """Half away from zero, as money and rates are rounded."""
    if value is None:
        return None
    exact = Fraction(value)
    part, whole = abs(exact.numerator) * 10**places, exact.denominator
    nearest = (2 * part + whole) // (2 * whole)
    return Decimal(nearest if exact >= 0 else -nearest).scaleb(-places)


def ratio(part: Any, whole: Any, times: int = 1) -> Decimal | None:
    """times x part / whole to four decimals; null without a whole."""
    if part is None or not whole:
        return None
    return rounded(Fraction(part) / Fraction(whole) * times)


def percent(part: Any, whole: Any) -> Decimal | None:
    """100 x part / whole to four decimals; null without a whole."""
    return ratio(part, whole, times=100)


def percentile(values: Iterable[Any], share: Fraction) -> Decimal | None:
    """The value at `share` of the way through the sorted values, interpolated."""
    ranked = [Fraction(value) for value in sorted(values)]
    if not ranked:
        return None
    place = share * (len(ranked) - 1)
    below = int(place)
    above = min(below + 1, len(ranked) - 1)
    return rounded(ranked[below] + (place - below) * (ranked[above] - ranked[below]))


def median(values: Iterable[Any]) -> Decimal | None:
    """The middle value, or the mean of the two middle ones."""
    return percentile(values, Fraction(1, 2))


def total(rows: Iterable[Row], column: str) -> Decimal | None:
    """The sum of the values that are there; null if none is."""
    values = known(getattr(row, column) for row in rows)
    return sum(values, Decimal(0)) if values else None
