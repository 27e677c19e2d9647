"""What Dagster has of a project that cannot be loaded."""

from typing import Any, NoReturn

import dagster as dg
import pytest

from orchestration import dagster_home, definitions
from orchestration.alerts import outbox
from orchestration.defs import alerting
from orchestration.errors import WardlineError

WHY = "dbt cannot parse the project: it is broken."


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_: Any) -> NoReturn:
        raise WardlineError(WHY)

    monkeypatch.setattr(definitions, "load", load)
    monkeypatch.delenv(dagster_home._SERVED_VARIABLE, raising=False)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(dagster_home._SERVED_VARIABLE, "1")


@pytest.mark.usefixtures("broken")
def test_a_command_fails_with_what_is_wrong():
    with pytest.raises(WardlineError, match="it is broken"):
        definitions.defs()


@pytest.mark.usefixtures("broken", "served")
def test_a_run_fails_with_what_is_wrong(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(dagster_home, "parent_process", lambda: "the server")
    with pytest.raises(WardlineError, match="it is broken"):
        definitions.defs()


@pytest.mark.usefixtures("broken", "served")
def test_the_server_has_the_alerts_which_tell_it_once_and_show_it_always(
    monkeypatch: pytest.MonkeyPatch,
):
    told: list[str] = []
    monkeypatch.setattr(outbox, "tell_failure", lambda *said: told.extend(said[-1]))
    monkeypatch.setattr(outbox, "tell", lambda _: [])
    for unasked in ("record_unbegun", "free_the_queue"):
        monkeypatch.setattr(alerting, unasked, lambda *_: 0)
    (sensor,) = definitions.defs().sensors
    assert sensor.name == "alerts"
    assert WHY in sensor.description
    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            with pytest.raises(WardlineError, match="it is broken"):
                sensor(dg.build_sensor_context(instance=instance))
    (sentence,) = told
    assert sentence.startswith("Dagster cannot load Wardline, so no refresh runs: dbt")
