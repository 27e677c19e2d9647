"""The moment that undated extracts speak for, from their own activity columns."""

from datetime import datetime

import pytest

from orchestration.extracts.as_of import derive_as_of
from orchestration.extracts.contract import Column
from orchestration.extracts.errors import ExtractRefusedError

TIMES = Column("ward", "timestamp")


def derive(clinic, *values, column=TIMES):
    """The moment of a table whose activity column holds these values."""
    columns = (Column("visit_id"), column, Column("note"))
    active = clinic.by(columns=columns, activity=("ward",))
    rows = "".join(f"{n},{value},x\n" for n, value in enumerate(values))
    landed = active.land("visit_id,ward,note\n" + rows)
    return derive_as_of(active.connection, [active.contract], [landed])


@pytest.mark.parametrize(
    ("values", "moment"),
    [
        (["2024-03-01"], datetime(2024, 3, 1)),
        (["2024-03-01", "2023-12-31 23:59:59"], datetime(2024, 3, 1)),
        (["2024-03-01 07:00", "2024-03-01T06:59:59"], datetime(2024, 3, 1, 7)),
        ([" 2024-03-01 07:00:05.25 "], datetime(2024, 3, 1, 7, 0, 5)),
        (
            ["2024-03-01", "2024-02-31", "tomorrow", "infinity", ""],
            datetime(2024, 3, 1),
        ),
        (["2024-03-01", "2024-03-02 25:00:00"], datetime(2024, 3, 1)),
    ],
)
def test_the_greatest_moment_counts_and_what_is_none_is_passed_over(
    clinic, values, moment
):
    assert derive(clinic, *values) == moment


@pytest.mark.parametrize(
    ("form", "values", "moment"),
    [
        ("DD-MM-YYYY", ["31-12-2023", "02-01-2024"], datetime(2024, 1, 2)),
        ("DD-MM-YYYY", ["01-02-2024 08:30"], datetime(2024, 2, 1, 8, 30)),
        ("MM/DD/YYYY", ["2/1/2024", "13/01/2024"], datetime(2024, 2, 1)),
        ("DD.MM.YYYY HH:MI", ["01.02.2024 09:05"], datetime(2024, 2, 1, 9, 5)),
        ("YYYYMMDD", ["20240201"], datetime(2024, 2, 1)),
    ],
)
def test_values_are_read_in_the_format_of_their_column(clinic, form, values, moment):
    assert derive(clinic, *values, column=Column("ward", "date", form)) == moment


def test_no_moment_anywhere_is_refused_naming_the_columns(clinic):
    with pytest.raises(ExtractRefusedError, match=r"\(visits\.ward\)"):
        derive(clinic, "soon", "")


def test_no_activity_column_at_all_is_refused(clinic):
    landed = clinic.land("visit_id,ward,note\n1,2024-03-01,x\n")
    with pytest.raises(ExtractRefusedError, match="its contracts name none"):
        derive_as_of(clinic.connection, [clinic.contract], [landed])
