"""Which extracts a drop folder holds, for which day, and what is refused unopened."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.extracts.contract import Column, ExtractContract
from orchestration.extracts.errors import ExtractRefusedError
from orchestration.extracts.files import find_extracts, unknown_systems
from orchestration.extracts.opening import opened
from tests.conftest import make_home

NOBODY = 65534

CONTRACTS = [
    ExtractContract("clinic", "visits", (Column("visit_id"),), file="visits.csv"),
    ExtractContract("clinic", "wards", (Column("ward"),), file="export_*.csv"),
    ExtractContract(
        "clinic", "beds", (Column("bed"),), file="beds.csv", is_optional=True
    ),
]


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


def put(drop: Path, *names: str) -> None:
    for name in names:
        path = drop / "clinic" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")


def end_of(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 23, 59, 59)


def test_a_system_without_folder_has_no_extracts(drop):
    assert find_extracts(drop, CONTRACTS) == []


def test_dated_folders_come_in_the_order_of_their_days(drop):
    put(drop, "2024-03-02/visits.csv", "2024-02-29/visits.csv", "2023-12-31/visits.csv")
    found = find_extracts(drop, CONTRACTS)
    assert [it.as_of for it in found] == [
        end_of(2023, 12, 31), end_of(2024, 2, 29), end_of(2024, 3, 2),
    ]  # fmt: skip


def test_flat_extracts_are_undated_and_come_last(drop):
    put(drop, "visits.csv", "2024-03-02/visits.csv")
    assert [it.as_of for it in find_extracts(drop, CONTRACTS)] == [
        end_of(2024, 3, 2), None,
    ]  # fmt: skip


def test_a_day_given_dates_the_flat_extracts_only(drop):
    put(drop, "visits.csv", "2024-03-02/visits.csv")
    found = find_extracts(drop, CONTRACTS, date(2024, 3, 1))
    assert [it.as_of for it in found] == [end_of(2024, 3, 1), end_of(2024, 3, 2)]


def test_two_files_for_one_moment_are_refused(drop):
    put(drop, "visits.csv", "2024-03-02/visits.csv")
    dated, flat = find_extracts(drop, CONTRACTS, date(2024, 3, 2))
    assert "visits" in dated.files
    assert flat.files == {}
    assert flat.refused["visits"] == (
        "clinic/visits.csv and clinic/2024-03-02/visits.csv both speak for "
        "2024-03-02: expected one file."
    )


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("visits.csv", "visits"),
        ("VISITS.CSV", "visits"),
        ("visits.csv.gz", "visits"),
        ("visits.xlsx", "visits"),
        ("export_0301.csv", "wards"),
        ("export_0301.csv.gz", "wards"),
        ("wards.xlsx", "wards"),
    ],
)
def test_a_file_is_found_under_any_of_its_names(drop, name, table):
    put(drop, f"2024-03-02/{name}")
    [found] = find_extracts(drop, CONTRACTS)
    assert found.files[table].name == name


def test_two_candidates_for_one_table_are_refused(drop):
    put(drop, "2024-03-02/visits.csv", "2024-03-02/visits.xlsx")
    [found] = find_extracts(drop, CONTRACTS)
    assert "visits" not in found.files
    assert found.refused["visits"] == (
        "clinic/2024-03-02 holds visits.csv and visits.xlsx for clinic.visits: "
        "expected one file for it, so it is unclear which one counts."
    )


def test_a_missing_table_is_refused_and_an_optional_one_absent(drop):
    put(drop, "2024-03-02/export_1.csv")
    [found] = find_extracts(drop, CONTRACTS)
    assert list(found.refused) == ["visits"]
    assert found.refused["visits"].startswith("clinic/2024-03-02 lacks visits.csv")
    assert found.absent == ("beds",)


def test_an_empty_dated_folder_lacks_all_its_tables(drop):
    (drop / "clinic" / "2024-03-02").mkdir(parents=True)
    [found] = find_extracts(drop, CONTRACTS)
    assert set(found.refused) == {"visits", "wards"}


def test_files_that_nobody_claims_are_reported(drop):
    put(drop, "2024-03-02/visits.csv", "2024-03-02/visit.csv", "2024-03-02/.hidden")
    put(drop, "2024-02-30/visits.csv", "readme.txt")
    dated, flat = find_extracts(drop, CONTRACTS)
    assert dated.unclaimed == ("visit.csv",)
    assert flat.unclaimed == ("2024-02-30", "readme.txt")
    assert flat.refused == {}


def test_a_folder_in_a_files_place_is_refused(drop):
    (drop / "clinic" / "2024-03-02" / "visits.csv").mkdir(parents=True)
    [found] = find_extracts(drop, CONTRACTS)
    assert "expected a file, found something else" in found.refused["visits"]


@pytest.mark.parametrize(
    "link", ["clinic/2024-03-02/visits.csv", "clinic/2024-03-02", "clinic"]
)
def test_a_link_that_leads_outside_is_refused(drop, tmp_path, link):
    outside = tmp_path / "outside"
    put(outside, "2024-03-02/visits.csv")
    (drop / link).parent.mkdir(parents=True, exist_ok=True)
    (drop / link).symlink_to(outside / link)
    [found] = find_extracts(drop, CONTRACTS)
    assert found.files == {}
    assert found.refused["visits"] == (
        f"{link} is a link that leads outside the drop folder; expected the extract "
        "itself."
    )


def test_links_inside_and_to_the_drop_folder_are_followed(drop, tmp_path):
    put(drop, "2024-03-01/visits.csv")
    (drop / "clinic" / "2024-03-02").symlink_to(drop / "clinic" / "2024-03-01")
    (tmp_path / "alias").symlink_to(drop)
    found = find_extracts(tmp_path / "alias", CONTRACTS)
    assert [list(it.files) for it in found] == [["visits"], ["visits"]]


def test_folders_of_no_system_are_reported(drop):
    put(drop, "2024-03-02/visits.csv")
    (drop / "clinik").mkdir()
    assert unknown_systems(drop, ["clinic", "his"]) == ["clinik"]


def test_a_folder_for_a_day_that_cannot_be_is_reported(drop):
    put(drop, "2024-03-02/visits.csv")
    for name in ("2024-02-30", "9999-12-31", "0001-01-01", "2024-3-1", "20240301"):
        put(drop, f"{name}/visits.csv")
    [flat] = [it for it in find_extracts(drop, CONTRACTS) if it.as_of is None]
    assert flat.files == {}
    assert flat.strangers == (
        "clinic: no contract knows 0001-01-01, 2024-02-30, 2024-3-1, 20240301, "
        "9999-12-31 in clinic; not read."
    )


def test_thousands_of_strangers_are_one_sentence(drop):
    put(drop, "2024-03-02/visits.csv", "2024-03-02/export_1.csv")
    put(drop, *(f"2024-03-02/x{number:04}.csv" for number in range(3_000)))
    [found] = find_extracts(drop, CONTRACTS)
    assert set(found.files) == {"visits", "wards"}
    assert found.strangers == (
        "clinic: no contract knows 3000 files in 2024-03-02; not read."
    )


def test_thousands_of_nights_are_found(drop):
    for number in range(2_000):
        (drop / "clinic" / f"{end_of(2020, 1, 1).date() + timedelta(number)}").mkdir(
            parents=True
        )
    assert len(find_extracts(drop, CONTRACTS)) == 2_000


def test_a_file_that_fits_two_tables_is_refused_for_both(drop):
    both = [CONTRACTS[0], replace(CONTRACTS[1], file="vis*.csv")]
    put(drop, "2024-03-02/visits.csv")
    [found] = find_extracts(drop, both)
    assert found.files == {}
    for table in ("visits", "wards"):
        assert "fits clinic.visits and clinic.wards" in found.refused[table]


@pytest.mark.parametrize("link", ["clinic", "clinic/2024-03-02"])
def test_a_folder_that_links_to_itself_holds_nothing(drop, link):
    (drop / link).parent.mkdir(parents=True, exist_ok=True)
    (drop / link).symlink_to(drop / link)
    assert [it.files for it in find_extracts(drop, CONTRACTS)] in ([], [{}])


@pytest.mark.parametrize("closed", ["clinic", "clinic/2024-03-02"])
def test_a_folder_that_may_not_be_read_is_refused(closed):
    drop = make_home()
    put(drop, "2024-03-02/visits.csv")
    drop.chmod(0o755)
    (drop / closed).chmod(0o000)
    with as_anyone():
        [found] = find_extracts(drop, CONTRACTS)
    assert found.files == {}
    assert found.refused["visits"].endswith("reading it failed (Permission denied).")
    (drop / closed).chmod(0o755)
    shutil.rmtree(drop)


def test_a_file_that_may_not_be_read_is_refused():
    drop = make_home()
    put(drop, "2024-03-02/visits.csv")
    drop.chmod(0o755)
    path = drop / "clinic/2024-03-02/visits.csv"
    path.chmod(0o000)
    with as_anyone(), pytest.raises(ExtractRefusedError, match="Permission denied"):
        opened(path).__enter__()
    shutil.rmtree(drop)


def test_a_file_that_grows_while_it_is_read_is_refused(drop):
    put(drop, "visits.csv")
    path = drop / "clinic" / "visits.csv"
    reading = opened(path)
    reading.__enter__().content.read()
    path.write_text("more")
    with pytest.raises(ExtractRefusedError, match="it changed while it was read"):
        reading.__exit__(None, None, None)


def test_a_pipe_that_took_a_files_place_is_refused_without_waiting(drop):
    put(drop, "2024-03-02/visits.csv", "2024-03-02/export_1.csv")
    [found] = find_extracts(drop, CONTRACTS)
    path = found.files["visits"]
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ExtractRefusedError, match="found something else"):
        opened(path).__enter__()


@contextmanager
def as_anyone() -> Iterator[None]:
    """Without the rights of root, who may read everything."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
