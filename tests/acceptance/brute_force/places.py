"""Where a record belongs: branch and department as one place.

Belongs here: how a record's own place is completed. Which records can tell: the others.
"""

from tests.acceptance.brute_force.extract import Extract, Row
from tests.acceptance.brute_force.naming import Place, first_known

NOWHERE: Place = (None, None)


class Departments:
    """The register of departments, each of one branch."""

    def __init__(self, extract: Extract) -> None:
        self._branches = {it.department_id: it.branch_id for it in extract.departments}

    def place_of(self, row: Row | None) -> Place:
        """The row's own place; a department without a branch is where it registered."""
        if row is None:
            return NOWHERE
        branch = getattr(row, "branch_id", None)
        return branch or self._branches.get(row.department_id), row.department_id


def joined(own: Place, *others: Place) -> Place:
    """The branch of the first that names one, and a department of that very branch.

    A department that a record names itself stays, whatever the branch.
    """
    branch = first_known(own[0], *(place[0] for place in others))
    if own[1] is not None:
        return branch, own[1]
    for at, department in others:
        if department is not None and (at is None or at == branch):
            return branch, department
    return branch, None
