"""A steward's nights: rejected batches looked at, judged again, accepted, rejected."""

import csv
import os
import re
import shlex
from datetime import date
from pathlib import Path

import psycopg
import pytest

from orchestration.locks import refresh_lock
from orchestration.warehouse import Role, open_warehouse
from simulator import simulate
from tests.conftest import Home

pytestmark = pytest.mark.long

NIGHT_1, NIGHT_2, NIGHT_3 = date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 2)
# Two of thirty beds cannot be read: more than one percent, and no figure's ruin.
BROKEN_BEDS = 2


def simulated(home: Home, end: date) -> Path:
    """A small hospital's extract since new year, in the drop folder."""
    days = (end - date(2025, 12, 31)).days
    extract = simulate(home.extracts, end=end, days=days, beds=30, seed=11)
    return extract.folder


@pytest.fixture(scope="module")
def nights(home: Home) -> Home:
    """A home whose first night is published and whose second was held back."""
    simulated(home, NIGHT_1)
    home.refresh()
    folder = simulated(home, NIGHT_2)
    break_beds(folder)
    wards = folder / "wards.csv"
    header, first, *rest = wards.read_text().splitlines()
    again = first.replace(",", "\u00a0,", 1)  # the same key behind a no-break space
    wards.write_text("\n".join([header, first, *rest, again, ""]))
    return home


def break_beds(folder: Path) -> None:
    beds = folder / "beds.csv"
    lines = beds.read_text().splitlines()
    lines[-BROKEN_BEDS:] = [f"{line},one,two" for line in lines[-BROKEN_BEDS:]]
    beds.write_text("\n".join([*lines, ""]))


def waiting(home: Home) -> dict[str, int]:
    """The numbers of the batches that wait, by table."""
    printed = home.run("batches", "--waiting").stdout
    return {
        table: int(number)
        for number, table in re.findall(r"│ (\d+) +│ his\.(\w+)", printed)
    }


def published(home: Home) -> tuple[str, bool]:
    """The day of the last publication, and whether it is complete."""
    [(day, is_complete)] = home.rows(
        "select cast(as_of as date)::text, is_complete from marts.publication"
        " order by publication_id desc limit 1"
    )
    return day, is_complete


def quarantined(home: Home, *options: str) -> list[dict[str, str]]:
    printed = home.run("quarantine", *options, "--format", "csv").stdout
    return list(csv.DictReader(printed.splitlines()))


def test_every_row_set_aside_is_shown_with_its_file_and_line(nights: Home):
    faults = quarantined(nights, "--source", "his")
    assert {fault["column"] for fault in faults} >= {"", "scheduled_at", "birth_date"}
    folder = nights.extracts / "his" / f"{NIGHT_1}"
    for fault in faults:
        line = (folder / fault["file"]).read_text().splitlines()[int(fault["line"]) - 1]
        assert fault["value"].splitlines()[0] in line
        assert fault["reason"]
    (one,) = quarantined(nights, "--table", "patients")
    assert quarantined(nights, "--batch", one["batch"]) == [one]


def test_the_accounts_of_a_run_are_printed_and_on_record(nights: Home):
    printed = nights.run("status", "--all").stdout
    received, appended, unchanged, malformed = accounts(
        printed, "(.*) rows received = (.*) appended \\+ (.*) unchanged \\+ (.*) malf"
    )
    assert received == appended + unchanged + malformed
    assert malformed > 0
    keys, staged, held = accounts(
        printed, "(.*) current rows in raw = (.*) staged \\+ (.*) in quarantine"
    )
    assert keys == staged + held == appended
    assert nights.rows(
        "select sum(raw_keys), sum(staged_rows), sum(quarantined_rows), count(*) > 30"
        " from ops.accounting",
        None,
    ) == [(keys, staged, held, True)]


def accounts(printed: str, pattern: str) -> list[int]:
    found = re.search(f"Accounted for: {pattern}", printed)
    assert found, printed
    return [int(number.replace(",", "")) for number in found.groups()]


def test_rejected_batches_wait_and_say_how_to_see_their_rows(nights: Home):
    ran = nights.run("refresh")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert set(waiting(nights)) == {"beds", "wards"}
    commands = re.findall(r"critical .* To see them: wardline (.*)", ran.stdout)
    assert len(commands) == 2
    for command in commands:
        shown = nights.run(*shlex.split(command), "--format", "csv").stdout
        assert len(shown.splitlines()) > 1, command
    printed = nights.run("status", "--all").stdout
    assert "2 rejected batches wait for a corrected file or a decision" in printed


def test_a_run_without_new_batches_does_not_hide_those_that_wait(nights: Home):
    ran = nights.run("refresh")
    assert ran.returncode == 1
    assert "No new batches; 2 rejected batches of before wait" in ran.stdout
    assert "keys (ward_id) that occur more than once: 1." in ran.stdout


def test_what_raw_cannot_hold_nobody_can_accept(nights: Home):
    number = waiting(nights)["wards"]
    ran = nights.run("accept", number, "--reason", "It is right.")
    assert ran.returncode == 2
    assert f"Batch {number} of his.wards (2026-03-01) cannot be accepted" in ran.stderr
    assert "occur more than once: 1." in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["accept", "1", "--reason", "x"], "passed the extract gate"),
        (["accept", "4711", "--reason", "x"], "There is no batch 4711"),
        (["reject", "4711", "--reason", " "], "needs its reason"),
        (["accept", "1"], "Missing option '--reason'"),
    ],
)
def test_a_decision_that_cannot_be_is_a_sentence(nights: Home, arguments, complaint):
    ran = nights.run(*arguments)
    assert ran.returncode == 2
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_batch_rejected_for_good_holds_nothing_back(nights: Home):
    number = waiting(nights)["wards"]
    ran = nights.run("reject", number, "--reason", "Yesterday's hold.", "--by", "Ada")
    assert ran.returncode == 0, ran.stderr
    assert set(waiting(nights)) == {"beds"}
    assert nights.rows(
        "select decision, decided_by, reason from ops.batch_decisions", None
    ) == [("rejected", "Ada", "Yesterday's hold.")]
    again = nights.run("reject", number, "--reason", "x")
    assert "was rejected by Ada before: Yesterday's hold." in again.stderr


def test_a_wrong_threshold_is_named_before_anything_is_done(nights: Home):
    gates = nights.path / "gates.yml"
    gates.write_text("his.beds: {max_malformed: 10}")
    ran = nights.run("refresh")
    assert ran.returncode == 2
    assert "his.beds: there is no threshold 'max_malformed'" in ran.stderr
    gates.unlink()


@pytest.fixture(scope="module")
def judged_again(nights: Home) -> Home:
    """The second night published, because a threshold was changed and nothing else."""
    folder = nights.extracts / "his" / f"{NIGHT_2}"
    beds = folder / "beds.csv"
    facts = beds.stat()
    beds.write_text("x" * facts.st_size)  # who reads it cannot go on
    os.utime(beds, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    (nights.path / "gates.yml").write_text("his.beds: {max_malformed_pct: 10}\n")
    nights.refresh()
    return nights


def test_a_changed_threshold_judges_the_kept_batch_without_reading_it(
    judged_again: Home,
):
    assert published(judged_again) == ("2026-03-01", True)
    assert waiting(judged_again) == {}
    assert judged_again.rows(
        "select rows_received, rows_appended + rows_unchanged, rows_malformed"
        " from ops.batches where table_name = 'beds' order by batch_id desc limit 1",
        None,
    ) == [(30, 30 - BROKEN_BEDS, BROKEN_BEDS)]


def test_who_let_it_pass_by_a_threshold_is_in_the_history(judged_again: Home):
    printed = judged_again.run("history").stdout
    (line,) = (it for it in printed.splitlines() if "set thresholds" in it)
    for words in ("command line", "max_malformed_pct of"):
        assert words in line
    assert "before not set" in printed


def test_what_a_gate_found_is_read_by_the_transformer_alone(judged_again: Home):
    ask = "select key_values from quarantine.failing_keys"
    assert judged_again.rows(ask, Role.TRANSFORMER)
    for role in (Role.LOADER, Role.READER):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            judged_again.rows(ask, role)


def test_what_is_settled_is_kept_no_longer(judged_again: Home):
    assert judged_again.rows(
        "select count(*) from pg_tables"
        " where schemaname = 'landing' and tablename like 'batch%'",
        None,
    ) == [(0,)]


@pytest.fixture(scope="module")
def misdated(judged_again: Home) -> Home:
    """The third night, in a folder ten years ahead; later put right."""
    home = judged_again
    (home.path / "gates.yml").unlink()
    folder = simulated(home, NIGHT_3)
    break_beds(folder)
    appointments = folder / "appointments.csv"
    appointments.write_text(appointments.read_text().replace(",??,", ",Completed,"))
    folder.rename(folder.with_name("2036-03-02"))
    return home


def test_a_wrong_future_date_freezes_nothing(misdated: Home):
    before = misdated.marts()
    ran = misdated.run("refresh")
    assert ran.returncode == 1
    said = re.findall(r"critical his: the extracts of 2036-03-02 speak .*", ran.stdout)
    assert len(said) == 1  # once, not for each of thirteen tables
    assert ran.stdout.count("critical his: the extracts of 2036-03-02 came on") == 1
    assert "3653 days after" in said[0].replace(",", "")
    assert misdated.marts() == before
    numbers = [str(it) for it in waiting(misdated).values()]
    assert len(numbers) == 13
    folder = misdated.extracts / "his" / "2036-03-02"
    folder.rename(folder.with_name(f"{NIGHT_3}"))
    ran = misdated.run("reject", *numbers, "--reason", "The folder had a wrong year.")
    assert ran.returncode == 0, ran.stderr
    assert waiting(misdated) == {}


def test_an_accepted_batch_is_published_and_the_decision_on_record(misdated: Home):
    held_back = misdated.run("refresh")
    assert held_back.returncode == 1, held_back.stdout
    (number,) = waiting(misdated).values()
    ran = misdated.run("accept", number, "--reason", "Two beds went to the annex.")
    assert ran.returncode == 0, ran.stderr
    assert "30 rows received = " in ran.stdout
    assert "No new batches" in misdated.refresh()
    assert published(misdated) == ("2026-03-02", True)
    assert misdated.rows(
        "select d.batch_id, d.decision, d.reason, b.status, b.rows_malformed,"
        " d.decided_by <> '', d.decided_at is not null"
        " from ops.batch_decisions d join ops.batches b on b.batch_id = d.loaded_as",
        None,
    ) == [
        (number, "accepted", "Two beds went to the annex.", "accepted", 2, True, True)
    ]


def test_a_corrected_row_in_a_later_extract_heals_what_was_in_quarantine(
    misdated: Home,
):
    # The status ?? of the first night was corrected in the third.
    values = [it["value"] for it in quarantined(misdated, "--table", "appointments")]
    assert values
    assert "??" not in values


@pytest.mark.parametrize("role", [Role.LOADER, Role.TRANSFORMER])
@pytest.mark.parametrize(
    "statement", ["update ops.decisions set reason = ''", "delete from ops.decisions"]
)
def test_decisions_are_append_only(misdated: Home, role, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        misdated.rows(statement, role)


def test_a_second_refresh_is_refused_and_is_no_fault_of_the_first(misdated: Home):
    with refresh_lock(open_warehouse(misdated.settings)):
        ran = misdated.run("refresh")
    assert ran.returncode == 3
    assert "Another refresh of this warehouse" in ran.stdout
    assert "Fault:" not in misdated.run("status", "--all").stdout


def test_status_shows_the_fault_that_broke_the_last_run(misdated: Home):
    owned = "alter table candidate.dim_date owner to"
    with open_warehouse(misdated.settings).connect() as owner:
        owner.execute(f"{owned} postgres")
    assert misdated.run("refresh").returncode == 3
    assert "Fault:" in misdated.run("status", "--all").stdout
    assert "must be owner" in misdated.run("status", "--all").stdout
    with open_warehouse(misdated.settings).connect() as owner:
        owner.execute(f"{owned} wardline_transformer")


def test_an_export_cut_off_near_its_end_does_not_pass(misdated: Home):
    folder = simulated(misdated, date(2026, 3, 3))
    bills = folder / "bills.csv"
    lines = bills.read_text().splitlines(keepends=True)
    bills.write_text("".join(lines[: round(len(lines) * 0.95)]))
    before = misdated.marts()
    ran = misdated.run("refresh")
    assert ran.returncode == 1, ran.stdout
    assert re.search(r"warning his\.bills has .* less than the last", ran.stdout)
    assert "critical billing_monthly: months that would lose" in ran.stdout
    assert misdated.marts() == before
