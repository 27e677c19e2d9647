"""Questions that take too long: they end, and hinder no others."""

import pytest
from starlette.testclient import TestClient

from orchestration.warehouse import open_warehouse
from serving import database
from serving.contracts import MartContract
from serving.guard import Door
from serving.server import build
from tests.conftest import Home


def test_a_question_that_takes_too_long_is_ended_and_said(
    hospital: Home,
    reader_conninfo: str,
    contracts: dict[str, MartContract],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(database, "STATEMENT_TIMEOUT_SECONDS", 1)
    app = build(reader_conninfo, contracts, Door(None, is_https=False))
    with (
        TestClient(app, base_url="http://127.0.0.1") as client,
        open_warehouse(hospital.settings).connect() as owner,
    ):
        owner.execute("lock table marts.fct_bills in access exclusive mode")
        answer = client.get("/api/v1/marts/fct_bills")
        assert answer.status_code == 504
        assert answer.headers["content-type"] == "application/problem+json"
        assert "narrow it by a filter" in answer.json()["detail"]
        assert client.get("/dashboard/csv/money/payers.csv").status_code == 504
        assert client.get("/api/v1/marts/fct_admissions").status_code == 200
