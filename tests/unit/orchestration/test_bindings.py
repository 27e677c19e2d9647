"""Which rows a bound reader gets of a mart, and what a binding means: decided apart."""

import pytest

from expectations import Mart
from orchestration.errors import UsageError
from orchestration.readers import Binding, Place, bind
from orchestration.row_security import Rule, rule_of

BRANCHES = [Place("n", "North", "n"), Place("s", "South", "s")]
DEPARTMENTS = [
    Place("n:c", "Cardiology", "n"),
    Place("s:c", "Cardiology", "s"),
    Place("s:e", None, "s"),
]


@pytest.mark.parametrize(
    ("columns", "has_patient_data", "rule"),
    [
        (("branch_key", "department_key", "x"), True, Rule.BY_DEPARTMENT),
        (("branch_key", "department_key"), False, Rule.BY_DEPARTMENT),
        (("branch_key", "x"), True, Rule.BY_BRANCH),
        (("branch_key", "x"), False, Rule.PLACES),
        (("x",), False, Rule.ALL),
        (("x",), True, Rule.NOTHING),
        (("department_key",), True, Rule.NOTHING),
        ((), True, Rule.NOTHING),
    ],
)
def test_the_rule_of_a_mart_follows_from_its_columns(columns, has_patient_data, rule):
    assert rule_of(Mart("m", ("x",), columns, has_patient_data)) is rule


@pytest.mark.parametrize(
    ("branches", "departments", "binding"),
    [
        ([], [], Binding(None, None)),
        (["North"], [], Binding(("n",), None)),
        (["n", "North", "s"], [], Binding(("n", "s"), None)),
        ([], ["Cardiology"], Binding(None, ("n:c", "s:c"))),
        (["South"], ["Cardiology"], Binding(("s",), ("s:c",))),
        ([], ["s:e"], Binding(None, ("s:e",))),
    ],
)
def test_places_are_named_by_key_or_name(branches, departments, binding):
    assert bind(BRANCHES, DEPARTMENTS, branches, departments) == binding


@pytest.mark.parametrize(
    ("branches", "departments", "unknown"),
    [
        (["West"], [], "no branch 'West'"),
        (["North"], ["s:e"], "no department 's:e'"),
        ([], [""], "no department ''"),
    ],
)
def test_a_place_that_is_not_there_is_refused(branches, departments, unknown):
    with pytest.raises(UsageError, match=unknown):
        bind(BRANCHES, DEPARTMENTS, branches, departments)
