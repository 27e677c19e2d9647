"""The two kinds of expectation that Great Expectations does not bring along.

This module imports Great Expectations, so it is imported only where a suite is built.
"""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.expectations import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import BatchExpectation


class ExpectQueryToFindNoRows(UnexpectedRowsExpectation):  # type: ignore[misc]
    """Holds when the query finds nothing, and never fetches a row to find out.

    The parent class also fetches up to 200 of the offending rows into this process.
    They are patients' rows: this class asks for their number alone, which halves the
    questions to the database too.
    """

    metric_dependencies: ClassVar[tuple[str, ...]] = (
        "unexpected_rows_query.row_count",
    )

    def _validate(self, metrics: dict[str, Any], **_: Any) -> dict[str, Any]:
        found = metrics["unexpected_rows_query.row_count"]
        return {"success": found == 0, "result": {"observed_value": found}}


class ExpectFactToBeAtMost(BatchExpectation):  # type: ignore[misc]
    """Holds when a number counted before the gate is at most its limit.

    For what a table cannot say about itself, such as the records of a file that never
    became rows. It asks the database nothing.
    """

    observed: float
    at_most: float

    metric_dependencies: ClassVar[tuple[str, ...]] = ()
    success_keys: ClassVar[tuple[str, ...]] = ("observed", "at_most")

    def _validate(self, **_: Any) -> dict[str, Any]:
        return {
            "success": self.observed <= self.at_most,
            "result": {"observed_value": self.observed},
        }
