"""Nights that follow each other say the same as one full extract of the last."""

from datetime import timedelta

import pandas as pd
import pytest
from simulated_extracts import END, read

from simulator import (
    LAYOUT,
    VOID,
    VOID_MARKERS,
    Nights,
    SimulatedExtract,
    simulate,
    simulate_nights,
)

SIZE = {"end": END, "days": 60, "beds": 120, "branches": 2, "seed": 3}
NIGHTS = 6
CHANGES = 0.01


def nights(out, dirt=0.0, changes=CHANGES, *, deltas) -> list[SimulatedExtract]:
    what = Nights(NIGHTS, changes=changes, deltas=deltas)
    return simulate_nights(out, what, dirt=dirt, **SIZE)


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def deltas(tmp_path_factory):
    return nights(tmp_path_factory.mktemp("deltas"), deltas=True)


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory):
    return nights(tmp_path_factory.mktemp("snapshots"), deltas=False)


def test_folders_are_those_of_the_nights_and_end_is_the_last(deltas):
    dates = [END - timedelta(days=n) for n in range(NIGHTS, -1, -1)]
    assert [extract.end for extract in deltas] == dates
    assert [extract.folder.name for extract in deltas] == [str(d) for d in dates]


@pytest.mark.parametrize("dirt", [0.0, 5.0])
def test_deltas_over_the_first_extract_are_the_snapshot_of_each_night(tmp_path, dirt):
    parts = nights(tmp_path / "deltas", dirt, deltas=True)
    wholes = nights(tmp_path / "snapshots", dirt, deltas=False)
    assert contents(parts[0].folder) == contents(wholes[0].folder)
    state = records(wholes[0].folder)
    for part, whole in zip(parts[1:], wholes[1:], strict=True):
        state = applied_records(state, records(part.folder))
        assert state == records(whole.folder)


def records(folder) -> dict[str, dict[str, str]]:
    """Lines by table and key, malformed ones too."""
    found = {}
    for table in LAYOUT:
        lines = (folder / f"{table}.csv").read_text().splitlines()[1:]
        found[table] = {line.split(",", 1)[0]: line for line in lines}
        assert len(found[table]) == len(lines)
    return found


def applied_records(state, night):
    found = {}
    for table in LAYOUT:
        both = state[table] | night[table]
        found[table] = {
            key: line for key, line in both.items() if VOID not in line.split(",")
        }
    return found


def test_snapshots_without_changes_are_those_of_one_simulation_each(tmp_path):
    found = nights(tmp_path / "nights", changes=0, deltas=False)
    for ago, extract in enumerate(reversed(found)):
        size = SIZE | {"end": extract.end, "days": SIZE["days"] - ago}
        alone = simulate(tmp_path / "alone", dirt=0, **size)
        assert contents(alone.folder) == contents(extract.folder)


def test_the_first_extract_is_that_of_one_simulation(tmp_path, deltas):
    size = SIZE | {"end": deltas[0].end, "days": SIZE["days"] - NIGHTS}
    alone = simulate(tmp_path, dirt=0, **size)
    assert contents(alone.folder) == contents(deltas[0].folder)


def test_the_same_arguments_give_the_same_bytes(tmp_path, deltas):
    again = nights(tmp_path, deltas=True)
    for one, other in zip(deltas, again, strict=True):
        assert contents(one.folder) == contents(other.folder)


def test_every_night_of_deltas_says_less_than_a_twentieth(deltas):
    whole = sum(deltas[0].rows.values())
    for extract in deltas[1:]:
        assert 0 < sum(extract.rows.values()) < 0.05 * whole


def test_all_kinds_of_corrections_are_there(snapshots):
    """Of rows that were settled before the first of the nights."""
    before, after = read(snapshots[0].folder), read(snapshots[-1].folder)
    seen = set()
    for table, columns in LAYOUT.items():
        old = before[table].set_index(columns[0])
        new = after[table].set_index(columns[0])
        if set(old.index) - set(new.index):
            seen.add((table, VOID))
        new = new.reindex(old.index).dropna()
        old = old.loc[new.index]
        for column in columns[1:]:
            changed = (old[column] != new[column]) & (
                (old[column] != "") | (column == "merged_into_id")
            )
            if (changed & (old[column] != "Scheduled")).any():
                seen.add((table, column))
    assert {
        *((table, VOID) for table in VOID_MARKERS),
        ("admissions", "discharged_at"),
        ("bed_stays", "ended_at"),
        ("appointments", "status"),
        ("treatments", "doctor_id"),
        ("bills", "amount"),
        ("payments", "payment_method"),
        ("doctor_shifts", "rostered_hours"),
        ("patients", "merged_into_id"),
        ("beds", "is_staffed"),
    } <= seen


def test_some_payments_come_days_after_they_were_made(deltas):
    late = 0
    for extract in deltas[1:]:
        paid = read(extract.folder)["payments"]["paid_on"]
        late += (paid < str(extract.end - timedelta(days=1))).sum()
    assert late > 0


def test_corrected_nights_hold_together_and_book_no_bed_twice(snapshots):
    tables = read(snapshots[-1].folder)
    stays = tables["bed_stays"].sort_values(["bed_id", "started_at"])
    same_bed = stays["bed_id"] == stays["bed_id"].shift()
    until = stays["ended_at"].replace("", "9999").shift()
    assert not (same_bed & (stays["started_at"] < until)).any()
    for table, column, owner in (
        ("bed_stays", "admission_id", "admissions"),
        ("treatments", "admission_id", "admissions"),
        ("treatments", "appointment_id", "appointments"),
        ("bills", "treatment_id", "treatments"),
        ("payments", "bill_id", "bills"),
    ):
        named = set(tables[table][column]) - {""}
        assert named <= set(tables[owner].iloc[:, 0]), (table, column)
    merged = tables["patients"].set_index("patient_id")["merged_into_id"]
    merged = merged[merged != ""]
    assert len(merged)
    assert set(merged) <= set(tables["patients"]["patient_id"])
    ends = tables["admissions"].set_index("admission_id")["discharged_at"]
    last = stays.sort_values("started_at").groupby("admission_id")["ended_at"].last()
    assert (last == ends.loc[last.index]).all()


@pytest.mark.parametrize("seed", [0, 3, 4, 5])
def test_two_registrations_that_merge_may_well_be_one_person(tmp_path, seed):
    size = {"end": END, "days": 60, "beds": 60, "seed": seed, "dirt": 0}
    nights = simulate_nights(tmp_path, Nights(8, changes=0.05, deltas=False), **size)
    tables = read(nights[-1].folder)
    patients = tables["patients"].set_index("patient_id")
    into = patients["merged_into_id"].to_dict()

    def person(patient: str) -> str:
        return person(into[patient]) if into[patient] else patient

    gone = patients[patients["merged_into_id"] != ""]
    left = patients.loc[gone["merged_into_id"]]
    assert len(gone) > 50
    assert gone["merged_into_id"].isin(gone.index).any()
    assert (gone["sex"].to_numpy() == left["sex"].to_numpy()).all()
    born, born_too = (pd.to_datetime(it["birth_date"]) for it in (gone, left))
    assert (abs(born.to_numpy() - born_too.to_numpy()) <= pd.Timedelta(days=366)).all()
    assert (gone["registered_on"].to_numpy() >= left["registered_on"].to_numpy()).all()
    assert (gone["deceased_on"] == "").all()

    admitted = tables["admissions"]
    is_of_gone = admitted["patient_id"].isin(gone.index)
    assert is_of_gone.any()
    assert (admitted["discharged_at"][is_of_gone] != "").all()
    admitted["person"] = admitted["patient_id"].map(person)
    admitted = admitted.sort_values(["person", "admitted_at"])
    same = admitted["person"] == admitted["person"].shift()
    until = admitted["discharged_at"].replace("", "9999").shift()
    assert not (same & (admitted["admitted_at"] < until)).any()
    died = patients["deceased_on"].loc[admitted["person"]].to_numpy()
    assert not ((died != "") & (admitted["admitted_at"].str[:10] > died)).any()


@pytest.mark.parametrize(
    ("number", "changes"), [(0, 0.1), (60, 0.1), (1, -0.1), (1, 0.6)]
)
def test_nights_that_cannot_be_are_refused(tmp_path, number, changes):
    with pytest.raises(ValueError, match=r"at least|must not"):
        simulate_nights(tmp_path, Nights(number, changes=changes), **SIZE)
