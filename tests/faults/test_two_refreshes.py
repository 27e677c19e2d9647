"""Two refreshes at once: one goes on, the other is refused and changes nothing."""

import pytest

from tests.faults.stage import Stage, wait_until

REFUSED = "Another refresh of this warehouse is running"


@pytest.mark.long
@pytest.mark.parametrize("first", ["command", "dagster"])
def test_the_second_is_refused_and_the_first_completes(
    stage: Stage, undisturbed: dict[str, str], first: str
):
    start = {"command": stage.refresh, "dagster": stage.job}
    with stage.locked("candidate.dim_date", "access share") as waiting:
        running = start[first]()
        wait_until(waiting, "the first is under way")
        for second in start.values():
            code, printed = second().ends()
            assert code != 0
            assert REFUSED in printed
        assert stage.rows() == stage.before
    code, printed = running.ends()
    assert code == 0, printed
    assert stage.result() == undisturbed
    stage.assert_accounts_add_up()
