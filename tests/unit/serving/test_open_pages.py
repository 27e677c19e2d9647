"""What a page is answered, as whom, and while its warehouse is slow, busy or gone."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from psycopg.errors import (
    AdminShutdown,
    ConfigurationLimitExceeded,
    InsufficientPrivilege,
    QueryCanceled,
)
from psycopg_pool import PoolTimeout
from starlette.testclient import TestClient

from serving import database, guard
from serving.api import problems
from serving.dashboard import app as dashboard
from serving.database import DatabaseUnavailableError
from serving.guard import Door, Guard
from serving.sessions import Sessions
from serving.users import User

OTTO = "wardline_user_otto"
USED = {"name": "branch", "value": "his:BR1"}
EACH = pytest.mark.parametrize(
    ("outputs", "given"),
    [(["page.children"], {}), (["url.search"], {"used_data": USED})],
    ids=["a page", "a choice"],
)


class Marts:
    """Marts of which each reading is what a test says."""

    def __init__(self) -> None:
        self.read_by: Callable[[], Any] = lambda: None
        self.roles: list[str] = []

    @contextmanager
    def read(self, role: str | None = None) -> Iterator[Any]:
        if role is None:  # the door's, which finds out who asks
            yield None
        else:
            self.roles.append(role)
            yield self.read_by()


@pytest.fixture
def marts() -> Marts:
    return Marts()


@pytest.fixture
def client(marts: Marts, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The browser of otto, whom a proxy names, at the dashboard of such marts."""
    otto = User(1, "otto", None, OTTO, False, datetime(2026, 3, 1, tzinfo=UTC))
    monkeypatch.setattr(guard, "find_user", lambda *_: otto)
    app = FastAPI()
    problems.install(app)
    dashboard.install(app, marts, {}, currency="EUR")  # type: ignore[arg-type]
    door = Door(Sessions(b"k" * 32), user_header="x-user", proxies=["testclient"])
    app.add_middleware(Guard, door=door, marts=marts)
    with TestClient(app, headers={"X-User": "otto"}) as client:
        yield client


def changed(client: TestClient, outputs: list[str], **given: Any) -> Any:
    """What the server answers when properties of the page changed, as Dash asks it.

    Args:
        client: the browser.
        outputs: what the callback sets, such as `page.children`.
        given: its inputs and states, `url_pathname="/beds"` for `url.pathname`.
    """
    called = [
        it
        for it in client.get("/_dash-dependencies").json()
        if set(outputs) <= set(it["output"].strip(".").split("..."))
    ]
    [callback] = called
    names = callback["output"].strip(".").split("...")
    set_properties = [dict(zip(("id", "property"), it.split("."), strict=True))
                      for it in names]  # fmt: skip

    def filled(asked: list[dict[str, str]]) -> list[dict[str, Any]]:
        return [
            it | {"value": given.get(f"{it['id']}_{it['property']}")} for it in asked
        ]

    return client.post(
        "/_dash-update-component",
        json={
            "output": callback["output"],
            "outputs": set_properties if len(names) > 1 else set_properties[0],
            "inputs": filled(callback["inputs"]),
            "state": filled(callback["state"]),
            "changedPropIds": [f"{it['id']}.{it['property']}"
                               for it in callback["inputs"]],
        },
    )  # fmt: skip


@EACH
def test_whoever_asks_is_answered_in_his_role(
    marts: Marts, client: TestClient, outputs, given
):
    marts.read_by = raising(DatabaseUnavailableError())
    changed(client, outputs, url_pathname="/beds", url_search="", **given)
    assert marts.roles == [OTTO]


def test_a_page_that_waits_holds_up_nobody_else(client: TestClient, marts: Marts):
    is_begun, may_end = Event(), Event()

    def wait() -> None:
        is_begun.set()
        assert may_end.wait(10)
        raise RuntimeError("it was long enough")

    marts.read_by = wait
    with ThreadPoolExecutor() as pool:
        page = pool.submit(changed, client, ["page.children"], url_pathname="/beds")
        assert is_begun.wait(10)
        other = pool.submit(client.get, "/_dash-layout")
        try:
            assert other.result(5).status_code == 200
            assert not page.done()
        finally:
            may_end.set()


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (DatabaseUnavailableError(), 503),
        (InsufficientPrivilege(), 403),
        (RuntimeError(), 500),
    ],
)
@EACH
def test_what_is_not_answered_leaves_as_a_status(
    marts: Marts, client: TestClient, outputs, given, failure, status
):
    """The page then takes figures and filters away, and asks again."""
    marts.read_by = raising(failure)
    answer = changed(client, outputs, url_pathname="/beds", url_search="", **given)
    assert answer.status_code == status


@pytest.mark.parametrize("failure", [QueryCanceled(), ConfigurationLimitExceeded()])
def test_what_asks_for_too_much_is_said_and_not_asked_again(
    marts: Marts, client: TestClient, failure
):
    marts.read_by = raising(failure)
    answer = changed(client, ["page.children"], url_pathname="/beds", url_search="")
    assert answer.status_code == 200
    assert "This takes too long." in answer.text


@pytest.mark.parametrize(
    ("failure", "seen"),
    [
        (PoolTimeout(), DatabaseUnavailableError),
        (AdminShutdown(), DatabaseUnavailableError),
        (QueryCanceled(), QueryCanceled),
        (ConfigurationLimitExceeded(), ConfigurationLimitExceeded),
    ],
)
def test_a_question_of_too_much_is_no_warehouse_that_is_gone(failure, seen):
    marts = database.Marts("")
    connection = SimpleNamespace(transaction=nullcontext)
    marts._pool = SimpleNamespace(connection=lambda: nullcontext(connection))
    with pytest.raises(seen), marts.read(None):
        raise failure


def raising(failure: Exception) -> Callable[[], None]:
    def read() -> None:
        raise failure

    return read
