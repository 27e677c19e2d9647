"""How `wardline serve` may be entered by its settings, or why it may not start.

Only deciding; who comes in is checked by serving/guard.py, the server is web.py's.
"""

import secrets
from collections.abc import Sequence
from ipaddress import ip_address

from orchestration.errors import UsageError
from orchestration.passwords import read_secret, write_key
from orchestration.settings import Settings
from serving.guard import Door
from serving.sessions import Sessions

_KEY_BYTES = 32
_HERE = ("127.0.0.1", "localhost", "::1")


def door_of(settings: Settings, host: str, *, is_embedded: bool) -> Door:
    """Decide who may come in, and how.

    Open to all on one's own machine alone: the embedded warehouse, an address that no
    other machine reaches, and no setting that tells of others.

    Args:
        settings: of the home; a key of the sessions is made in it if there is none.
        host: the address that the server listens on.
        is_embedded: whether the warehouse is the embedded one.

    Raises:
        UsageError: passwords would cross the network in clear, or a setting lacks what
            makes it safe.
    """
    names, proxies = _listed(settings.serve_names), _listed(settings.serve_proxies)
    header, has_certificate = settings.serve_user_header, _has_certificate(settings)
    is_here = _is_loopback(host)
    _refuse_odd_addresses(proxies)
    if header and not proxies:
        raise UsageError(
            "WARDLINE_SERVE_USER_HEADER is set and WARDLINE_SERVE_PROXIES is not, so "
            "anybody could name himself; set the addresses of the hospital's proxy."
        )
    if is_embedded and is_here and not (names or proxies or has_certificate):
        return Door(None, hosts=_HERE, is_https=False)
    if not is_here and not (has_certificate or proxies):
        raise UsageError(
            f"At {host} others could read along: set WARDLINE_SERVE_CERTIFICATE and "
            "WARDLINE_SERVE_CERTIFICATE_KEY, or WARDLINE_SERVE_PROXIES if a proxy "
            "brings https, or listen on 127.0.0.1."
        )
    if not names and (not is_here or proxies or has_certificate):
        raise UsageError(
            "WARDLINE_SERVE_NAMES is not set: say by which names browsers reach this "
            "server, as wardline.hospital.example."
        )
    return Door(
        Sessions(session_key(settings)),
        hosts=(*names, *(_HERE if is_here else ())),
        user_header=header,
        proxies=proxies,
        is_behind_proxies=bool(proxies) and not has_certificate,
        is_https=has_certificate or bool(proxies),
    )


def session_key(settings: Settings) -> bytes:
    """The key that signs session cookies: given, or the home's own, made if need be.

    Raises:
        UsageError: it is too short, named twice, or cannot be read.
    """
    path = settings.session_key_path
    given = settings.serve_session_key or settings.serve_session_key_file
    if given is None and not path.exists():
        write_key(path, secrets.token_hex(_KEY_BYTES).encode())
    text = read_secret(
        settings if given else settings.model_copy(update=_own(settings)),
        "serve_session_key",
    )
    key = (text or "").encode()
    if len(key) < _KEY_BYTES:
        raise UsageError(
            f"The key of the sessions has fewer than {_KEY_BYTES} bytes; put a longer "
            f"one into WARDLINE_SERVE_SESSION_KEY_FILE, or remove {path}."
        )
    return key


def _own(settings: Settings) -> dict[str, object]:
    return {"serve_session_key_file": settings.session_key_path}


def _has_certificate(settings: Settings) -> bool:
    files = (settings.serve_certificate, settings.serve_certificate_key)
    if len([it for it in files if it is not None]) == 1:
        raise UsageError(
            "WARDLINE_SERVE_CERTIFICATE and WARDLINE_SERVE_CERTIFICATE_KEY belong "
            "together; set both."
        )
    return files[0] is not None


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(it.strip().lower() for it in (text or "").split(",") if it.strip())


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_odd_addresses(proxies: Sequence[str]) -> None:
    for address in proxies:
        try:
            ip_address(address)
        except ValueError:
            raise UsageError(
                f"WARDLINE_SERVE_PROXIES holds '{address}', which is no address; write "
                "addresses as 10.1.2.3, with commas between."
            ) from None
