"""The benchmark's table, on a hospital of weeks: that all of it is there, and true.

No timing is asserted: how fast is for the machine that runs `make benchmark`.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from rich.console import Console

from benchmarks import __main__ as benchmark
from benchmarks import by_hand, nights, table
from benchmarks.changes import CHANGES, Ages, write_night
from benchmarks.engines import Size, crossing_lines
from benchmarks.history import History
from benchmarks.loading import in_new_process
from benchmarks.memory import Peaks, most_held
from benchmarks.pandas_compared import GRAINS, differences
from benchmarks.pandas_marts import SCHEMA, make_marts
from benchmarks.refreshing import Refreshed
from benchmarks.table import Line
from expectations.running import sqlalchemy_url
from orchestration.settings import REPOSITORY
from orchestration.warehouse import open_warehouse
from simulator import REGISTERS, simulate
from tests.conftest import Home, remove_home

END = pd.Timestamp("2025-12-31 23:59:59")
NIGHTS = (
    "0.1 % changed, as a snapshot",
    "0.1 % changed, ag",
    "1 % changed, ag",
    "as the simulator writes it",
)


def simulate_clean(folder: Path) -> Path:
    """The files of a small hospital without faults."""
    return simulate(folder, end=END.date(), days=40, beds=30, seed=7, dirt=0).folder


@pytest.fixture(scope="module")
def clean_extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_clean(tmp_path_factory.mktemp("extracts"))


@pytest.fixture(scope="module")
def clean_hospital() -> Iterator[Home]:
    """A home with one night of that hospital published."""
    home = Home()
    simulate_clean(home.extracts)
    home.refresh()
    yield home
    remove_home(home.path)


def extract_of(home: Home) -> Path:
    return home.extracts / "his" / f"{END:%Y-%m-%d}"


def rows_of(file: Path) -> dict[str, dict[str, str]]:
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {next(iter(row.values())): row for row in rows}


# --- pandas ---------------------------------------------------------------------------


def test_pandas_and_the_marts_say_the_same(clean_hospital: Home):
    warehouse = open_warehouse(clean_hospital.settings)
    url = sqlalchemy_url(warehouse.url())
    make_marts(extract_of(clean_hospital), url, END)
    with warehouse.connect() as connection:
        for mart in GRAINS:
            counted = connection.execute(
                f"select (select count(*) from {SCHEMA}.{mart}),"
                f" (select count(*) from marts.{mart})".encode()
            ).fetchone()
            assert counted is not None
            assert counted[0] == counted[1] > 0, mart
        assert differences(connection) == dict.fromkeys(GRAINS, 0)


def test_a_figure_that_differs_is_found(clean_hospital: Home):
    warehouse = open_warehouse(clean_hospital.settings)
    make_marts(extract_of(clean_hospital), sqlalchemy_url(warehouse.url()), END)
    with warehouse.connect() as connection:
        connection.execute(
            f"update {SCHEMA}.billing_monthly set failed_amount = failed_amount + 1"
            f" where ctid = (select min(ctid) from {SCHEMA}.billing_monthly)".encode()
        )
        connection.execute(
            f"delete from {SCHEMA}.patient_flow_daily where ctid ="
            f" (select min(ctid) from {SCHEMA}.patient_flow_daily)".encode()
        )
        found = differences(connection)
    assert {mart: rows for mart, rows in found.items() if rows} == {
        "billing_monthly": 1,
        "patient_flow_daily": 1,
    }


# --- the script -----------------------------------------------------------------------


def test_the_script_makes_the_candidates_row_for_row(clean_hospital: Home):
    manifest = by_hand.compiled(clean_hospital.settings)
    by_hand.by_hand(clean_hospital, manifest, extract_of(clean_hospital))
    compared = 0
    for model in by_hand.models_in_order(manifest):
        if model["schema"] != "candidate" or model["name"] == "publication":
            continue
        columns = ", ".join(model["columns"])
        ours, theirs = (
            f"select {columns} from {schema}candidate.{model['alias']}"
            for schema in ("", by_hand.PREFIX)
        )
        for one, other in ((ours, theirs), (theirs, ours)):
            assert not clean_hospital.rows(f"{one} except all {other}", None), model[
                "name"
            ]
        compared += 1
    assert compared > 20
    by_hand.clean(clean_hospital, manifest)
    left = f"select nspname from pg_namespace where nspname like '{by_hand.PREFIX}%'"
    assert not clean_hospital.rows(left, None)


# --- nights ---------------------------------------------------------------------------


def test_a_night_changes_what_it_says_and_nothing_else(
    clean_extract: Path, tmp_path: Path
):
    before, after = clean_extract, tmp_path / "2026-01-01"
    made = write_night(before, after, 60)
    changed: dict[str, int] = {}
    for file in before.glob("*.csv"):
        was, now = rows_of(file), rows_of(after / file.name)
        assert list(was) == list(now)
        changed[file.stem] = sum(was[key] != now[key] for key in was)
    assert sum(changed.values()) == made
    assert 55 <= made - changed["bed_stays"] <= 62
    assert {it for it, rows in changed.items() if rows} - {"bed_stays"} == set(CHANGES)


def test_a_delta_holds_what_changed_and_the_registers(
    clean_extract: Path, tmp_path: Path
):
    nights = {it: tmp_path / f"2026-01-0{1 + it}" for it in (False, True)}
    made = {
        is_delta: write_night(clean_extract, night, 60, is_delta=is_delta)
        for is_delta, night in nights.items()
    }
    assert made[True] == made[False]
    for file in clean_extract.glob("*.csv"):
        was, all_rows = rows_of(file), rows_of(nights[False] / file.name)
        changed = {key: row for key, row in all_rows.items() if row != was[key]}
        wanted = all_rows if file.stem in REGISTERS else changed
        assert rows_of(nights[True] / file.name) == wanted


def test_corrections_reach_no_further_back_than_they_are_told(
    clean_extract: Path, tmp_path: Path
):
    write_night(clean_extract, tmp_path / "night", 300, ages=Ages(0.05, 0.2))
    places = set()
    for name in CHANGES:
        was = rows_of(clean_extract / f"{name}.csv")
        now = rows_of(tmp_path / "night" / f"{name}.csv")
        places |= {
            place / len(was) for place, key in enumerate(was) if was[key] != now[key]
        }
    assert 0.79 < min(places) < 0.95 < max(places)


def test_the_same_night_has_the_same_bytes(clean_extract: Path, tmp_path: Path):
    nights = [tmp_path / name for name in ("one", "same", "other")]
    for night, seed in zip(nights, (1, 1, 2), strict=True):
        write_night(clean_extract, night, 60, seed)
    one, same, other = (
        {it.name: it.read_bytes() for it in night.iterdir()} for night in nights
    )
    assert one == same != other


def test_a_moved_discharge_takes_its_last_bed_along(
    clean_extract: Path, tmp_path: Path
):
    before, after = clean_extract, tmp_path / "2026-01-01"
    write_night(before, after, 1500)
    was, now = (rows_of(night / "admissions.csv") for night in (before, after))
    moved = [
        key for key in was if was[key]["discharged_at"] != now[key]["discharged_at"]
    ]
    ends = {
        (row["admission_id"], row["ended_at"])
        for row in rows_of(after / "bed_stays.csv").values()
    }
    assert len(moved) > 20
    with_bed = sum((key, now[key]["discharged_at"]) in ends for key in moved)
    assert with_bed >= 0.9 * len(moved)


def test_the_simulators_night_has_new_rows_and_stays_that_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    hospital = {"beds": 30, "branches": 1, "seed": 7}
    extract = simulate(tmp_path, end=END.date(), days=40, dirt=0, **hospital)
    done = Refreshed(20.0, {"transform": 10.0}, 1.0, Peaks())
    home: Any = SimpleNamespace(path=tmp_path, rows=lambda *_: [[1234]])
    history = History(home, 40, hospital, extract, 1.0, 1, "40 days", {}, done)
    monkeypatch.setattr(nights, "refreshed", lambda _: done)
    line = nights.simulated_line(history, lambda _: None)
    assert "as the simulator writes it, 1,234 rows" in line.what
    assert line.ratio == "100.0 %"
    night = extract.folder.with_name("2026-01-01")
    assert [it.name for it in tmp_path.iterdir()] == ["his"]
    for name in ("admissions", "appointments", "bills", "payments", "doctor_shifts"):
        was, now = (rows_of(it / f"{name}.csv") for it in (extract.folder, night))
        assert now.keys() - was.keys(), name
        assert len(now) < len(was)
    was, now = (rows_of(it / "bed_stays.csv") for it in (extract.folder, night))
    both = now.keys() & was.keys()
    assert any(now[key]["ended_at"] and not was[key]["ended_at"] for key in both)


# --- the table ------------------------------------------------------------------------


@pytest.mark.long
def test_every_line_of_the_table_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    document = tmp_path / "performance.md"
    document.write_text((REPOSITORY / "docs" / "performance.md").read_text())
    monkeypatch.setattr(benchmark.table, "write", _write_into(document))
    monkeypatch.setattr(nights, "REACH_DAYS", 50)
    report = benchmark.Report(Console(width=130), is_written=True)
    hospital = {"beds": 30, "branches": 1, "seed": 7}
    benchmark.measure(report, benchmark.Plan([40, 60], hospital, [10, 30], 60, 1))
    report.show()
    said = [f"{it.section}: {it.what}" for it in report.lines]
    assert not [it for it in report.lines if "failed" in it.what]
    for section, whats in {
        "load": ["file to raw"],
        "hourly occupancy": ["10 days", "30 days"],
        "pandas": ["six of them by pandas", "memory of Python"],
        "costliest models": ["the hourly mart"],
        "40 days": ["run by psql", "of it the models", "both gates", "publication"],
        "60 days": [
            "memory of what it starts",
            "largest session",
            "memory of the simulator",
            "raw, kept",
            "all tables",
        ],
        "nights after 40 days": [*NIGHTS],
        "nights after 60 days": [
            *NIGHTS,
            "a tenth of it of any age",
            "against as many after 40 days",
        ],
    }.items():
        for what in whats:
            assert [it for it in said if it.startswith(section) and what in it], what
    for line in report.lines:
        assert re.fullmatch(r"|[\d,.]+ (x|%)", line.ratio), line
        assert line.ours, line
        assert line.what in document.read_text()


def _write_into(document: Path):
    write = table.write

    def write_there(text: str) -> None:
        write(text, document)

    return write_there


def test_what_a_new_process_held_is_its_own():
    ballast = b"x" * (256 * 2**20)
    assert in_new_process(most_held) < len(ballast)


def test_a_part_that_fails_costs_its_own_lines_alone():
    report = benchmark.Report(Console(), is_written=False)
    with report.part("load") as keep:
        keep([Line("load", "kept")])
        raise RuntimeError("the disk is full")
    with report.part("nights") as keep:
        keep([Line("nights", "kept too")])
    assert [it.what for it in report.lines] == [
        "kept",
        "failed: the disk is full",
        "kept too",
    ]


def test_the_table_is_written_between_the_markers_again_and_again(tmp_path: Path):
    document = tmp_path / "performance.md"
    document.write_text((REPOSITORY / "docs" / "performance.md").read_text())
    parts = [_outside(document)]
    for what in ("first", "second \\d | third"):
        table.write(
            table.markdown([Line("load", what, "1.2 x")], ["a machine"]), document
        )
        parts.append(_outside(document))
    text = document.read_text()
    assert "second \\d \\| third" in text
    assert "first" not in text.split("<!--")[1]
    assert parts[0] == parts[1] == parts[2]


def test_a_document_without_markers_is_refused(tmp_path: Path):
    document = tmp_path / "performance.md"
    document.write_text("# Performance\n")
    with pytest.raises(ValueError, match="no markers"):
        table.write("text", document)
    assert document.read_text() == "# Performance\n"


@pytest.mark.parametrize(
    ("sparks", "said"),
    [((100.0, 150.0), ["0.50 x", "19,000,000"]), ((100.0, 300.0), ["2.00 x", "none"])],
)
def test_where_engines_cross_is_where_their_straight_lines_do(sparks, said):
    small, large = (
        Size(rows, {"PostgreSQL": ours, "Spark": its})
        for rows, ours, its in zip(
            (1_000_000, 11_000_000), (10.0, 110.0), sparks, strict=True
        )
    )
    slope, crossing = crossing_lines(small, large)
    assert [slope.ratio, crossing.ours] == said


def _outside(document: Path) -> tuple[str, str]:
    before, _, rest = document.read_text().partition("from here -->")
    return before, rest.partition("<!-- to here")[2]
