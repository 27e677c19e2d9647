"""The server over the hospital with passwords, and the keys and users who come in."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from orchestration import accounts
from orchestration.readers import Binding
from orchestration.settings import Settings
from orchestration.warehouse import locate
from serving.contracts import MartContract
from serving.guard import Door
from serving.server import build
from serving.sessions import Sessions

SITE = "https://wardline.hospital.example"
PASSWORD = "correct horse battery staple"
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Places:
    """Two branches; two departments of the first and one of the second."""

    north: str
    south: str
    own: str
    other: str
    far: str


class Doors:
    """Makes servers over one warehouse, and whoever may enter them."""

    def __init__(self, settings: Settings, contracts: dict[str, MartContract]) -> None:
        self._settings = settings
        self._warehouse = locate(settings)
        self._contracts = contracts
        assert self._warehouse.server_conninfo
        self.conninfo = self._warehouse.server_conninfo

    def app(self, *, rate: str = "1000000/second", **door: Any) -> FastAPI:
        """A server that asks for a login, as behind https; `door` says what differs."""
        entered = {
            "sessions": Sessions(b"k" * 32),
            "hosts": ["wardline.hospital.example"],
        }
        return build(
            self.conninfo,
            self._contracts,
            Door(**(entered | door)),
            rate=rate,
            data_docs=self._settings.data_docs,
        )

    @contextmanager
    def client(
        self, *, peer: str = "10.0.0.7", rate: str = "1000000/second", **door: Any
    ) -> Iterator[TestClient]:
        """A browser, or a program, at an address."""
        with TestClient(
            self.app(rate=rate, **door),
            base_url=SITE,
            client=(peer, 50_000),
            follow_redirects=False,
        ) as client:
            yield client

    def key(self, binding: Binding | None = None, lifetime: timedelta = YEAR) -> str:
        """A new key, for all rows or those of a binding."""
        return self.numbered_key(binding, lifetime)[1]

    def numbered_key(
        self, binding: Binding | None = None, lifetime: timedelta = YEAR
    ) -> tuple[int, str]:
        with self._warehouse.connect() as owner:
            return accounts.create_key(
                owner,
                "a test",
                binding or Binding(),
                lifetime=lifetime,
                reason="a test",
            )

    def revoke(self, key_id: int) -> None:
        with self._warehouse.connect() as owner:
            accounts.revoke_key(owner, key_id, reason="a test")

    def user(
        self, name: str, binding: Binding | None = None, password: str | None = PASSWORD
    ) -> None:
        with self._warehouse.connect() as owner:
            accounts.add_user(
                owner, name, password, binding or Binding(), reason="a test"
            )

    def disable(self, name: str) -> None:
        with self._warehouse.connect() as owner:
            accounts.disable_user(owner, name, reason="a test")


def bearer(key: str, **headers: str) -> dict[str, str]:
    """The headers of a request with a key."""
    return {"Authorization": f"Bearer {key}"} | headers


def log_in(
    client: TestClient, name: str, password: str = PASSWORD, login: str = "/login"
) -> Any:
    """Send the form of a login page as a browser would; returns the answer."""
    form = {"name": name, "password": password}
    hidden = r'type="hidden" name="(.*)" value="(.*)"'
    for field, value in re.findall(hidden, client.get(login).text):
        form[field] = unescape(value)
    return client.post("/login", data=form)
