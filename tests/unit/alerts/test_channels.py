"""E-mail and webhook against real servers, sound, broken, slow and hostile ones."""

import base64
import hashlib
import hmac
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from orchestration.alerts.channels import Channel, channels, send_in_time
from orchestration.alerts.message import trial_message
from orchestration.errors import UsageError
from orchestration.settings import Settings
from tests.unit.alerts.receivers import (
    PASSWORD,
    USER,
    Inbox,
    certificate,
    http,
    smtp,
    status,
)

TEST = trial_message("St. Elsewhere")
KEY = "whsec_" + base64.b64encode(b"a key of the hospital").decode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


def channel(**settings: object) -> Channel:
    """The one channel that these settings make."""
    (only,) = channels(
        Settings(_env_file=None, **{f"alert_{it}": v for it, v in settings.items()})
    )
    return only


def mail(inbox: Inbox, scheme: str = "smtp", **settings: object) -> Channel:
    user = f"{USER}@" if "smtp_password" in settings else ""
    return channel(
        smtp_url=f"{scheme}://{user}127.0.0.1:{inbox.port}",
        email_to="day@hospital.example, night@hospital.example",
        email_from="wardline@hospital.example",
        **settings,
    )


# --- e-mail --------------------------------------------------------------------------


def test_a_mail_reaches_every_recipient_through_starttls_and_a_login(authority):
    with smtp(Inbox(), authority) as inbox:
        way = mail(inbox, smtp_password=PASSWORD, ca_file=authority)
        assert send_in_time(way, TEST) == (True, None)
    (received,) = inbox.mails
    assert inbox.was_encrypted == [True]
    assert received["To"] == "day@hospital.example, night@hospital.example"
    assert received["From"] == "wardline@hospital.example"
    assert received["Subject"] == "[Wardline St. Elsewhere] test"
    assert received["Auto-Submitted"] == "auto-generated"
    assert "nothing to do" in received.get_content()


def test_the_password_may_come_from_a_file(authority, tmp_path):
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    with smtp(Inbox(), authority) as inbox:
        way = channel(
            smtp_url=f"smtp://{USER}@127.0.0.1:{inbox.port}",
            smtp_password_file=file,
            email_to="day@hospital.example",
            ca_file=authority,
        )
        assert send_in_time(way, TEST) == (True, None)


def test_a_server_without_login_and_tls_is_used_without_them():
    with smtp(Inbox()) as inbox:
        assert send_in_time(mail(inbox), TEST) == (True, None)
    assert inbox.was_encrypted == [False]


def test_a_login_is_never_sent_without_tls():
    with smtp(Inbox()) as inbox:
        told = send_in_time(mail(inbox, smtp_password=PASSWORD), TEST)
    assert told == (
        False,
        "127.0.0.1 offers no STARTTLS, so the login was not sent.",
    )
    assert inbox.mails == []


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"smtp_password": "wrong"}, "refused the login (535)"),
        ({"smtp_password": PASSWORD, "ca_file": None}, "certificate that is not tru"),
        ({}, "refused the mail (530)"),
    ],
)
def test_what_a_mail_server_refuses_is_said_without_the_password(
    authority, settings, fault
):
    with smtp(Inbox(), authority) as inbox:
        is_delivered, remark = send_in_time(
            mail(inbox, **{"ca_file": authority} | settings), TEST
        )
    assert not is_delivered
    assert fault in remark
    assert PASSWORD not in remark


def test_a_server_that_takes_no_mail_now_is_a_failure():
    with smtp(Inbox(is_broken=True)) as inbox:
        told = send_in_time(mail(inbox), TEST)
    assert told == (False, "127.0.0.1 refused the mail (451).")


def test_a_refused_recipient_keeps_the_mail_from_nobody_else():
    with smtp(Inbox(refuses=("night@hospital.example",))) as inbox:
        is_delivered, remark = send_in_time(mail(inbox), TEST)
    assert is_delivered
    assert "refused 1 of 2 recipients" in remark
    assert len(inbox.mails) == 1


def test_no_recipient_taken_is_a_failure():
    nobody = Inbox(refuses=("day@hospital.example", "night@hospital.example"))
    with smtp(nobody) as inbox:
        is_delivered, remark = send_in_time(mail(inbox), TEST)
    assert not is_delivered
    assert "refused all 2 recipients" in remark


def test_smtps_speaks_tls_from_the_start(authority):
    # A server that answers in the clear is not talked to.
    with smtp(Inbox(), authority) as inbox:
        way = mail(inbox, "smtps", smtp_password=PASSWORD, ca_file=authority)
        is_delivered, remark = send_in_time(way, TEST)
    assert not is_delivered
    assert "speaks no TLS" in remark


# --- webhook -------------------------------------------------------------------------


def test_a_post_holds_the_message_as_json_with_a_signature_that_can_be_checked():
    with http() as posts:
        way = channel(webhook_url=posts.url, webhook_key=KEY)
        assert send_in_time(way, TEST) == (True, None)
    (headers,), (body,), (payload,) = posts.headers, posts.bodies, posts.payloads
    assert payload["subject"] == "[Wardline St. Elsewhere] test"
    assert payload["label"] == "St. Elsewhere"
    signed = b".".join(
        [headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body]
    )
    digest = hmac.new(b"a key of the hospital", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 300


def test_a_post_through_tls_trusts_the_hospitals_authority_and_no_other(authority):
    with http(certificate=authority) as posts:
        trusting = channel(webhook_url=posts.url, ca_file=authority)
        assert send_in_time(trusting, TEST) == (True, None)
        is_delivered, remark = send_in_time(channel(webhook_url=posts.url), TEST)
    assert not is_delivered
    assert "certificate that is not trusted" in remark
    assert len(posts.bodies) == 1


@pytest.mark.parametrize("code", [400, 404, 500, 503])
def test_any_status_but_success_is_a_failure(code):
    with http(status(code)) as posts:
        told = send_in_time(channel(webhook_url=posts.url), TEST)
    assert told == (False, f"127.0.0.1 answered with status {code}.")


def test_a_redirect_is_refused_and_not_followed():
    with http() as elsewhere, http(status(307, Location=elsewhere.url)) as posts:
        told = send_in_time(channel(webhook_url=posts.url), TEST)
    assert told == (False, "127.0.0.1 answered with status 307.")
    assert elsewhere.bodies == []


def test_an_answer_that_never_ends_is_not_waited_for():
    ended = Event()

    def endless(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        ended.wait(30)

    with http(endless) as posts:
        told = send_in_time(channel(webhook_url=posts.url), TEST)
        ended.set()
    assert told == (True, None)


# --- both ----------------------------------------------------------------------------


@contextmanager
def listening(says: bytes = b"") -> Iterator[int]:
    """A server that takes connections, says something and then nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        if says:
            server.settimeout(5)
        yield server.getsockname()[1]


def both(port: int) -> list[Channel]:
    return [
        channel(smtp_url=f"smtp://127.0.0.1:{port}", email_to="day@hospital.example"),
        channel(webhook_url=f"http://127.0.0.1:{port}/planted-hook-secret"),
    ]


def test_a_server_that_is_not_there_is_a_failure_that_hides_the_url():
    with listening() as port:
        pass
    for way in both(port):
        is_delivered, remark = send_in_time(way, TEST)
        assert not is_delivered
        assert "cannot be reached" in remark
        assert "planted-hook-secret" not in remark


def test_a_server_that_says_nothing_is_given_up():
    with listening() as port:
        for way in both(port):
            told = send_in_time(way, TEST, seconds=0.2)
            assert told == (False, "It did not take the message in 0.2 s.")


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"email_to": "day@hospital.example"}, "both WARDLINE_ALERT_SMTP_URL and"),
        ({"smtp_url": "smtp://mail.example"}, "both WARDLINE_ALERT_SMTP_URL and"),
        (
            {"smtp_url": "smtp://me:secret@mail.example", "email_to": "a@b.example"},
            "without a password",
        ),
        ({"smtp_url": "mail.example", "email_to": "a@b.example"}, "must look like"),
        ({"smtp_url": "smtp://h:port", "email_to": "a@b.example"}, "must look like"),
        ({"webhook_url": "ftp://hook.example/secret"}, "must look like https://"),
        (
            {"webhook_url": "https://hook.example", "webhook_key": "whsec_not base64"},
            "base64 must follow",
        ),
        ({"webhook_url_file": "/nowhere/url"}, "WARDLINE_ALERT_WEBHOOK_URL_FILE"),
    ],
)
def test_a_wrong_setting_is_named_without_its_secret(settings, complaint):
    with pytest.raises(UsageError, match=complaint) as refused:
        channel(**settings)
    assert "secret" not in str(refused.value)


def test_nothing_set_is_no_channel():
    assert channels(Settings(_env_file=None)) == []


def test_a_label_cannot_begin_another_header():
    with pytest.raises(ValueError, match="one line"):
        Settings(_env_file=None, alert_label="x\r\nBcc: other@example.org")
