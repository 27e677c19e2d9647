"""Alerts by e-mail: SMTP with TLS from the start (smtps) or by STARTTLS (smtp).

A login is never sent in the clear, and certificates are checked.
"""

import platform
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from urllib.parse import unquote, urlsplit

from orchestration.alerts.channels import CONNECT_SECONDS, ChannelError
from orchestration.alerts.message import Message
from orchestration.errors import UsageError
from orchestration.passwords import read_secret
from orchestration.settings import Settings

_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True)
class Mail:
    """An SMTP server, and who gets the mail."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None = field(repr=False)
    sender: str = ""
    recipients: tuple[str, ...] = ()
    ca_file: Path | None = None
    name: str = "email"

    def send(self, message: Message) -> str | None:
        """Send one mail to all recipients; a remark says if some did not get it.

        Raises:
            ChannelError: the server did not take it for any of them.
        """
        try:
            with self._connect() as server:
                refused = server.send_message(self._mail(message))
        except smtplib.SMTPRecipientsRefused as fault:
            raise ChannelError(
                f"{self.host} refused all {len(fault.recipients)} recipients; see "
                "WARDLINE_ALERT_EMAIL_TO."
            ) from None
        except smtplib.SMTPAuthenticationError as fault:
            raise ChannelError(
                f"{self.host} refused the login ({fault.smtp_code})."
            ) from None
        except smtplib.SMTPResponseException as fault:
            raise ChannelError(
                f"{self.host} refused the mail ({fault.smtp_code})."
            ) from None
        except ssl.SSLError:
            raise ChannelError(
                f"{self.host} shows a certificate that is not trusted, or speaks no "
                "TLS; see WARDLINE_ALERT_CA_FILE."
            ) from None
        except TimeoutError:
            raise ChannelError(
                f"{self.host} did not answer in {CONNECT_SECONDS:g} s."
            ) from None
        except (smtplib.SMTPException, OSError) as fault:
            raise ChannelError(
                f"{self.host}:{self.port} cannot be reached, or broke off "
                f"({type(fault).__name__})."
            ) from None
        if not refused:
            return None
        return (
            f"{self.host} refused {len(refused)} of {len(self.recipients)} recipients; "
            "the others have the mail. See WARDLINE_ALERT_EMAIL_TO."
        )

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self.ca_file)
        where = {"host": self.host, "port": self.port, "timeout": CONNECT_SECONDS}
        if self.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(**where, context=context)  # type: ignore[arg-type]
        else:
            server = smtplib.SMTP(**where)  # type: ignore[arg-type]
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
            elif self.user:
                server.close()
                raise ChannelError(
                    f"{self.host} offers no STARTTLS, so the login was not sent."
                )
        if self.user:
            server.login(self.user, self.password or "")
        return server

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Subject"] = message.subject
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = f"<{message.message_id}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
        mail.set_content(message.text + "\n")
        return mail


def mail(settings: Settings) -> Mail | None:
    """The e-mail channel, if it is set.

    Raises:
        UsageError: its settings are incomplete or wrong.
    """
    if settings.alert_smtp_url is None and not settings.alert_email_to:
        return None
    if settings.alert_smtp_url is None or not settings.alert_email_to:
        raise UsageError(
            "Alerts by e-mail need both WARDLINE_ALERT_SMTP_URL and "
            "WARDLINE_ALERT_EMAIL_TO. See .env.example."
        )
    try:
        parts = urlsplit(settings.alert_smtp_url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in _PORTS or not parts.hostname or parts.password:
        raise UsageError(
            "WARDLINE_ALERT_SMTP_URL must look like smtp://user@host:587 or "
            "smtps://user@host, without a password: that is "
            "WARDLINE_ALERT_SMTP_PASSWORD."
        )
    recipients = tuple(
        it.strip() for it in settings.alert_email_to.split(",") if it.strip()
    )
    return Mail(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        user=unquote(parts.username) if parts.username else None,
        password=read_secret(settings, "alert_smtp_password"),
        sender=settings.alert_email_from or f"wardline@{platform.node()}",
        recipients=recipients,
        ca_file=settings.alert_ca_file,
    )
