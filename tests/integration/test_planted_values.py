"""No value of a patient leaves the warehouse, whatever fails.

Marked values stand in every personal column, in headers and in file names. Runs fail in
each way there is and one succeeds; then all that was written outside is searched.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import pytest

from orchestration.warehouse import open_warehouse
from tests.conftest import Home, remove_home
from tests.integration.planted import MARKS, plant, quarantine_some, spoil
from tests.projects import copied_project
from tests.unit.alerts.receivers import Inbox, Posts, http, smtp

pytestmark = pytest.mark.long

# What a hospital's own model may do: stumble over a value.
CAST = "select cast(patient_name as integer) as n from {{ ref('stg_his__patients') }}"
STUMBLE = """
create function ops.stumble() returns trigger language plpgsql as
$$ begin perform cast(new.row_text as integer); return new; end $$;
create trigger stumble before insert on quarantine.malformed_rows
for each row execute function ops.stumble();
"""
# The tables themselves, and the log that PostgreSQL recovers them from.
TABLES = {"base", "pg_wal"}


@dataclass
class Nights:
    """A home, what its commands printed and returned, and what was sent."""

    home: Home
    inbox: Inbox
    posts: Posts
    printed: dict[str, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)

    def run(self, name: str, *arguments: str) -> None:
        temporary, user = self.home.path / "tmp", self.home.path / "user"
        for folder in (temporary, user):
            folder.mkdir(exist_ok=True)
        ran = self.home.run(
            *arguments,
            TMPDIR=str(temporary),
            # Where libraries leave caches and logs of their own.
            HOME=str(user),
            WARDLINE_DBT_PROJECT=str(self.home.path / "dbt_project"),
            WARDLINE_ALERT_EMAIL_TO="night@hospital.example",
            WARDLINE_ALERT_SMTP_URL=f"smtp://127.0.0.1:{self.inbox.port}",
            WARDLINE_ALERT_WEBHOOK_URL=self.posts.url,
        )
        self.printed[name] = ran.stdout + ran.stderr
        self.codes[name] = ran.returncode

    def execute(self, sql: str) -> None:
        with open_warehouse(self.home.settings).connect() as owner:
            owner.execute(sql.encode())


@pytest.fixture(scope="module")
def nights() -> Iterator[Nights]:
    home = Home()
    # dbt's tests of the identities would stop the mart gate's case before its gate.
    project = copied_project(home.path, "identities")
    model = project / "models" / "intermediate" / "numbers.sql"
    bills = project / "models" / "marts" / "billing" / "fct_bills.sql"
    with smtp(Inbox()) as inbox, http() as posts:
        nights = Nights(home, inbox, posts)

        spoil(plant(home.extracts, date(2026, 2, 27)))
        nights.run("check", "check", str(home.extracts))
        nights.run("extract gate", "refresh")
        shutil.rmtree(home.extracts / "his")

        quarantine_some(plant(home.extracts, date(2026, 2, 28)))
        model.write_text(CAST)
        nights.run("dbt", "refresh")
        model.unlink()

        quarantine_some(plant(home.extracts, date(2026, 3, 1)))
        nights.execute(STUMBLE)
        nights.run("database", "refresh")
        nights.execute("drop function ops.stumble() cascade")

        sound = bills.read_text()
        wrong = "cast(1 as numeric(18, 2)) as billed_amount,"
        bills.write_text(sound.replace("bills.billed_amount,", wrong))
        nights.run("mart gate", "refresh")
        bills.write_text(sound)
        nights.run("published", "refresh")
        for command in ("status", "alert", "history"):
            nights.run(command, command)
        yield nights
    remove_home(home.path)


def marked(text: bytes | str) -> bool:
    found = text if isinstance(text, bytes) else text.encode()
    return any(mark.lower().encode() in found.lower() for mark in MARKS)


def test_each_run_ended_in_its_own_way(nights: Nights):
    assert nights.codes == {
        "check": 1,
        "extract gate": 1,
        "dbt": 3,
        "database": 3,
        "mart gate": 1,
        "published": 0,
        "status": 0,
        "alert": 0,
        "history": 0,
    }, nights.printed
    for fault in ("dbt", "database"):
        assert "InvalidTextRepresentation (22P02)" in nights.printed[fault]
    stopped = nights.home.rows(
        "select distinct gate || ' ' || subject from ops.gate_results"
        " where not is_success and severity = 'critical'",
        None,
    )
    spoilt = "admissions appointments bed_stays beds bills patients payments wards"
    assert {it for (it,) in stopped} >= {
        "mart fct_bills",
        *(f"extract his.{table}" for table in [*spoilt.split(), "treatments"]),
    }


def test_the_marks_are_in_the_warehouse(nights: Nights):
    for table in ("raw_his.patients", "quarantine.malformed_rows"):
        ((rows,),) = nights.home.rows(
            f"select count(*) from {table} as t where t::text ilike '%planted%'", None
        )
        assert rows > 0
    assert nights.home.rows(
        "select count(*) > 0 from quarantine.quarantined_rows as t"
        " where t::text like '%1903-02-31%'",
        None,
    ) == [(True,)]


def test_nothing_printed_holds_a_mark(nights: Nights):
    assert [name for name, text in nights.printed.items() if marked(text)] == []


def test_nothing_sent_holds_a_mark(nights: Nights):
    assert len(nights.inbox.mails) == len(nights.posts.bodies) >= 4
    for mail in nights.inbox.mails:
        assert not marked(str(mail["Subject"]) + mail.get_content())
    assert [body for body in nights.posts.bodies if marked(body)] == []


def test_no_file_holds_a_mark_but_the_extracts_and_the_tables(
    nights: Nights, record_property: Callable[[str, int], None]
):
    home = nights.home.path
    server = (home / "postgres").resolve()
    places = [it for it in home.iterdir() if it.name not in ("extracts", "postgres")]
    places += [it for it in server.iterdir() if it.name not in TABLES]
    files = [
        file
        for place in places
        for file in (place.rglob("*") if place.is_dir() else [place])
        if file.is_file()
    ]
    names = {file.name for file in files}
    # What has to be among them, or the search means nothing.
    assert {"dbt.log", "log", "index.html", "index.db", "runs.db"} <= names
    found = [str(it) for it in files if marked(it.read_bytes()) or marked(it.name)]
    assert found == []
    record_property("planted values: files searched", len(files))
    record_property("planted values: files with one", len(found))


@pytest.mark.parametrize(
    "table",
    [
        *("ops.gate_results", "ops.run_events", "ops.alerts", "ops.alert_deliveries"),
        *("ops.decisions", "ops.quarantine_counts"),
        # what the dashboard shows
        *("serving.runs", "serving.gates", "serving.findings", "serving.batches"),
        *("serving.quarantine", "serving.malformed", "serving.accounts"),
    ],
)
def test_no_record_holds_a_mark(nights: Nights, table: str):
    rows = nights.home.rows(f"select t::text from {table} as t", None)
    assert rows
    assert [row for (row,) in rows if marked(row)] == []


def test_temporary_files_are_gone(nights: Nights):
    left = [it for it in (nights.home.path / "tmp").rglob("*") if it.is_file()]
    # The embedded server's library leaves an empty file to lock.
    assert [it for it in left if it.stat().st_size] == []
