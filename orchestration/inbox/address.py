"""Where a drop folder elsewhere is: the parts of its URL, and what is wrong with one.

Text only; nothing is opened. Secrets never stand in it, so it may be shown as it is.
"""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

SFTP, S3 = "sftp", "s3"
_EXPECTED = "must be a path, s3://bucket/path or sftp://user@host:22/path"


@dataclass(frozen=True)
class Address:
    """A drop folder elsewhere; `root` is its path there, without a slash at its end."""

    scheme: str
    host: str
    """Of S3-compatible storage the bucket."""
    root: str
    user: str | None = None
    port: int | None = None
    url: str = ""

    def join(self, *parts: str) -> str:
        """The path of something below the root."""
        return "/".join([self.root, *parts])

    def shown(self, *parts: str) -> str:
        """The URL of something below the root, as people see it."""
        return "/".join([self.url.rstrip("/"), *parts])


def is_url(text: str) -> bool:
    """Whether a drop folder's name is a URL, and not a path of this machine."""
    return "://" in text


def parse(url: str) -> Address:
    """Take a URL apart.

    Raises:
        ValueError: it is none of a drop folder; a password in it is not repeated.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(_EXPECTED) from None
    if parts.password is not None:
        raise ValueError(
            "must not hold a password: that is WARDLINE_EXTRACTS_PASSWORD or "
            "WARDLINE_EXTRACTS_SECRET"
        )
    path = unquote(parts.path).rstrip("/")
    if (
        parts.scheme not in (SFTP, S3)
        or not parts.hostname
        or parts.query
        or parts.fragment
        or not url.isprintable()
        or {".", ".."} & set(path.split("/"))
    ):
        raise ValueError(_EXPECTED)
    if parts.scheme == S3:
        if parts.username is not None or port is not None:
            raise ValueError(
                f"{_EXPECTED}; the storage's own address is WARDLINE_EXTRACTS_ENDPOINT"
            )
        bucket = parts.netloc
        return Address(S3, bucket, f"{bucket}{path}", url=url)
    user = unquote(parts.username) if parts.username else None
    return Address(SFTP, parts.hostname, path, user, port, url)
