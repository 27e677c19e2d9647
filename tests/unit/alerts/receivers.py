"""Real servers on this machine that take alerts: SMTP with TLS and login, and HTTP."""

# ruff: noqa: ARG001, ARG002 (the libraries pass them)

import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "wardline", "planted-smtp-password"


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file, its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hospital")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "hospital.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class Inbox:
    """What an SMTP server took, and whom it refuses."""

    def __init__(self, refuses: tuple[str, ...] = (), is_broken: bool = False) -> None:
        self.mails: list[EmailMessage] = []
        self.was_encrypted: list[bool] = []
        self.refuses, self.is_broken, self.port = refuses, is_broken, 0

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address in self.refuses:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.is_broken:
            return "451 try again later"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.was_encrypted.append(session.ssl is not None)
        return "250 OK"


def _logs_in(
    server: Any, session: Any, envelope: Any, mechanism: str, data: Any
) -> Any:
    is_known = data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=False)


@contextmanager
def smtp(inbox: Inbox, certificate: Path | None = None) -> Iterator[Inbox]:
    """An SMTP server; with a certificate it offers STARTTLS and wants a login."""
    options: dict[str, Any] = {}
    if certificate:
        options = {
            "tls_context": server_context(certificate),
            "require_starttls": True,
            "auth_required": True,
            "authenticator": _logs_in,
        }
    with socket.create_server(("127.0.0.1", 0)) as free:
        inbox.port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=inbox.port, **options)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()


class Posts:
    """What an HTTP server was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    @property
    def payloads(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


Answer = Callable[[BaseHTTPRequestHandler], None]


def status(code: int, **headers: str) -> Answer:
    """An answer with nothing but a status and headers."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@contextmanager
def http(
    answer: Answer | None = None, certificate: Path | None = None
) -> Iterator[Posts]:
    """An HTTP server that keeps what it is sent, and answers as told (default 204)."""
    posts = Posts()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            posts.bodies.append(self.rfile.read(length))
            posts.headers.append({k.lower(): v for k, v in self.headers.items()})
            (answer or status(204))(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        server.socket = server_context(certificate).wrap_socket(
            server.socket, server_side=True
        )
        scheme = "https"
    posts.url = f"{scheme}://127.0.0.1:{server.server_port}/planted-hook-secret"
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    try:
        yield posts
    finally:
        server.shutdown()
        server.server_close()
