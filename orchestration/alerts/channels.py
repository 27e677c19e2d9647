"""The ways alerts leave by: which are set, and what a channel is.

How each one sends stands in mail.py and webhook.py; what it sends in message.py.
"""

from threading import Thread
from typing import Protocol

from orchestration.alerts.message import Message
from orchestration.errors import WardlineError
from orchestration.settings import Settings

CONNECT_SECONDS = 5.0
SEND_SECONDS = 20.0
"""For one message and channel in all: the refresh must not wait for a slow server."""


class ChannelError(WardlineError):
    """A channel did not take a message; a sentence without address or password."""


class Channel(Protocol):
    """A way by which alerts leave."""

    @property
    def name(self) -> str:
        """What it is called in the record."""

    def send(self, message: Message) -> str | None:
        """Send one message; returns a remark where it was taken in part only.

        Raises:
            ChannelError: it was not taken.
        """


def channels(settings: Settings) -> list[Channel]:
    """The channels that are set.

    Raises:
        UsageError: a channel's settings are incomplete or wrong.
    """
    from orchestration.alerts.mail import mail
    from orchestration.alerts.webhook import webhook

    return [it for it in (mail(settings), webhook(settings)) if it is not None]


def send_in_time(
    channel: Channel, message: Message, seconds: float = SEND_SECONDS
) -> tuple[bool, str | None]:
    """Send, or give up after a time, whatever the server does.

    Libraries limit the wait for each byte, so that a server that trickles could hold
    the refresh for ever.

    Returns:
        Whether it was taken, and what went wrong, as a sentence.
    """
    outcome: list[tuple[bool, str | None]] = []
    sending = Thread(
        target=lambda: outcome.append(_attempt(channel, message)), daemon=True
    )
    sending.start()
    sending.join(seconds)
    # One look: it may still come, and then it is not told that it did.
    return next(
        iter(outcome), (False, f"It did not take the message in {seconds:g} s.")
    )


def _attempt(channel: Channel, message: Message) -> tuple[bool, str | None]:
    try:
        return True, channel.send(message)
    except ChannelError as refused:
        return False, str(refused)
    except Exception as fault:  # nothing that a channel does may fail a refresh
        return False, f"It failed with {type(fault).__name__}."
