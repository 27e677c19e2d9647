"""Alerts as JSON by POST to one URL, signed so that the receiver can trust them.

The signature is that of Standard Webhooks (github.com/standard-webhooks), for which
receivers have libraries: HMAC-SHA-256 over id, time and body.
"""

import base64
import hmac
import json
import time
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests

from orchestration.alerts.channels import CONNECT_SECONDS, SEND_SECONDS, ChannelError
from orchestration.alerts.message import Message
from orchestration.errors import UsageError
from orchestration.passwords import read_secret
from orchestration.settings import Settings

_KEY_PREFIX = "whsec_"


@dataclass(frozen=True)
class Webhook:
    """A URL that takes alerts."""

    url: str = field(repr=False)
    key: bytes | None = field(repr=False)
    ca_file: Path | None = None
    name: str = "webhook"

    @property
    def host(self) -> str:
        """All of the URL that may be shown: its path often is a secret."""
        return urlsplit(self.url).hostname or ""

    def send(self, message: Message) -> str | None:
        """Post one message.

        Raises:
            ChannelError: it was not answered with a status of 200 to 299.
        """
        body = json.dumps(message.payload | {"subject": message.subject}).encode()
        try:
            # The answer's body is not read: nobody needs it, and it may never end.
            with requests.post(
                self.url,
                data=body,
                headers=self._headers(message.message_id, int(time.time()), body),
                timeout=(CONNECT_SECONDS, SEND_SECONDS),
                # Elsewhere nobody has said that alerts may go.
                allow_redirects=False,
                verify=str(self.ca_file) if self.ca_file else True,
                stream=True,
            ) as answer:
                status = answer.status_code
        except requests.exceptions.SSLError:
            raise ChannelError(
                f"{self.host} shows a certificate that is not trusted; see "
                "WARDLINE_ALERT_CA_FILE."
            ) from None
        except requests.Timeout:
            raise ChannelError(f"{self.host} did not answer in time.") from None
        except requests.RequestException as fault:
            # The library's own words hold the URL.
            raise ChannelError(
                f"{self.host} cannot be reached, or broke off ({type(fault).__name__})."
            ) from None
        if status // 100 != 2:  # noqa: PLR2004 (2xx)
            raise ChannelError(f"{self.host} answered with status {status}.")
        return None

    def _headers(self, message_id: str, seconds: int, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "wardline",
            "webhook-id": message_id,
            "webhook-timestamp": str(seconds),
        }
        if self.key is not None:
            signed = f"{message_id}.{seconds}.".encode() + body
            digest = hmac.digest(self.key, signed, "sha256")
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        return headers


def webhook(settings: Settings) -> Webhook | None:
    """The webhook, if one is set.

    Raises:
        UsageError: its URL or its key is wrong.
    """
    url = read_secret(settings, "alert_webhook_url")
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError("WARDLINE_ALERT_WEBHOOK_URL must look like https://host/path.")
    return Webhook(url, _key(settings), settings.alert_ca_file)


def _key(settings: Settings) -> bytes | None:
    key = read_secret(settings, "alert_webhook_key")
    if key is None:
        return None
    if not key.startswith(_KEY_PREFIX):
        return key.encode()
    try:
        return base64.b64decode(key.removeprefix(_KEY_PREFIX), validate=True)
    except Base64Error:
        raise UsageError(
            f"WARDLINE_ALERT_WEBHOOK_KEY begins with {_KEY_PREFIX}, so base64 must "
            "follow."
        ) from None
