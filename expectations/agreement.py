"""How two marts are held against each other, per source system, in one question.

Belongs here: the SQL that two sides of an identity share. Which identities there are,
and what they mean, stands in mart_identities.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from expectations.checks import Check, literal, no_rows


def agree(
    name: str,
    parts: Iterable[str],
    *,
    expects: str,
    otherwise: str,
    because: str,
    measures: tuple[str, ...] = ("difference",),
) -> Check:
    """A check that the `parts`, added up per source system, leave nothing over.

    Each part is a select of `source_system` and the `measures`; one side of the
    identity adds, the other subtracts, and what is left over is the difference.
    """
    sums = ", ".join(f"sum({m}) as {m}" for m in measures)
    differs = " or ".join(f"coalesce(sum({m}), 0) <> 0" for m in measures)
    query = (
        f"select source_system, {sums} from ({' union all '.join(parts)}) as sides "
        f"group by source_system having {differs}"
    )
    return no_rows(name, query, expects=expects, otherwise=otherwise, because=because)


def horizon(as_of: Mapping[str, datetime]) -> str:
    """The join that adds `horizon.as_of`, the moment that a source speaks for."""
    # An inner join: a source system without a horizon has nothing on this side, so its
    # identities fail rather than hold over nothing.
    moments = ", ".join(
        f"({literal(system)}, timestamp {literal(moment.isoformat(' '))})"
        for system, moment in sorted(as_of.items())
    )
    rows = (
        f"values {moments}"
        if moments
        else "select '', timestamp 'infinity' where false"
    )
    return (
        f"inner join ({rows}) as horizon (source_system, as_of) using (source_system)"
    )
