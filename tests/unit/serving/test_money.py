"""What becomes of bills whose payments nobody records."""

from datetime import date

import pytest

from serving.dashboard.pages import money
from serving.dashboard.view import View
from tests.unit.serving.answers import Answers

DAY = date(2026, 1, 5)
UNTRACED = {
    **{"period_start": DAY, "payment_method": None, "payer": "Public", "bills": 2},
    **dict.fromkeys(("collected_amount", "outstanding_amount", "failed_amount")),
    **{"billed_amount": 500, "untraced_amount": 500, "average_bill_amount": 250},
    **{"collection_rate_pct": None, "bills_pct": 100, "billed_pct": 100},
}


@pytest.mark.parametrize("key", ["over-time", "payers"])
def test_the_part_of_unrecorded_payments_is_in_chart_table_and_csv(key: str):
    levels = [UNTRACED | {"level": it} for it in ("period", "method", "payer")]
    panels = money.panels(Answers(money_bills=levels), View("/money", DAY, DAY))
    (panel,) = (it for it in panels if it.key == key)
    assert panel.figure is not None
    assert "payments not recorded" in [it["name"] for it in panel.figure["data"]]
    header, row = panel.csv().splitlines()
    assert (
        dict(zip(header.split(","), row.split(","), strict=True))["untraced_amount"]
        == "500"
    )
