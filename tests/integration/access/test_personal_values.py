"""Direct identifiers stay inside: every published column, every personal value.

The extracts of other systems are looked at in tests/acceptance/test_reference_figures.
"""

import csv

from tests.integration.guarded import GuardedHome
from tests.personal import personal_values, personal_values_in_marts


def test_no_personal_value_of_the_extract_is_in_any_published_column(guarded):
    """Free texts hold planted names, telephone numbers, ids and dates of birth."""
    assert personal_values_in_marts(guarded, guarded.extracts) == []


def test_the_search_finds_what_is_in_a_free_text(guarded: GuardedHome):
    """So that it could fail: the same values are in the layer before the marts."""
    typed = guarded.rows("select distinct reason from intermediate.appointments", None)
    personal, _ = personal_values(guarded.extracts)
    assert len(typed) > 6
    assert {reason for (reason,) in typed if reason} & set(guarded.planted)
    (shown,) = guarded.rows(
        "select count(*) from marts.fct_appointments where reason = 'other'"
    )
    assert shown[0] >= len(guarded.planted)
    assert len(personal) > 1000


def test_a_free_text_that_many_share_is_published_as_it_is(guarded):
    with next(guarded.extracts.rglob("appointments.csv")).open() as stream:
        typed = {(row["reason"] or "").strip() for row in csv.DictReader(stream)}
    shown = guarded.rows("select distinct reason from marts.fct_appointments")
    assert {reason for (reason,) in shown} - {"other", None} == (
        typed - set(guarded.planted) - {""}
    )


def test_ages_are_bands_and_ninety_and_over_are_one(guarded):
    columns = guarded.rows(
        "select distinct column_name from information_schema.columns"
        " where table_schema = 'marts' and column_name ~ '(^|_)age(_|$|s)'"
    )
    assert columns == [("age_band",)]
    bands = guarded.rows("select max(age_band) from marts.dim_patient")
    assert bands == [("90 and over",)]
