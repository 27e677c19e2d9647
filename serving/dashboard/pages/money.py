"""Money: what was billed and what became of it, who pays, how, and what care costs."""

from collections.abc import Sequence

from serving.dashboard import charts
from serving.dashboard.look import GREEN, GREY, ORANGE, VERMILLION
from serving.dashboard.panels import (
    Choice,
    Field,
    Page,
    Panel,
    Reader,
    Row,
    empty_of_branches,
)
from serving.dashboard.periods import cut, grain
from serving.dashboard.pooled import ratio, total
from serving.dashboard.view import View

BILLS, AGEING = "fct_bills", "receivables_ageing"
COSTS = "treatment_costs_monthly"
_BY = Choice("methods", "By", {"count": "number of bills", "amount": "amount billed"})
_PARTS = (
    ("collected_amount", "collected"),
    ("outstanding_amount", "outstanding"),
    ("failed_amount", "failed"),
    ("untraced_amount", "payments not recorded"),
)
_COLOURS = (GREEN, ORANGE, VERMILLION, GREY)


def panels(read: Reader, view: View) -> list[Panel]:
    """The questions of the page."""
    by, money = grain(view), read.currency
    bills = read("money_bills", **view.parameters(), grain=by.of(view))
    treatments = read("money_by_treatment", **view.parameters())
    return [
        _over_time(view, by, _of(bills, "period"), money),
        _payers(_of(bills, "payer"), money),
        _methods(view, _of(bills, "method"), money),
        _ageing(read, view),
        *(
            _treatments(key, what, treatments, money)
            for key, what in (("total", "Total"), ("average", "Average"))
        ),
    ]


def _over_time(view: View, by: Choice, rows: Sequence[Row], money: str) -> Panel:
    billed = total("billed_amount")(rows) or 0
    rate = ratio("collected_amount", "billed_amount", factor=100)(
        [row for row in rows if row["collected_amount"] is not None]
    )
    return Panel(
        key="over-time",
        title=f"Billed by {by.of(view)}, and what of it is collected, {money}",
        fields=(
            Field("period_start", f"{by.of(view)} beginning".capitalize()),
            *_amounts(money),
        ),
        rows=rows,
        figure=charts.bars(
            rows, "period_start", _parts(rows), unit=money, colours=_COLOURS
        ),
        measures=(
            (BILLS, "billed_amount"),
            *((BILLS, it) for it, _ in _PARTS[:3]),
        ),
        note="Payments stand on the day of their bill, so the latest bills are mostly"
        f" outstanding. {cut(view, by.of(view))}",
        choices=(by,),
        is_wide=True,
        summary=f"Stacked bars: {billed:,.0f} {money} billed,"
        f" {Field('rate', '', 1, ' %').text(rate)} collected.",
    )


def _methods(view: View, rows: Sequence[Row], money: str) -> Panel:
    is_count = _BY.of(view) == "count"
    unit = "number of bills" if is_count else f"billed {money}"
    column = "bills" if is_count else "billed_amount"
    rows = sorted(rows, key=lambda row: -(row[column] or 0))
    return Panel(
        key="methods",
        title=f"Payment methods, {unit}",
        fields=(
            Field("payment_method", "Payment method"),
            *_shares(),
            *_amounts(money)[1:],
        ),
        rows=rows,
        figure=charts.ranking(rows, "payment_method", [(column, unit)], unit=unit),
        measures=((BILLS, "payment_method"), (BILLS, "billed_amount")),
        note="Of bills that nobody has begun to pay no method is known.",
        choices=(_BY,),
        summary=f"Bar chart of {len(rows)} payment methods.",
    )


def _payers(rows: Sequence[Row], money: str) -> Panel:
    return Panel(
        key="payers",
        title=f"Payer mix, billed {money}",
        fields=(Field("payer", "Payer"), *_shares(), *_amounts(money)[1:]),
        rows=rows,
        figure=charts.ranking(
            rows,
            "payer",
            _parts(rows),
            unit=money,
            colours=_COLOURS,
        ),
        measures=((BILLS, "payer"), (BILLS, "billed_amount")),
        is_tall=True,
        summary=f"Bar chart of {len(rows)} payers.",
    )


def _ageing(read: Reader, view: View) -> Panel:
    rows, money = read("money_ageing", **view.parameters()), read.currency
    as_of = f" on {max(row['as_of'] for row in rows).date()}" if rows else ""
    rows = [{**row, "age_band": f"{row['ageing_bucket']} days"} for row in rows]
    return Panel(
        key="ageing",
        title=f"Receivables by age{as_of}, outstanding {money}",
        fields=(
            Field("age_band", "Age of the bill"),
            Field("bills", "Bills"),
            Field("outstanding_amount", f"Outstanding, {money}", 2),
            Field("outstanding_pct", "Share", 1, " %"),
        ),
        rows=rows,
        figure=charts.bars(
            rows, "age_band", [("outstanding_amount", "outstanding")], unit=money
        ),
        measures=((AGEING, "outstanding_amount"), (AGEING, "ageing_bucket")),
        note="Period and department do not change it: it speaks for one moment, and for"
        " whole branches.",
        empty=empty_of_branches(read),
        summary=f"Bar chart of {len(rows)} ages.",
    )


def _treatments(key: str, what: str, rows: Sequence[Row], money: str) -> Panel:
    column = f"{key}_cost_amount"
    known = [row for row in rows if row[column] is not None]
    return Panel(
        key=f"{key}-cost",
        title=f"{what} cost by treatment type, {money}",
        fields=(
            Field("treatment_type", "Treatment type"),
            Field("treatments", "Treatments"),
            Field("total_cost_amount", f"Total, {money}", 2),
            Field("average_cost_amount", f"Average, {money}", 2),
            Field("minimum_cost_amount", f"Lowest, {money}", 2),
            Field("maximum_cost_amount", f"Highest, {money}", 2),
        ),
        rows=sorted(known, key=lambda row: -row[column]),
        figure=charts.ranking(
            sorted(known, key=lambda row: -row[column]),
            "treatment_type",
            [(column, what.lower())],
            unit=money,
        ),
        measures=((COSTS, column),),
        summary=f"Bar chart of {len(known)} treatment types.",
    )


def _parts(rows: Sequence[Row]) -> Sequence[tuple[str, str]]:
    return [it for it in _PARTS if it[0] != "untraced_amount" or _has(rows, it[0])]


def _has(rows: Sequence[Row], column: str) -> bool:
    return any(row[column] is not None for row in rows)


def _of(bills: Sequence[Row], level: str) -> Sequence[Row]:
    return [row for row in bills if row["level"] == level]


def _shares() -> Sequence[Field]:
    return (
        Field("bills", "Bills"),
        Field("bills_pct", "of bills", 1, " %"),
        Field("billed_pct", "of billed", 1, " %"),
    )


def _amounts(money: str) -> Sequence[Field]:
    return (
        Field("bills", "Bills"),
        Field("billed_amount", f"Billed, {money}", 2),
        Field("collected_amount", "Collected", 2),
        Field("outstanding_amount", "Outstanding", 2),
        Field("failed_amount", "Failed", 2),
        Field("untraced_amount", "Payments not recorded", 2),
        Field("collection_rate_pct", "Collected of billed", 1, " %"),
        Field("average_bill_amount", "Average bill", 2),
    )


PAGE = Page("/money", "Money", panels)
