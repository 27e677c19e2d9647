"""Patients and outcomes: who the patients are, how many die and how many come back.

Small numbers are withheld: of demographics by the mart itself, of outcomes here.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence

from serving.dashboard import charts, small_cells
from serving.dashboard.distributions import spans
from serving.dashboard.look import BLUE, ORANGE
from serving.dashboard.panels import (
    WITHHELD,
    Field,
    Page,
    Panel,
    Reader,
    Row,
    empty_of_branches,
)
from serving.dashboard.pooled import ratio
from serving.dashboard.small_cells import Withholding
from serving.dashboard.view import View

DEMOGRAPHICS, OUTCOMES = "patient_demographics_for_release", "outcomes_monthly"
_GROUPS = (("age_band", "age"), ("sex", "sex"), ("insurance_type", "insurance"))
_RATES = {
    "discharges": ("mortality_pct",),
    "deaths": ("mortality_pct",),
    "index_discharges": ("readmission_30d_pct", "emergency_readmission_nhs_pct"),
    "readmissions_30d": ("readmission_30d_pct",),
    "emergency_readmissions_nhs": ("emergency_readmission_nhs_pct",),
}
_PARTS = (
    ("mortality_pct", "deaths", "discharges"),
    ("readmission_30d_pct", "readmissions_30d", "index_discharges"),
    (
        "emergency_readmission_nhs_pct",
        *("emergency_readmissions_nhs", "index_discharges"),
    ),
)
_MORTALITY = (("mortality_pct", "deaths"),)
_READMISSIONS = (
    ("readmission_30d_pct", "any, within 30 days"),
    ("emergency_readmission_nhs_pct", "emergency, within 29 days (NHS)"),
)
_DEATHS = (
    Field("discharges", "Discharges"),
    Field("deaths", "Deaths"),
    Field("mortality_pct", "Mortality", 2, " %"),
)
_RETURNS = (
    Field("index_discharges", "Live discharges"),
    Field("readmissions_30d", "Readmissions, 30 days"),
    Field("readmission_30d_pct", "Rate, 30 days", 2, " %"),
    Field("emergency_readmissions_nhs", "Emergency readmissions, NHS"),
    Field("emergency_readmission_nhs_pct", "Rate, NHS", 2, " %"),
)
_OF_MONTHS = (
    Field("mortality_months", "Months in mortality"),
    Field("readmission_months", "Months in readmissions"),
)


def panels(read: Reader, view: View) -> list[Panel]:
    """The questions of the page."""
    people = read("patients_demographics", **view.parameters())
    empty = empty_of_branches(read)
    outcomes = read("patients_outcomes", **view.parameters())
    withholding = Withholding(read("outcomes_cells"), _RATES)
    months = [
        withholding.apply(row, row["month_start"], small_cells.place_seen(view))
        for row in outcomes
        if row["level"] == "month"
    ]
    departments = _over_months(
        [
            withholding.apply(row, row["month_start"], small_cells.place_of(row))
            for row in outcomes
            if row["level"] == "department"
        ]
    )
    return [
        _mortality("month", "month_start", months),
        _readmissions("month", "month_start", months),
        _mortality("department", "department_name", departments),
        _readmissions("department", "department_name", departments),
        *(_group(name, label, people, empty) for name, label in _GROUPS),
    ]


def _over_months(rows: Sequence[Row]) -> list[Row]:
    """Each department over its months, that with most discharges first."""
    places: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        places[small_cells.place_of(row)].append(row)
    return sorted((_pooled(of) for of in places.values()), key=_most_discharges_first)


def _pooled(months: Sequence[Row]) -> Row:
    pooled = dict(months[0])
    for fields, of_months in zip((_DEATHS, _RETURNS), _OF_MONTHS, strict=True):
        counts = [it.name for it in fields if it.name in _RATES]
        pooled |= small_cells.over_periods(months, counts, of_months.name)
    for rate, part, whole in _PARTS:
        is_withheld = WITHHELD in (pooled[part], pooled[whole])
        pct = ratio(part, whole, factor=100)
        pooled[rate] = WITHHELD if is_withheld else pct([pooled])
    return pooled


def _most_discharges_first(row: Row) -> tuple[int, str]:
    discharges = row["discharges"]
    return (0 if discharges == WITHHELD else -discharges, row["department_name"] or "")


def _group(name: str, label: str, people: Sequence[Row], empty: str) -> Panel:
    rows = [
        {**row, "patients": WITHHELD if row["patients"] is None else row["patients"]}
        for row in people
        if row["level"] == name
    ]
    cells = sum(row["withheld_cells"] for row in rows)
    return Panel(
        key=label,
        title=f"Patients by {label}, registered patients",
        fields=(
            Field(name, label.capitalize()),
            Field("patients", "Patients"),
            Field("withheld_cells", "Cells withheld"),
        ),
        rows=rows,
        figure=(charts.bars if name == "age_band" else charts.ranking)(
            rows, name, [("patients", "patients")], unit="patients"
        ),
        measures=((DEMOGRAPHICS, "patients"),),
        note=f"Counted by sex, age, insurance and branch together; {cells} of these"
        " cells hold 1 to 10 patients, are withheld, and are in no number here."
        if cells
        else "",
        empty=empty,
        is_tall=name == "age_band",
        summary=f"Bar chart of {len(rows)} groups.",
    )


def _mortality(by: str, name: str, rows: Sequence[Row]) -> Panel:
    return _outcome(
        f"mortality-{by}",
        f"Deaths in hospital by {by}, % of discharges",
        (name, by),
        rows,
        _MORTALITY,
        note=_note(by),
    )


def _readmissions(by: str, name: str, rows: Sequence[Row]) -> Panel:
    return _outcome(
        f"readmissions-{by}",
        f"Readmissions by {by}, % of live discharges",
        (name, by),
        rows,
        _READMISSIONS,
        note=f"{_note(by)} Who left in the last 30 days may still come back.",
    )


def _note(by: str) -> str:
    if by == "month":
        return small_cells.NOTE
    return f"{small_cells.NOTE} {small_cells.NOTE_OF_MONTHS}"


def _outcome(
    key: str,
    title: str,
    by: tuple[str, str],
    rows: Sequence[Row],
    ys: Sequence[tuple[str, str]],
    *,
    note: str,
) -> Panel:
    (name, label), unit = by, title.split(", ", 1)[1]
    is_month = name == "month_start"
    if is_month:
        figure = charts.lines(rows, name, ys, unit=unit)
    elif len(ys) > 1:
        figure = spans(rows, name, (ys[1], ys[0]), unit=unit, colours=(ORANGE, BLUE))
    else:
        figure = charts.ranking(rows, name, ys, unit=unit, decimals=1)
    return Panel(
        key=key,
        title=title,
        fields=(
            Field(name, "Month of discharge" if is_month else label.capitalize()),
            *_DEATHS,
            *(() if is_month else _OF_MONTHS[:1]),
            *_RETURNS,
            *(() if is_month else _OF_MONTHS[1:]),
        ),
        rows=rows,
        figure=figure,
        measures=tuple((OUTCOMES, column) for column, _ in ys),
        note=note,
        summary=f"Chart of {len(rows)} {label}s.",
    )


PAGE = Page(
    "/patients",
    "Patients and outcomes",
    panels,
    about="Outcomes are of all months that the period touches, whole. Patients are"
    " those registered when the data speak, whatever the period and department.",
)
