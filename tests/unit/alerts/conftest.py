"""A warehouse of its own for each test of alerts, and servers for both channels."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

from orchestration import dbt
from orchestration.settings import Settings
from orchestration.warehouse import Role, Warehouse, open_warehouse
from tests.conftest import make_home, remove_home
from tests.unit.alerts.receivers import Inbox, Posts, http, smtp

_numbers = count()


@dataclass
class Desk:
    """A home with its warehouse, and whoever gets its alerts."""

    settings: Settings
    warehouse: Warehouse
    inbox: Inbox
    posts: Posts
    answers: list[int] = field(default_factory=list)
    """Statuses that the webhook gives first, before it takes what it is sent."""

    def connect(self) -> psycopg.Connection:
        return self.warehouse.connect(Role.TRANSFORMER)

    def told(self) -> list[tuple[str, str, str]]:
        """Event, kind and subject of all that the webhook took, in order."""
        return [
            (it["event"], it["kind"], it["subject"])
            for payload in self.posts.payloads
            for it in payload["alerts"]
        ]


@pytest.fixture(scope="session")
def alerts_home() -> Iterator[Path]:
    home = make_home()
    yield home
    remove_home(home)


@pytest.fixture
def desk(warehouse: Warehouse, settings: Settings, alerts_home: Path) -> Iterator[Desk]:
    name = f"alerts_{next(_numbers)}"
    with warehouse.connect() as connection:
        connection.autocommit = True
        connection.execute(f"create database {name}")
    answers: list[int] = []

    def answer(handler) -> None:
        handler.send_response(answers.pop(0) if answers else 204)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with smtp(Inbox()) as inbox, http(answer) as posts:
        own = Settings(
            _env_file=None,
            home=alerts_home,
            database_url=warehouse.url().replace("/postgres?", f"/{name}?"),
            pseudonym_key_file=settings.pseudonym_key_path,
            time_zone="Europe/Berlin",
            alert_label="St. Elsewhere",
            alert_email_to="night@hospital.example",
            alert_smtp_url=f"smtp://127.0.0.1:{inbox.port}",
            alert_webhook_url=posts.url,
        )
        dbt.manifest(own)  # where the deadlines stand
        yield Desk(own, open_warehouse(own), inbox, posts, answers)
    with warehouse.connect() as connection:
        connection.autocommit = True
        connection.execute(f"drop database {name} with (force)")
