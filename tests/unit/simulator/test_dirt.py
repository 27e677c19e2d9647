"""Every kind of dirt is planted, is counted, and is what it says."""

import csv
from dataclasses import fields

import pytest
from simulated_extracts import END, read

from simulator import LAYOUT, Dirt, simulate


@pytest.fixture(scope="module")
def tables(dirty):
    """Rows of the right length by key, as text; whole lines are dropped if broken."""
    found = {}
    for table, columns in LAYOUT.items():
        with (dirty.folder / f"{table}.csv").open(newline="") as file:
            lines = list(csv.reader(file))[1:]
        found[table] = {
            line[0]: dict(zip(columns, line, strict=True))
            for line in lines
            if len(line) == len(columns)
        }
    return found


def rows_of(dirty, tables, kind, table):
    keys = [key.split(".", 1) for key in dirty.dirty_rows[kind]]
    return [tables[table][key] for owner, key in keys if owner == table]


def test_every_kind_but_the_double_booking_is_there_by_default(dirty):
    kinds = {field.name for field in fields(Dirt)}
    assert set(dirty.planted) == kinds
    assert {kind for kind in kinds if not dirty.planted[kind]} == {"double_booked_bed"}


def test_beds_are_booked_twice_as_often_as_asked_for(tmp_path):
    dirt = Dirt(double_booked_bed=0.2)
    extract = simulate(tmp_path, end=END, days=30, beds=60, branches=2, dirt=dirt)
    assert extract.planted["double_booked_bed"] > 20
    stays = read(extract.folder)["bed_stays"].set_index("bed_stay_id")
    for key in extract.dirty_rows["double_booked_bed"]:
        stay = stays.loc[key.split(".")[1]]
        others = stays[(stays["bed_id"] == stay["bed_id"])].drop(index=stay.name)
        there = (others["started_at"] <= stay["started_at"]) & (
            others["ended_at"].replace("", "9999") > stay["started_at"]
        )
        assert there.any()
        assert stay["bed_id"].startswith(stay["ward_id"])


def test_no_row_has_two_faults(dirty):
    keys = [key for rows in dirty.dirty_rows.values() for key in rows]
    assert len(keys) == len(set(keys))


def test_malformed_lines_are_as_many_as_recorded_and_far_below_one_percent(
    dirty, tables
):
    broken = {key.split(".")[0] for key in dirty.dirty_rows["malformed_line"]}
    assert broken == {"appointments", "treatments", "payments"}
    lost = {table: dirty.rows[table] - len(tables[table]) for table in LAYOUT}
    assert sum(lost.values()) == dirty.planted["malformed_line"]
    assert all(lost[table] < 0.005 * dirty.rows[table] for table in broken)


def test_values_that_cannot_be_cast_are_where_they_are_said_to_be(dirty, tables):
    for row in rows_of(dirty, tables, "impossible_date", "patients"):
        assert row["birth_date"].endswith("-02-30")
    for row in rows_of(dirty, tables, "impossible_moment", "appointments"):
        assert row["scheduled_at"].endswith("-06-31 25:61:00")
    for row in rows_of(dirty, tables, "text_in_number", "treatments"):
        with pytest.raises(ValueError, match="could not convert"):
            float(row["cost"])
    for row in rows_of(dirty, tables, "unknown_status", "appointments"):
        assert row["status"] in {"Rescheduled", "??", "arrived"}


def test_stays_are_impossible_where_they_are_said_to_be(dirty, tables):
    admissions = tables["admissions"]
    for row in rows_of(dirty, tables, "discharge_before_admission", "admissions"):
        assert row["discharged_at"] < row["admitted_at"]
    for row in rows_of(dirty, tables, "overlapping_stay", "admissions"):
        others = [
            other
            for other in admissions.values()
            if other["patient_id"] == row["patient_id"] and other is not row
        ]
        assert any(
            other["admitted_at"] < row["admitted_at"]
            and (other["discharged_at"] or "9999") > row["admitted_at"]
            for other in others
        )
    for row in rows_of(dirty, tables, "admission_after_death", "admissions"):
        died = tables["patients"][row["patient_id"]]["deceased_on"]
        assert "" < died < row["admitted_at"][:10]


def test_orphans_name_what_is_not_there(dirty, tables):
    for row in rows_of(dirty, tables, "orphan_doctor", "appointments"):
        assert row["doctor_id"] not in tables["doctors"]
    for row in rows_of(dirty, tables, "orphan_admission", "treatments"):
        assert row["admission_id"] not in tables["admissions"]


def test_patients_are_registered_too_late_where_they_are_said_to_be(dirty, tables):
    first = {}
    for row in tables["appointments"].values():
        moment = min(first.get(row["patient_id"], "9999"), row["scheduled_at"])
        first[row["patient_id"]] = moment
    late = rows_of(dirty, tables, "appointment_before_registration", "patients")
    assert all(row["registered_on"] > first[row["patient_id"]][:10] for row in late)


def test_missing_spaced_and_shared_values_are_where_they_are_said_to_be(dirty, tables):
    dead = {
        row["patient_id"]
        for row in tables["admissions"].values()
        if row["outcome"] == "Deceased"
    }
    gone = rows_of(dirty, tables, "missing_death_date", "patients")
    assert all(row["deceased_on"] == "" for row in gone)
    assert any(row["patient_id"] in dead for row in gone)
    for row in rows_of(dirty, tables, "missing_optional", "bills"):
        assert row["payer"] == ""
    for row in rows_of(dirty, tables, "stray_whitespace", "appointments"):
        assert row["status"] != row["status"].strip()
    names = [row["patient_name"].strip() for row in tables["patients"].values()]
    for row in rows_of(dirty, tables, "shared_name", "patients"):
        assert names.count(row["patient_name"]) > 1


def test_dirt_can_be_left_out_multiplied_or_chosen(tmp_path):
    size = {"end": END, "days": 30, "beds": 60}
    none = simulate(tmp_path / "0", dirt=0, **size)
    some = simulate(tmp_path / "1", **size)
    much = simulate(tmp_path / "9", dirt=10, **size)
    one_kind = simulate(tmp_path / "k", dirt=Dirt(orphan_doctor=0.5).times(1), **size)
    assert not any(none.planted.values())
    assert sum(much.planted.values()) > 4 * sum(some.planted.values())
    assert one_kind.planted["orphan_doctor"] > 1000
    assert len(read(none.folder)["admissions"]) == none.rows["admissions"]


def test_a_short_table_gets_no_malformed_line_for_one_would_be_too_many(tmp_path):
    extract = simulate(tmp_path, end=END, days=2, beds=20)
    broken = {key.split(".")[0] for key in extract.dirty_rows["malformed_line"]}
    assert all(extract.rows[table] >= 300 for table in broken)
