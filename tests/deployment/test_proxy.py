"""docker/Caddyfile before two stubs: who is let through, under which names."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.deployment.composed import (
    DOCKER,
    Service,
    compose,
    free_ports,
    furnish_proxy,
)

NAMES = ("wardline.hospital.example", "Marts.hospital.example")
LOGIN = ("anna", "correct horse battery staple")


class Stub(BaseHTTPRequestHandler):
    """Answers with its own name and the host that it was asked for."""

    def do_GET(self) -> None:
        body = f"{self.server.name} for {self.headers['Host']}".encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


class Proxy:
    """The proxy of compose.yaml with two names, and the stubs behind it."""

    def __init__(self, folder: Path) -> None:
        self._secrets = folder / "secrets"
        self._secrets.mkdir()
        self._stubs = {name: self._stub(name) for name in ("dashboard", "dagster")}
        self.ports = free_ports("dashboard", "dagster", "up")
        furnish_proxy(self._secrets, NAMES, LOGIN)
        described = compose({
            "WARDLINE_TIME_ZONE": "UTC",
            "WARDLINE_SERVE_NAMES": ", ".join(NAMES),
            "EXTRACTS_FOLDER": "/srv/his",
        })["services"]["proxy"]  # fmt: skip
        described["environment"] |= {
            "DASHBOARD": f"127.0.0.1:{self._stubs['dashboard'].server_port}",
            "DASHBOARD_PORT": self.ports["dashboard"],
            "DAGSTER": f"127.0.0.1:{self._stubs['dagster'].server_port}",
            "DAGSTER_PORT": self.ports["dagster"],
            "HEALTH_PORT": self.ports["up"],
            "XDG_CONFIG_HOME": folder,
            "XDG_DATA_HOME": folder,
        }
        here = {
            "/home": str(folder),
            "/run/secrets": str(self._secrets),
            "/etc/caddy": str(DOCKER),
            "0.0.0.0": "127.0.0.1",  # noqa: S104 (what is replaced)
            ":2020/": f":{self.ports['up']}/",
        }
        self.service = Service("proxy", described, here, folder / "said")

    def get(self, which: str, host: str, **more: Any) -> httpx.Response:
        """Ask as a browser that found this machine under a name."""
        port = self.ports[which]
        trusted = ssl.create_default_context(cafile=self._secrets / "certificate.pem")
        headers = {"Host": f"{host}:{port}"} | more.pop("headers", {})
        with httpx.Client(verify=trusted, **more) as browser:
            return browser.get(
                f"https://127.0.0.1:{port}/",
                headers=headers,
                extensions={"sni_hostname": NAMES[0].lower()},
            )

    def end(self) -> None:
        self.service.end()
        for stub in self._stubs.values():
            stub.shutdown()
            stub.server_close()

    @staticmethod
    def _stub(name: str) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
        server.name = name  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    made = Proxy(tmp_path_factory.mktemp("proxy"))
    try:
        made.service.start()
        made.service.wait_until_healthy()
        yield made
    finally:
        made.end()


@pytest.mark.parametrize("name", [*NAMES, NAMES[1].lower()])
def test_each_name_leads_to_both(proxy: Proxy, name):
    dashboard = proxy.get("dashboard", name)
    assert dashboard.text == f"dashboard for {name}:{proxy.ports['dashboard']}"
    assert "max-age" in dashboard.headers["strict-transport-security"]
    assert proxy.get("dagster", name).status_code == 401
    dagster = proxy.get("dagster", name, auth=LOGIN)
    assert dagster.text == f"dagster for {name}:{proxy.ports['dagster']}"


@pytest.mark.parametrize("name", ["elsewhere.example", "hospital.example", "127.0.0.1"])
def test_no_other_name_leads_anywhere(proxy: Proxy, name):
    assert proxy.get("dashboard", name).status_code == 421
    assert proxy.get("dagster", name, auth=LOGIN).status_code == 421


def test_a_page_of_another_origin_asks_dagster_nothing(proxy: Proxy):
    here, port = NAMES[0], proxy.ports["dagster"]
    for origin, status in {
        f"https://{here}:{port}": 200,
        f"https://{here}": 403,
        f"https://{NAMES[1]}:{port}": 403,
        "https://elsewhere.example": 403,
        "null": 403,
    }.items():
        headers = {"Origin": origin}
        answer = proxy.get("dagster", here, auth=LOGIN, headers=headers)
        assert answer.status_code == status, origin
