"""The server's log: what broke and where, never what an error quotes."""

import logging
import sys

from orchestration.web import WithoutValues


def test_an_errors_message_is_not_in_the_log():
    try:
        raise ValueError("PLANTED Name")
    except ValueError:
        record = logging.getLogger("x").makeRecord(
            "x", logging.ERROR, __file__, 1, "It broke", (), sys.exc_info()
        )
    line = WithoutValues().format(record)
    assert "It broke" in line
    assert "ValueError in tests/unit/orchestration/test_web.py, line" in line
    assert "PLANTED" not in line
