"""A drop folder in S3 or a storage that speaks as S3 does: listed and read.

Belongs here: keys, endpoints and faults of S3, in words. Nothing here can write.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore import exceptions as boto
from s3fs import S3FileSystem
from s3fs.utils import FileExpired

from orchestration.errors import UsageError
from orchestration.inbox.address import Address
from orchestration.inbox.listing import Entry
from orchestration.inbox.storage import (
    BLOCK_BYTES,
    CONNECT_SECONDS,
    READ_SECONDS,
    ChangedError,
    StorageError,
    VanishedError,
)
from orchestration.passwords import read_secret
from orchestration.settings import Settings

_SECOND = 10**9
_REQUEST_BYTES = 8 << 20  # one request for each; memory holds about two
_KEY_REFUSED = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "InvalidClientTokenId",
}
_REASONS = {
    boto.EndpointConnectionError: "no connection",
    boto.ConnectTimeoutError: "it did not answer in time",
    boto.ReadTimeoutError: "it did not answer in time",
}
# Faults are told here; the libraries' logs would add tracebacks on the screen.
for _name in ("aiobotocore", "botocore", "s3fs"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class S3Storage:
    """A prefix of a bucket."""

    def __init__(self, address: Address, settings: Settings) -> None:
        self.shown = address.shown()
        self._address = address
        self._server = settings.extracts_endpoint or "S3"
        key = settings.extracts_key
        secret = read_secret(settings, "extracts_secret")
        if (key is None) != (secret is None):
            raise UsageError(
                "WARDLINE_EXTRACTS_KEY and WARDLINE_EXTRACTS_SECRET belong together; "
                "set both, or neither for the ways of AWS's own tools."
            )
        ca_file = settings.extracts_ca_file
        if ca_file and not ca_file.is_file():
            raise UsageError(f"WARDLINE_EXTRACTS_CA_FILE: {ca_file} is not there.")
        self._files = S3FileSystem(
            key=key.get_secret_value() if key else None,
            secret=secret,
            endpoint_url=settings.extracts_endpoint,
            client_kwargs={"region_name": settings.extracts_region}
            | ({"verify": str(ca_file)} if ca_file else {}),
            config_kwargs={
                "connect_timeout": CONNECT_SECONDS,
                "read_timeout": READ_SECONDS,
                # storage.py is patient; every layer's own attempts would multiply.
                "retries": {"total_max_attempts": 1},
            },
            use_listings_cache=False,
            skip_instance_cache=True,
        )
        self._files.retries = 1

    def entries(self, path: str) -> list[Entry]:
        """All that is in one folder; nothing if the folder is not there."""
        own = self._path(path)
        try:
            with self._told(path):
                found = self._files.ls(own, detail=True, refresh=True)
        except VanishedError:
            if not path:
                raise
            return []
        return [_entry(it) for it in found if it["name"].rstrip("/") != own]

    def blocks(self, path: str, size_bytes: int) -> Iterator[bytes]:  # noqa: ARG002
        """A file's bytes, block by block, all of the version that is there first."""
        with (
            self._told(path),
            self._files.open(
                self._path(path), "rb", block_size=_REQUEST_BYTES
            ) as stream,
        ):
            while block := stream.read(BLOCK_BYTES):
                yield block

    def close(self) -> None:
        """Nothing stays open; the library ends its session by itself."""

    def _path(self, path: str) -> str:
        return self._address.join(path).rstrip("/")

    @contextmanager
    def _told(self, path: str) -> Iterator[None]:
        """What goes wrong becomes a sentence."""
        try:
            yield
        except Exception as fault:
            place = self._address.shown(*filter(None, [path]))
            raise self._error(fault, place) from None

    def _error(self, fault: Exception, place: str) -> StorageError:
        answer = getattr(fault.__cause__ or fault, "response", None) or {}
        code = str(answer.get("Error", {}).get("Code", ""))
        is_passing = False
        match fault:
            case _ if code in _KEY_REFUSED:
                said = (
                    f"{self._server} refuses the key for {place} ({code}); see "
                    "WARDLINE_EXTRACTS_KEY and WARDLINE_EXTRACTS_SECRET."
                )
            case _ if code == "NoSuchBucket":
                said = (
                    f"{self._server} has no bucket {self._address.host!r}; see "
                    "WARDLINE_EXTRACTS."
                )
            case FileExpired():
                return ChangedError(f"{place} was replaced while it was read.")
            case FileNotFoundError():
                return VanishedError(f"{place} is not there.")
            case PermissionError():
                said = (
                    f"{place} may not be read with this key ({code or 'denied'}); let "
                    "its administrator permit listing and reading."
                )
            case boto.NoCredentialsError() | boto.PartialCredentialsError():
                said = (
                    f"{place} needs WARDLINE_EXTRACTS_KEY and "
                    "WARDLINE_EXTRACTS_SECRET, and AWS's own ways give no key."
                )
            case boto.SSLError():
                said = (
                    f"{self._server} shows a certificate that is not trusted; see "
                    "WARDLINE_EXTRACTS_CA_FILE."
                )
            case _:
                is_passing = isinstance(fault, OSError | boto.BotoCoreError)
                reason = _REASONS.get(type(fault), code or type(fault).__name__)
                said = (
                    f"{place} cannot be reached ({reason}); see that {self._server} "
                    "answers, and refresh again."
                )
        return StorageError(said, is_passing)


def _entry(found: dict[str, Any]) -> Entry:
    name = found["name"].rstrip("/").rpartition("/")[2]
    if found["type"] == "directory":
        return Entry(name, "folder")
    seconds = int(found["LastModified"].timestamp())
    # S3 tells seconds only; two versions of one second must not look the same.
    version = hashlib.sha256(str(found.get("ETag")).encode()).digest()
    nanoseconds = int.from_bytes(version[:8]) % _SECOND
    return Entry(name, "file", found["size"], seconds * _SECOND + nanoseconds)
