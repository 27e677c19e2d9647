"""Yes, With care or No: what a person is told in the morning."""

from datetime import UTC, datetime
from unittest.mock import MagicMock

import pytest

from orchestration import warehouse
from orchestration.alerts.conditions import Condition, Kind
from orchestration.bookkeeping import Publication
from orchestration.commands.look import status
from orchestration.morning import Morning, answer, lines
from orchestration.runs import OpenRun, Run

AT = datetime(2026, 4, 1, 2, 4, tzinfo=UTC)


def publication(**other) -> Publication:
    facts = {
        "publication_id": 41,
        "published_at": AT,
        "as_of": datetime(2026, 3, 31, 23, 59),
        "rows_changed": 1200,
        "gate_warnings": 0,
        "is_complete": True,
        "run_id": "r",
        "restored_publication_id": None,
    }
    return Publication(**facts | other)


def condition(kind: Kind) -> Condition:
    return Condition(kind, "his", "cause", AT, f"A sentence of {kind}.", "look")


def morning(
    *kinds: Kind,
    published: Publication | None = None,
    begun: str | None = None,
    is_refreshing: bool = False,
) -> Morning:
    return Morning(
        publication=published,
        last_run=Run("r", AT, "published", "root, schedule nightly"),
        open_run=(
            OpenRun(begun, AT, "root, schedule nightly", is_refreshing)
            if begun
            else None
        ),
        holding=[condition(kind) for kind in kinds],
        waiting=2,
        last_extracts=[("his", datetime(2026, 3, 31, 23, 59))],
    )


@pytest.mark.parametrize(
    ("expected", "state"),
    [
        ("No", morning()),
        ("Yes", morning(published=publication())),
        ("With care", morning(Kind.WARNING, published=publication())),
        ("With care", morning(published=publication(is_complete=False))),
        ("With care", morning(published=publication(restored_publication_id=39))),
        ("No", morning(Kind.EXTRACT_LATE, published=publication())),
        ("No", morning(Kind.WARNING, Kind.GATE_FAILED, published=publication())),
        ("No", morning(Kind.REFRESH_FAILED, published=publication())),
        (
            "With care",
            morning(published=publication(), begun="s", is_refreshing=True),
        ),
        ("No", morning(published=publication(), begun="s")),  # it was killed
        ("Yes", morning(published=publication(), begun="r")),  # after it published
    ],
)
def test_figures_are_usable_or_not(expected, state):
    word, why = answer(state)
    assert word == expected
    assert why.endswith((".", "`."))
    assert state.publication is None or "2026-03-31 23:59" in why


def test_there_are_never_more_than_ten_lines_in_all(monkeypatch, capsys):
    found = morning(*[Kind.WARNING] * 30, published=publication())
    monkeypatch.setattr(warehouse, "open_warehouse", MagicMock())
    monkeypatch.setattr("orchestration.morning.look", lambda *_: found)
    status()
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 10
    assert told[0].startswith("With care: ")
    assert "Last refresh: published" in told[2]
    assert "... and 27 more" in told[-3]
    assert "2 rejected batches" in told[-2]
    assert told[-1] == "More: wardline status --all"


def test_a_refresh_under_way_is_told_instead_of_the_last_one():
    told = lines(morning(published=publication(), begun="s", is_refreshing=True))
    who = "root, schedule nightly"
    assert told[1] == f"The refresh that {who} began at 2026-04-01 02:04 is under way."
