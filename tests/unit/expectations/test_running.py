"""Running suites: quiet, offline, lazy, and with pages that a person can read."""

import re
import subprocess
import sys
import traceback
from pathlib import Path

import psutil
import psycopg
import pytest

from expectations import MartFacts, mart_suites, preload, run_suites
from expectations.running import sqlalchemy_url
from tests.faults.stage import wait_until


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (
            "postgresql://postgres:@/wardline?host=/var/pg",
            "postgresql+psycopg://postgres:@localhost:5432/wardline?host=%2Fvar%2Fpg",
        ),
        (
            "postgresql://nurse:a$b%2F@db.example:6432/wardline?sslmode=require",
            "postgresql+psycopg://nurse:a%24b%2F@db.example:6432/wardline"
            "?sslmode=require",
        ),
    ],
)
def test_any_postgresql_url_is_taken(given: str, taken: str) -> None:
    assert sqlalchemy_url(given) == taken


def test_importing_the_package_does_not_import_great_expectations() -> None:
    code = "import sys, expectations; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_who_asks_never_imports_great_expectations(url: str, facts: MartFacts) -> None:
    assert run_suites(url, mart_suites(facts))
    assert "great_expectations" not in sys.modules


def test_a_killed_process_is_told_and_the_next_question_answered(
    url: str, facts: MartFacts
) -> None:
    preload()
    [asked] = [
        it for it in psutil.Process().children() if "expectations.child" in it.cmdline()
    ]
    asked.kill()
    with pytest.raises(ChildProcessError, match="killed, for want of memory perhaps"):
        run_suites(url, mart_suites(facts))
    assert run_suites(url, mart_suites(facts))


def test_the_process_that_asks_ends_with_the_one_that_is_killed() -> None:
    code = "import time, expectations; expectations.preload(); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code]) as parent:
        process = psutil.Process(parent.pid)
        wait_until(lambda: bool(process.children()), "the process that asks starts")
        [asked] = process.children()
        parent.kill()
    gone, alive = psutil.wait_procs([asked], timeout=30)
    assert gone
    assert not alive


def test_an_unreachable_warehouse_says_so_without_its_password(
    facts: MartFacts,
) -> None:
    url = "postgresql://nurse:SECRET@localhost:1/wardline"
    with pytest.raises(ConnectionError) as raised:
        run_suites(url, mart_suites(facts))
    assert "SECRET" not in "".join(traceback.format_exception(raised.value))


def test_no_suites_are_no_verdicts(url: str) -> None:
    assert run_suites(url, []) == []


def test_a_run_leaves_no_connection_open(
    url: str, facts: MartFacts, candidate: psycopg.Connection
) -> None:
    run_suites(url, mart_suites(facts)[:1])

    def is_alone() -> bool:
        # A transaction is shown the same sessions again and again, but for this.
        candidate.execute("select pg_stat_clear_snapshot()")
        (others,) = candidate.execute(
            "select count(*) from pg_stat_activity "
            "where backend_type = 'client backend' and pid <> pg_backend_pid()"
        ).fetchone()
        return others == 0

    # A session that was closed is gone a moment later; one left open never goes.
    wait_until(is_alone, "the sessions of the run end")


def test_a_run_prints_nothing(
    url: str, facts: MartFacts, capfd: pytest.CaptureFixture[str]
) -> None:
    run_suites(url, mart_suites(facts))
    assert capfd.readouterr() == ("", "")


def test_the_pages_show_every_verdict_and_need_no_network(
    url: str, facts: MartFacts, candidate: psycopg.Connection, tmp_path: Path
) -> None:
    candidate.execute("update candidate.billing_monthly set bills = 3")
    verdicts = run_suites(url, mart_suites(facts), tmp_path / "docs")
    index = (tmp_path / "docs" / "index.html").read_text(encoding="utf-8")
    assert index.index("billing_matches_bills") < index.index("grain_unique")
    for verdict in verdicts:
        page = f"mart.{verdict.subject}.html"
        assert f'href="{page}"' in index
        assert (tmp_path / "docs" / page).exists()
    text = (tmp_path / "docs" / "mart.billing_monthly.html").read_text(encoding="utf-8")
    assert "Bills and amounts over all months are those of fct_bills." in text
    for page in (tmp_path / "docs").glob("*.html"):
        html = page.read_text(encoding="utf-8")
        assert not re.search(r"""(src|href)=["']?(https?:)?//|<script""", html)
        for link in re.findall(r'href="([^#"]+)"', html):
            assert (page.parent / link).exists()
