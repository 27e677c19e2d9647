"""In whatever order extracts come, raw tells of each moment what the model tells."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from tests.unit.extracts.arrivals import (
    MOMENTS,
    Arrival,
    State,
    arrivals,
    receive,
    told,
)
from tests.unit.extracts.conftest import Clinic, forget_everything


@pytest.mark.parametrize("key", [("visit_id",), ()], ids=["keyed", "keyless"])
def test_any_order_of_arrival_tells_the_same_of_every_moment(
    clinic: Clinic, warehouse, key
):
    @settings(
        max_examples=80,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(arrivals(has_key=bool(key)))
    def holds(came: list[Arrival]) -> None:
        forget_everything(warehouse)
        receive(came, lambda it: loaded(clinic.by(key=key, mode=it.mode), it))
        for until in range(len(MOMENTS)):
            assert in_raw(clinic, key, until) == told(came, until, bool(key))
        assert_every_row_is_accounted_for(clinic)

    holds()


def loaded(clinic: Clinic, it: Arrival):
    rows = "".join(f"{visit},{ward},\n" for visit, ward in it.rows)
    return clinic.load(f"visit_id,ward,note\n{rows}", MOMENTS[it.moment])


def in_raw(clinic: Clinic, key: tuple[str, ...], until: int) -> State:
    identity = ", ".join(key or ("_row_hash", "_occurrence"))
    return Counter(
        clinic.rows(
            f"select visit_id, ward from (select distinct on ({identity}) * from"
            f" raw_clinic.visits where _as_of <= %s order by {identity}, _as_of desc,"
            " _batch_id desc) as versions where not _is_deleted",
            MOMENTS[until],
        )
    )


def assert_every_row_is_accounted_for(clinic: Clinic) -> None:
    [(counted, held)] = clinic.rows(
        "select (select sum(rows_appended + rows_deleted + rows_restated)"
        " from ops.batches), (select count(*) from raw_clinic.visits)"
    )
    assert counted == held
    assert not clinic.rows(
        "select batch_id from ops.batches b where rows_appended <> (select count(*)"
        " from raw_clinic.visits r where r._batch_id = b.batch_id"
        " and r._as_of = b.as_of and not r._is_deleted)"
    )
