"""What Prometheus is told of the last refresh, against what was seen of it outside."""

import csv
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from subprocess import CompletedProcess

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from orchestration import dbt
from orchestration.warehouse import open_warehouse
from serving.api.run_metrics import OUTCOMES
from serving.contracts import mart_contracts
from serving.guard import Door
from serving.server import build
from simulator import SimulatedExtract, poison, simulate
from tests.conftest import Home

Figures = dict[str, dict[str, float]]


def figures(client: TestClient) -> Figures:
    """Every gauge of the last run and of alerts, by its name and then by its label."""
    found: Figures = {}
    for family in text_string_to_metric_families(client.get("/metrics").text):
        if family.name.startswith(("wardline_last_run_", "wardline_open_alerts")):
            assert family.type == "gauge"
            name = family.name.removeprefix("wardline_").removeprefix("last_run_")
            found[name] = {
                "".join(it.labels.values()): it.value for it in family.samples
            }
    return found


@dataclass(frozen=True)
class Refresh:
    """A refresh as it looks from outside, and what is told of it then."""

    extract: SimulatedExtract
    ran: CompletedProcess
    began_at: float
    ended_at: float
    told: Figures

    @property
    def outcome(self) -> str:
        assert set(self.told["outcome"]) == set(OUTCOMES)
        [outcome] = [it for it, value in self.told["outcome"].items() if value == 1]
        assert sum(self.told["outcome"].values()) == 1
        return outcome

    def findings(self, severity: str) -> int:
        """How many it printed that its gates found."""
        words = {"critical": "critical failure", "warning": "warning"}[severity]
        printed = re.findall(
            rf"gate (?:passed|failed):.* (\d+) {words}", self.ran.stdout
        )
        return sum(map(int, printed))


class Nights:
    """The refreshes of one home, and a server over it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._warehouse = open_warehouse(home.settings)
        assert self._warehouse.server_conninfo
        self.client = TestClient(
            build(
                self._warehouse.server_conninfo,
                mart_contracts(dbt.manifest(home.settings)),
                Door(None, is_https=False),
            ),
            base_url="http://127.0.0.1",
        )

    def extract(self, end: date) -> SimulatedExtract:
        days = (end - date(2025, 12, 31)).days
        return simulate(self.home.extracts, end=end, days=days, beds=9, seed=11)

    def refresh(self, extract: SimulatedExtract) -> Refresh:
        began_at = time.time()
        ran = self.home.run("refresh")
        return Refresh(extract, ran, began_at, time.time(), figures(self.client))

    def owned(self, table: str, role: str) -> None:
        with self._warehouse.connect() as owner:
            owner.execute(f"alter table {table} owner to {role}".encode())


@pytest.fixture(scope="module")
def nights(home: Home) -> Iterator[Nights]:
    made = Nights(home)
    with made.client:
        yield made


@pytest.fixture(scope="module")
def published(nights: Nights) -> Refresh:
    before = figures(nights.client)
    assert before["outcome"] == before["rows"] == before["open_alerts"] == {}
    return nights.refresh(nights.extract(date(2026, 2, 1)))


@pytest.fixture(scope="module")
def failed(nights: Nights, published: Refresh) -> Refresh:
    """The next night, in which a table of raw was another's."""
    assert published.ran.returncode == 0
    extract = nights.extract(date(2026, 2, 2))
    nights.owned("raw_his.bills", "postgres")
    try:
        return nights.refresh(extract)
    finally:
        nights.owned("raw_his.bills", "wardline_loader")


@pytest.fixture(scope="module")
def held_back(nights: Nights, failed: Refresh) -> Refresh:
    """The same night again, with keys that occur twice."""
    poison(failed.extract.folder, "duplicate_keys", table="bills")
    return nights.refresh(failed.extract)


@pytest.mark.parametrize(
    ("name", "outcome", "code"),
    [
        ("published", "published", 0),
        ("failed", "failed", 3),
        ("held_back", "held_back", 1),
    ],
)
def test_how_it_ended_when_and_what_its_gates_found(request, name, outcome, code):
    refresh: Refresh = request.getfixturevalue(name)
    assert refresh.ran.returncode == code, refresh.ran.stdout + refresh.ran.stderr
    told = refresh.told
    assert refresh.outcome == outcome
    ended_at, duration = told["timestamp_seconds"][""], told["duration_seconds"][""]
    assert refresh.began_at < ended_at - duration < ended_at < refresh.ended_at
    assert told["gate_failures"] == {"": refresh.findings("critical")}
    assert told["gate_warnings"] == {"": refresh.findings("warning")}


@pytest.mark.parametrize(
    ("name", "alerts"),
    [
        ("published", {}),
        ("failed", {"refresh_failed": 1}),
        ("held_back", {"gate_failed": 1}),
    ],
)
def test_alerts_are_counted_while_they_are_open(request, name, alerts):
    told = request.getfixturevalue(name).told["open_alerts"]
    # The extract of a night long past is late, however the refresh ended.
    assert told == alerts | {"extract_late": 1}


def test_every_row_is_in_an_account(nights: Nights, published: Refresh):
    extract = published.extract
    received, malformed = sum(extract.rows.values()), extract.planted["malformed_line"]
    listed = nights.home.run("quarantine", "--format", "csv").stdout.splitlines()
    held = {(it["table"], it["line"]) for it in csv.DictReader(listed) if it["column"]}
    assert malformed > 0
    assert held
    assert published.told["rows"] == {
        "received": received,
        "appended": received - malformed,
        "unchanged": 0,
        "malformed": malformed,
        "rejected": 0,
        "current": received - malformed,
        "quarantined": len(held),
    }


def test_rows_of_a_rejected_batch_are_not_among_those_received(
    failed: Refresh, held_back: Refresh
):
    rows = dict(held_back.told["rows"])
    bills = failed.extract.folder / "bills.csv"
    in_file = len(bills.read_text().splitlines()) - 1
    assert rows.pop("rejected") == in_file
    taken_in = [it.told["rows"]["received"] for it in (failed, held_back)]
    of_extract = sum(failed.extract.rows.values()) - failed.extract.rows["bills"]
    assert sum(taken_in) == of_extract
    # Nothing was modelled, so nobody counted the current rows.
    assert rows.keys() == {"received", "appended", "unchanged", "malformed"}
    assert rows["received"] == sum(rows.values()) - rows["received"]
