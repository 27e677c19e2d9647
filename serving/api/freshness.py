"""Whether a caller already has the answer: the ETag is the publication.

An unchanged night costs a 304. What one caller may see is part of it, since the same
publication reads differently for a bound role; and so is what answers look like, which
an upgrade changes between two nights.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version

from fastapi import Request

from serving.api.access import Caller
from serving.contracts import MartContract
from serving.database import Publication


@dataclass(frozen=True)
class Freshness:
    """The headers of an answer, and whether the caller already has it."""

    fields: dict[str, str]
    is_known: bool


def shape_of(contracts: Mapping[str, MartContract]) -> str:
    """What all answers look like: Wardline's release and the columns of the marts."""
    return _digest(version("wardline"), repr(contracts))


def fresh(request: Request, publication: Publication, caller: Caller) -> Freshness:
    """Compare the request's `If-None-Match` with what is published."""
    seen = _digest(publication.identity, caller.role, request.app.state.shape)
    tag = f'W/"{publication.publication_id}-{seen}"'
    asked = request.headers.get("if-none-match", "")
    known = {it.strip().removeprefix("W/") for it in asked.split(",")}
    return Freshness(
        {
            "ETag": tag,
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization, Accept",
        },
        tag.removeprefix("W/") in known or "*" in known,
    )


def _digest(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:16]
