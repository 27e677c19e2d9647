"""Published rows held against recomputed ones, and a difference put into words.

Belongs here: which rows belong together. What a row should be: the other modules.
"""

from collections.abc import Sequence
from typing import Any

Line = dict[str, Any]

GAP = "time_without_recorded_bed"
GRAINS = {"fct_bed_stays": ("admission_key", "started_at")}
"""Where the published key is not the one to compare by, see `comparable`."""


def comparable(mart: str, rows: list[Line]) -> list[Line]:
    """Published rows without keys that only the warehouse can know.

    Time without a recorded bed has no natural id: fct_bed_stays is compared by
    admission and moment, and the issues that name such time are left to it.
    """
    if mart == "fct_bed_stays":
        unknown = {"bed_stay_key": None}
        return [row if row["is_recorded"] else row | unknown for row in rows]
    if mart == "fct_quality_issues":
        return [row for row in rows if row["issue"] != GAP]
    return rows


def differences(
    grain: Sequence[str], published: list[Line], recomputed: list[Line]
) -> list[str]:
    """Every row that is missing, too many or different, in words; all columns count."""
    theirs, ours = _by_key(grain, published), _by_key(grain, recomputed)
    said = [
        f"{name}: two rows share {', '.join(grain)}"
        for name, rows, keyed in (
            ("published", published, theirs),
            ("recomputed", recomputed, ours),
        )
        if len(rows) != len(keyed)
    ]
    for key in sorted(ours.keys() | theirs.keys(), key=str):
        shown = " | ".join(map(str, key))
        if key not in theirs:
            said.append(f"{shown}: not published; recomputed {ours[key]}")
        elif key not in ours:
            said.append(f"{shown}: published {theirs[key]}; not recomputed")
        elif ours[key] != theirs[key]:
            said.append(f"{shown}: " + _cells(theirs[key], ours[key]))
    return said


def _by_key(grain: Sequence[str], rows: list[Line]) -> dict[tuple[Any, ...], Line]:
    return {tuple(row[column] for column in grain): row for row in rows}


def _cells(published: Line, recomputed: Line) -> str:
    return "; ".join(
        f"{name} published {published.get(name, 'nowhere')}, "
        f"recomputed {recomputed.get(name, 'nowhere')}"
        for name in sorted(published.keys() | recomputed.keys())
        if name not in published
        or name not in recomputed
        or published[name] != recomputed[name]
    )
