"""What is known of a publication: by its ETag to programs, by its identity to pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fastapi import FastAPI, Request

from serving.api.access import Caller
from serving.api.freshness import Freshness, fresh, shape_of
from serving.contracts import Column, MartContract
from serving.database import Publication

PUBLISHED = Publication(
    publication_id=43,
    published_at=datetime(2026, 3, 1, 2, 10, 31, 518206, UTC),
    as_of=datetime(2026, 2, 28, 23, 55),
    rows_changed=1,
    gate_warnings=0,
    is_complete=True,
)
CALLER = Caller("local", "wardline_reader")
WARDS = MartContract(
    "dim_ward", "", ("ward_key",), (Column("ward_key", "text", "", True),)
)


def ask(
    publication: Publication = PUBLISHED,
    caller: Caller = CALLER,
    known: str = "",
    wards: MartContract = WARDS,
) -> Freshness:
    app = FastAPI()
    app.state.shape = shape_of({"dim_ward": wards})
    headers = [(b"if-none-match", known.encode())]
    return fresh(
        Request({"type": "http", "headers": headers, "app": app}), publication, caller
    )


def test_the_same_publication_is_known_whatever_time_zone_the_session_has():
    tag = ask().fields["ETag"]
    there = PUBLISHED.published_at.astimezone(timezone(timedelta(hours=2)))
    elsewhere = replace(PUBLISHED, published_at=there)
    assert ask(known=tag).is_known
    assert ask(elsewhere, known=f'"other", {tag}').is_known
    assert elsewhere.identity == PUBLISHED.identity


def test_a_number_that_was_given_once_more_after_a_restore_is_not_known():
    tag = ask().fields["ETag"]
    later = PUBLISHED.published_at + timedelta(days=1)
    another = replace(PUBLISHED, published_at=later)
    assert not ask(another, known=tag).is_known
    assert another.identity != PUBLISHED.identity


@pytest.mark.parametrize(
    "other",
    [
        {"caller": Caller("local", "wardline_key_1")},
        {"wards": replace(WARDS, columns=(*WARDS.columns, *WARDS.columns))},
    ],
    ids=["another role", "another column"],
)
def test_what_reads_otherwise_in_the_same_publication_is_not_known(other):
    assert not ask(known=ask().fields["ETag"], **other).is_known


def test_another_release_of_wardline_is_not_known(monkeypatch):
    tag = ask().fields["ETag"]
    monkeypatch.setattr("serving.api.freshness.version", lambda _: "99.0")
    assert not ask(known=tag).is_known
