"""A value planted in every column of failing tables is found in nothing that leaves."""

import logging
from pathlib import Path

import psycopg
import pytest

from expectations import (
    ExtractFacts,
    Mart,
    MartFacts,
    extract_suite,
    mart_suites,
    run_suites,
)
from expectations.checks import Suite, no_rows
from expectations.mart_identities import identity_checks

PLANTED = "PLANTED"


def plant(database: psycopg.Connection, table: str, columns: list[str]) -> None:
    """Two equal rows, one without its first value, and values that are no numbers."""
    names = ", ".join(f"{column} text" for column in columns)
    database.execute(f"create table {table} ({names})")
    for first in (f"'{PLANTED}-1'", f"'{PLANTED}-1'", "null"):
        rest = ", ".join(f"'{PLANTED}-{n + 2}'" for n in range(len(columns) - 1))
        database.execute(f"insert into {table} values ({first}, {rest})")


@pytest.mark.usefixtures("database")
def test_no_planted_value_leaves_in_a_verdict_a_page_or_a_log(
    url: str,
    database: psycopg.Connection,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.INFO)
    plant(database, "landing.his__patients", ["patient_id", "patient_name", "phone"])
    extract = ExtractFacts(
        source_system="his",
        table="patients",
        landing_schema="landing",
        landing_table="his__patients",
        key=("patient_id",),
        required_columns=("patient_id", "patient_name", "birth_date"),
        rows_landed=9,
        rows_malformed=9,
        history=(900,),
        extra_columns=("phone",),
    )
    columns = [
        "source_system", "outcome", "length_of_stay_nights", "mortality_pct",
        "billed_amount", "discharges", "has_quality_issue", "admitted_at",
        "discharged_at", "admitted_on", "discharged_on", "appointment_status",
    ]  # fmt: skip
    names = ("fct_admissions", "fct_appointments", "outcomes_monthly", "fct_bills")
    for name in names:
        plant(database, f"candidate.{name}", columns)
    marts = MartFacts(
        marts=tuple(Mart(n, ("source_system",), tuple(columns)) for n in names),
        as_of={},
        published_rows=dict.fromkeys(names, 50),
    )
    # A check that PostgreSQL answers with the value itself: invalid input syntax for
    # type integer: "PLANTED-2".
    casts = no_rows(
        "casts_hold",
        "select 1 from {batch} where cast(outcome as integer) > 0",
        expects="Every outcome is a number.",
        otherwise="No.",
        because="A test.",
    )
    verdicts = run_suites(
        url,
        [
            ("landing", "his__patients", extract_suite(extract)),
            *mart_suites(marts),
            ("candidate", "fct_admissions", Suite("mart", "casts", [casts])),
        ],
        tmp_path,
    )

    pages = [page.read_text(encoding="utf-8") for page in tmp_path.rglob("*.html")]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    captured = capfd.readouterr()
    assert len(files) == len(pages) > len(names)
    assert sum(not verdict.success for verdict in verdicts) > len(
        identity_checks(marts)
    )
    assert "InvalidTextRepresentation" in verdicts[-1].sentence
    for text in [*map(repr, verdicts), *pages, caplog.text, captured.out, captured.err]:
        assert PLANTED not in text
