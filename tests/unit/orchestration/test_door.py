"""When `wardline serve` is open, when it asks for a login, and when it refuses."""

import stat

import pytest

from orchestration.door import door_of, session_key
from orchestration.errors import UsageError
from orchestration.settings import Settings
from orchestration.web import listen

CERTIFICATE = {"serve_certificate": "c.pem", "serve_certificate_key": "k.pem"}
NAMES = {"serve_names": "Wardline.hospital.example, marts.hospital.example"}
PROXIES = {"serve_proxies": "10.0.0.1, 10.0.0.2"}


@pytest.fixture
def door(tmp_path):
    def made(host: str = "127.0.0.1", *, is_embedded: bool = True, **given: object):
        settings = Settings(home=tmp_path, _env_file=None, **given)
        return door_of(settings, host, is_embedded=is_embedded)

    return made


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_the_embedded_warehouse_is_open_to_its_own_machine(door, host):
    opened = door(host)
    assert opened.sessions is None
    assert set(opened.hosts) == {"127.0.0.1", "localhost", "::1"}
    assert not opened.is_https


@pytest.mark.parametrize(
    ("host", "given"),
    [
        ("127.0.0.1", NAMES),
        ("127.0.0.1", NAMES | PROXIES),
        ("127.0.0.1", NAMES | CERTIFICATE),
        ("0.0.0.0", NAMES | CERTIFICATE),  # noqa: S104
        ("10.0.0.7", NAMES | PROXIES),
        ("::", NAMES | PROXIES),
    ],
)
@pytest.mark.parametrize("is_embedded", [True, False])
def test_whatever_others_may_reach_asks_for_a_login(door, host, given, is_embedded):
    asked = door(host, is_embedded=is_embedded, **given)
    assert asked.sessions is not None
    assert "wardline.hospital.example" in asked.hosts
    assert asked.is_https == (given != NAMES)
    assert asked.is_behind_proxies == ("serve_proxies" in given)


def test_a_server_of_ones_own_asks_for_a_login_even_on_its_own_machine(door):
    assert door(is_embedded=False).sessions is not None


REFUSED = [
    ("0.0.0.0", {}, "others could read along"),  # noqa: S104
    ("10.0.0.7", NAMES, "others could read along"),
    ("hospital.example", NAMES, "others could read along"),
    ("10.0.0.7", CERTIFICATE, "WARDLINE_SERVE_NAMES is not set"),
    ("10.0.0.7", PROXIES, "WARDLINE_SERVE_NAMES is not set"),
    ("127.0.0.1", PROXIES, "WARDLINE_SERVE_NAMES is not set"),
    ("127.0.0.1", {"serve_user_header": "X-User"}, "anybody could name himself"),
    ("127.0.0.1", NAMES | {"serve_proxies": "proxy"}, "'proxy', which is no address"),
    ("127.0.0.1", {"serve_certificate": "c.pem"}, "belong together"),
    ("127.0.0.1", NAMES | {"serve_session_key": "short"}, "fewer than 32 bytes"),
]


@pytest.mark.parametrize(("host", "given", "complaint"), REFUSED)
@pytest.mark.parametrize("is_embedded", [True, False])
def test_an_insecure_start_is_refused_in_a_sentence(
    door, host, given, complaint, is_embedded
):
    with pytest.raises(UsageError, match=complaint):
        door(host, is_embedded=is_embedded, **given)


def test_the_key_of_the_sessions_is_made_once_and_kept_from_others(tmp_path):
    settings = Settings(home=tmp_path, _env_file=None)
    key = session_key(settings)
    assert len(key) >= 32
    assert session_key(settings) == key
    assert stat.S_IMODE((tmp_path / "session.key").stat().st_mode) == 0o600


def test_the_key_of_the_sessions_may_be_given(tmp_path):
    file = tmp_path / "key"
    file.write_text("f" * 40)
    given = Settings(home=tmp_path, serve_session_key_file=file, _env_file=None)
    assert session_key(given) == b"f" * 40
    given = Settings(home=tmp_path, serve_session_key="e" * 40, _env_file=None)
    assert session_key(given) == b"e" * 40
    assert not (tmp_path / "session.key").exists()


def test_a_port_in_use_is_a_sentence():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} of 127.0.0.1 .* in use"):
            listen("127.0.0.1", port)


def test_an_address_of_another_machine_is_a_sentence():
    with pytest.raises(UsageError, match="cannot be listened on"):
        listen("192.0.2.1", 8000)
