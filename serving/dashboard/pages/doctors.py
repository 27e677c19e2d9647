"""Doctors: what each carries, and how the load is spread over them."""

from collections.abc import Sequence
from statistics import median

from serving.dashboard import charts
from serving.dashboard.distributions import histogram
from serving.dashboard.look import BLUE, GREY, PALETTE, VERMILLION
from serving.dashboard.panels import Choice, Field, Page, Panel, Reader, Row
from serving.dashboard.view import View

MART = "doctor_load_daily"
SHOWN = 20
_NAME = (Field("doctor_name", "Doctor"), Field("department_name", "Department"))
_APPOINTMENTS = Field("appointments", "Appointments")
_CASELOAD = Field("average_midnight_caseload", "Patients at midnight", 2)
_UTILISATION = Field("utilisation_pct", "Worked of rostered", 1, " %")
_SPREAD = Choice(
    "spread",
    "Of",
    {
        _APPOINTMENTS.name: "appointments",
        _CASELOAD.name: "caseload",
        _UTILISATION.name: "utilisation",
    },
)
_UNITS = {
    _APPOINTMENTS.name: "appointments in the period",
    _CASELOAD.name: "patients at midnight on average",
    _UTILISATION.name: "% of rostered hours worked",
}
_MEASURES = {
    _APPOINTMENTS.name: (MART, "appointments"),
    _CASELOAD.name: (MART, "midnight_caseload"),
    _UTILISATION.name: (MART, "utilisation_pct"),
}


def panels(read: Reader, view: View) -> list[Panel]:
    """The questions of the page."""
    rows = read("doctors_load", **view.parameters())
    return [
        _spread(view, rows),
        _ranked(
            *("appointments", "Outpatient load by doctor, appointments"),
            *(rows, _APPOINTMENTS),
            fields=(
                _APPOINTMENTS,
                Field("completed_appointments", "Completed"),
                Field("no_shows", "No-show"),
                Field("other_appointments", "Other"),
                Field("treatments", "Treatments"),
            ),
            ys=(
                ("completed_appointments", "completed"),
                ("no_shows", "no-show"),
                ("other_appointments", "cancelled or scheduled"),
            ),
            colours=(BLUE, VERMILLION, GREY),
        ),
        _ranked(
            *("caseload", "Caseload by attending doctor, patients at midnight"),
            *(rows, _CASELOAD),
            fields=(_CASELOAD, Field("admissions", "Admissions")),
        ),
        _ranked(
            *("utilisation", "Utilisation by doctor, % of rostered hours worked"),
            *(rows, _UTILISATION),
            fields=(
                _UTILISATION,
                Field("worked_hours", "Worked, hours", 1),
                Field("rostered_hours", "Rostered, hours", 1),
            ),
            marker=100,
        ),
    ]


def _spread(view: View, rows: Sequence[Row]) -> Panel:
    chosen = _SPREAD.of(view)
    known = [row for row in rows if row[chosen] is not None]
    middle = median(row[chosen] for row in known) if known else None
    return Panel(
        key="spread",
        title=f"Spread of {_SPREAD.options[chosen]} over doctors, number of doctors",
        fields=(*_NAME, _APPOINTMENTS, _CASELOAD, _UTILISATION),
        rows=known,
        figure=histogram(
            known, chosen, unit="doctors", x_unit=_UNITS[chosen], median=middle
        ),
        measures=(_MEASURES[chosen],),
        choices=(_SPREAD,),
        is_wide=True,
        summary=f"Histogram of {len(known)} doctors; the median is"
        f" {Field('median', '', 1).text(middle)} {_UNITS[chosen]}.",
    )


def _ranked(
    key: str,
    title: str,
    rows: Sequence[Row],
    by: Field,
    *,
    fields: Sequence[Field],
    ys: Sequence[tuple[str, str]] = (),
    colours: Sequence[str] = PALETTE,
    marker: float | None = None,
) -> Panel:
    known = [row for row in rows if row[by.name]]
    known.sort(key=lambda row: (-row[by.name], row["doctor_name"]))
    rest = len(known) - SHOWN
    return Panel(
        key=key,
        title=title,
        fields=(*_NAME, *fields),
        rows=known,
        figure=charts.ranking(
            known[:SHOWN],
            "doctor_name",
            ys or [(by.name, by.label)],
            unit=title.split(", ", 1)[1],
            decimals=by.decimals,
            colours=colours,
            marker=marker,
        ),
        measures=(_MEASURES[by.name],),
        is_wide=by is _UTILISATION,
        note=f"The first {SHOWN}; {rest} more are in the table." if rest > 0 else "",
        summary=f"Bar chart of {min(len(known), SHOWN)} doctors, the highest first.",
    )


PAGE = Page(
    "/doctors",
    "Doctors",
    panels,
    about="Not for comparing doctors without their rosters and specialties.",
)
