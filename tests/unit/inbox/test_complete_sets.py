"""When a night has come whole, and what makes its copy agree: pure functions."""

from dataclasses import replace

import pytest

from orchestration.extracts.arrivals import Arrival, ArrivedSet, as_copied, waits_for
from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.errors import ContractError
from orchestration.extracts.manifest import load_contracts
from orchestration.inbox.mirror import Change, changes

SECOND = 10**9
VISITS = ExtractContract("his", "visits", (Column("visit_id"),), file="visits.csv")
BEDS = ExtractContract(
    "his", "beds", (Column("bed"),), file="beds_*.csv", is_optional=True
)
CONTRACTS = [VISITS, BEDS]
EACH = [replace(it, done="{file}.done") for it in CONTRACTS]
WHOLE = [replace(it, done="_SUCCESS") for it in CONTRACTS]


def night(**seconds: int) -> ArrivedSet:
    """A night by its files' times; `_` in a name stands for a point."""
    names = {name.replace("_csv", ".csv").replace("_done", ".done"): at
             for name, at in seconds.items()}  # fmt: skip
    arrivals = sorted(Arrival(name, 9, at * SECOND) for name, at in names.items())
    return ArrivedSet("his/2026-03-01", tuple(arrivals))


@pytest.mark.parametrize(
    ("contracts", "arrived", "is_still", "reason"),
    [
        (CONTRACTS, night(visits_csv=1), True, None),
        (CONTRACTS, night(visits_csv=1), False, "its files were changed just now"),
        # Missing, and at rest: the gate says so, as of every folder.
        (CONTRACTS, night(beds_1_csv=1), True, None),
        (CONTRACTS, night(), True, "it is empty"),
        (EACH, night(visits_csv=1), True, "visits.csv.done is not there yet"),
        (EACH, night(visits_csv=1, visits_csv_done=1), False, None),
        (EACH, night(visits_csv=1, VISITS_CSV_DONE=1), False,
         "visits.csv.done is not there yet"),
        (EACH, night(visits_csv=2, visits_csv_done=1), True,
         "visits.csv is younger than visits.csv.done"),
        (EACH, night(visits_csv_done=1), True, "it is empty"),
        (EACH, night(beds_1_csv=1, beds_1_csv_done=1), True,
         "visits.csv has not come yet"),
        (EACH, night(visits_csv=1, visits_csv_done=1, beds_1_csv=1), True,
         "beds_1.csv.done is not there yet"),
        (WHOLE, night(visits_csv=1, _SUCCESS=1), False, None),
        (WHOLE, night(visits_csv=1), True, "_SUCCESS is not there yet"),
        (WHOLE, night(visits_csv=2, _SUCCESS=1), True,
         "visits.csv is younger than _SUCCESS"),
        # The marker says that all is there, so what lacks is missing.
        (WHOLE, night(beds_1_csv=1, _SUCCESS=1), True, None),
        ([EACH[0], BEDS], night(visits_csv=1, visits_csv_done=1), False,
         "its files were changed just now"),
    ],
)  # fmt: skip
def test_a_night_waits_for_what_it_lacks(contracts, arrived, is_still, reason):
    said = waits_for(arrived, contracts, is_still=is_still)
    expected = reason and f"his/2026-03-01 waits for the next run: {reason}."
    assert said == expected


def test_a_night_that_is_a_link_to_elsewhere_is_refused_and_does_not_wait():
    arrived = ArrivedSet("his/2026-03-01", kind="outside")
    assert waits_for(arrived, EACH, is_still=False) is None


def test_a_copy_shows_no_marker_and_nothing_of_what_nobody_reads():
    arrived = night(visits_csv=1, visits_csv_done=1, dump=1)
    hidden = replace(arrived, arrivals=(*arrived.arrivals, Arrival(".part", 5, 5)))
    assert as_copied(hidden, EACH).arrivals == (
        Arrival("dump"), Arrival("visits.csv", 9, SECOND),
    )  # fmt: skip


def test_a_set_changes_with_what_is_new_and_is_left_when_it_only_loses():
    both = night(visits_csv=1, beds_1_csv=1)
    visits, beds = night(visits_csv=1), night(beds_1_csv=1)
    renamed = night(visits_csv=1, beds_2_csv=1)
    assert changes([both], []) == ([Change(both, both.arrivals, ())], [])
    assert changes([both], [both]) == ([], [])
    assert changes([both], [visits]) == ([Change(both, beds.arrivals, ())], [])
    assert changes([visits], [both]) == ([], [])
    assert changes([renamed], [both]) == (
        [Change(renamed, night(beds_2_csv=1).arrivals, beds.arrivals)], [],
    )  # fmt: skip
    assert changes([], [both]) == ([], [both])


@pytest.mark.parametrize("done", ["", "{file}", "a/b", "..\\x", 3])
def test_a_marker_that_is_none_is_refused(done):
    node = {
        "source_name": "his",
        "name": "visits",
        "schema": "raw_his",
        "columns": {"visit_id": {"name": "visit_id"}},
        "config": {"meta": {"extract": {"done": done}}},
    }
    with pytest.raises(ContractError, match="done must be a file's name"):
        load_contracts({"sources": {"x": node}})
