"""The accounting identities in words, for one row and for many."""

import pytest

from expectations.words import counted
from orchestration.accounting import Account, current_sentence, received_sentence
from orchestration.bookkeeping import Batch


def batch(status: str = "accepted", **rows: int) -> Batch:
    counts = dict.fromkeys(
        ("received", "appended", "unchanged", "malformed", "deleted"), 0
    )
    return Batch(
        batch_id=1,
        source_system="his",
        table_name="beds",
        as_of=None,
        status=status,
        reason=None,
        run_id="run",
        **{f"rows_{name}": count for name, count in (counts | rows).items()},
    )


def test_what_was_received_is_summed_to_the_row() -> None:
    batches = [
        batch(received=1200, appended=1199, malformed=1),
        batch(received=34, appended=4, unchanged=30),
    ]
    assert received_sentence(batches) == (
        "1,234 rows received = 1,203 appended + 30 unchanged + 1 malformed"
    )


def test_one_row_is_a_row() -> None:
    assert received_sentence([batch(received=1, appended=1)]) == (
        "1 row received = 1 appended + 0 unchanged + 0 malformed"
    )


def test_rows_of_rejected_batches_are_told_apart() -> None:
    rejected = batch("rejected", received=1, malformed=1)
    assert received_sentence([batch(received=2, appended=2), rejected]) == (
        "2 rows received = 2 appended + 0 unchanged + 0 malformed; 1 row in rejected "
        "batches"
    )


def test_a_run_that_received_or_built_nothing_has_no_account() -> None:
    assert received_sentence([]) is None
    assert current_sentence([]) is None


@pytest.mark.parametrize(("staged", "sign"), [(8, "="), (9, "IS NOT")])
def test_an_account_that_does_not_add_up_says_so(staged: int, sign: str) -> None:
    accounts = [Account("his", "beds", 10, staged, 2), Account("his", "wards", 1, 1, 0)]
    assert current_sentence(accounts) == (
        f"11 current rows in raw {sign} {staged + 1} staged + 2 in quarantine"
    )


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 batch"), (0, "0 batches"), (1250, "1,250 batches")]
)
def test_counts_and_their_nouns_agree(count: int, words: str) -> None:
    assert counted(count, "batch") == words
