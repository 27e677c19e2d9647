"""Today, beds, stays and departments: each figure counted again from the marts."""

from datetime import datetime
from decimal import Decimal

import pytest

from serving.dashboard.pages import departments, stay
from serving.dashboard.panels import WITHHELD
from serving.dashboard.periods import WEEKDAYS
from tests.integration.serving.shown import (
    VIEWS,
    Shown,
    begin,
    by,
    column,
    pct,
    percentile,
    rounded,
    total,
)

DAILY, HOURLY = "bed_occupancy_daily", "bed_occupancy_hourly"
GRAINS = ("day", "week", "month")
CONVENTIONS = {
    "nights": "length_of_stay_nights",
    "hours": "length_of_stay_hours",
    "days": "length_of_stay_days_medicare",
}


def occupancy(rows, digits=1):
    known = [row for row in rows if row["available_beds"] is not None]
    return pct(
        total(known, "occupied_beds_midnight"), total(known, "available_beds"), digits
    )


@pytest.fixture(params=VIEWS)
def view(request) -> str:
    return request.param


def test_today_shows_the_last_day_and_the_same_weekday_before(shown: Shown):
    tiles = shown.tiles("/")
    days = by(shown.mart("hospital_overview_daily"), "date_day")
    now, before = sorted(days)[-1], sorted(days)[-8]
    for key, name in (
        ("admissions", "admissions"),
        ("discharges", "discharges"),
        ("census", "census_midnight"),
        ("beds", "available_beds"),
        ("appointments", "appointments"),
        ("billed", "billed_amount"),
        ("collected", "collected_amount"),
    ):
        assert tiles[key].value == total(days[now], name), key
        assert tiles[key].before == total(days[before], name), key


@pytest.mark.parametrize("span", ["week", "period"])
def test_todays_rates_are_pooled_over_the_days(shown: Shown, span: str):
    days = by(shown.mart("hospital_overview_daily"), "date_day")
    length = {"week": 7, "period": 20}[span]
    tiles = shown.tiles("/", f"?figures={span}&from={sorted(days)[-20]}")
    for part, value in (
        (sorted(days)[-length:], "value"),
        (sorted(days)[-2 * length : -length], "before"),
    ):
        rows = [row for day in part for row in days[day]]
        no_show, completed = total(rows, "no_show"), total(rows, "completed")
        for key, expected in (
            (
                "occupancy",
                Decimal(100)
                * total(rows, "census_midnight")
                / total(rows, "available_beds"),
            ),
            (
                "stay",
                Decimal(total(rows, "bed_days_discharged"))
                / total(rows, "measured_discharges"),
            ),
            ("no_show", Decimal(100) * no_show / (completed + no_show)),
        ):
            assert getattr(tiles[key], value) == expected, (key, value)


def test_today_compares_with_nothing_that_it_has_only_half_of(shown: Shown):
    tiles = shown.tiles("/", "?figures=period&from=2026-01-05")
    assert {it.before for it in tiles.values()} == {None}


def test_todays_days(shown: Shown, view: str):
    panel = shown.panel("/", "days", view)
    seen = shown.view("/", view)
    days = by(
        [
            row
            for row in shown.mart("hospital_overview_daily")
            if seen.date_from <= row["date_day"] <= seen.date_to
            and seen.branch_key in (None, row["branch_key"])
        ],
        "date_day",
    )
    for name in ("admissions", "census_midnight", "available_beds", "billed_amount"):
        assert column(panel, "date_day", name) == {
            day: total(rows, name) for day, rows in days.items()
        }


@pytest.mark.parametrize("grain", GRAINS)
def test_admissions_and_discharges(shown: Shown, view: str, grain: str):
    search = f"{view or '?'}&by={grain}"
    panel = shown.panel("/beds", "flow", search)
    parts = by(
        shown.kept("patient_flow_daily", "date_day", "/beds", search),
        lambda row: begin(row["date_day"], grain),
    )
    for name in ("admissions", "discharges", "transfers_in", "net_flow"):
        assert column(panel, "period_start", name) == {
            start: total(rows, name) for start, rows in parts.items()
        }


def test_the_midnight_census_is_the_stays_over_each_midnight(shown: Shown, view: str):
    panel = shown.panel("/beds", "census", view)
    nights = by(shown.kept(DAILY, "date_day", "/beds", view), "date_day")
    assert column(panel, "date_day", "occupied_beds_midnight") == {
        night: total(rows, "occupied_beds_midnight") for night, rows in nights.items()
    }
    assert column(panel, "date_day", "occupancy_pct") == {
        night: occupancy(rows) for night, rows in nights.items()
    }


def test_the_census_of_all_is_that_of_the_bed_stays(shown: Shown):
    stays = shown.mart("fct_bed_stays")
    for row in shown.panel("/beds", "census").rows:
        over_midnight = [
            stay
            for stay in stays
            if stay["started_at"].date() <= row["date_day"]
            and (stay["is_open"] or stay["ended_at"].date() > row["date_day"])
        ]
        assert row["occupied_beds_midnight"] == len(over_midnight), row["date_day"]


def test_occupancy_by_ward_and_bed_type_is_pooled(shown: Shown, view: str):
    kept = shown.kept(DAILY, "date_day", "/beds", view)
    for key, name, group in (
        ("wards", "ward_name", "ward_name"),
        ("bed-types", "bed_type", "bed_type"),
    ):
        panel = shown.panel("/beds", key, view)
        assert column(panel, name, "occupancy_pct") == {
            it: occupancy(rows) for it, rows in by(kept, group).items()
        }
        shares = [row["occupancy_pct"] for row in panel.rows]
        assert shares == sorted(shares, key=lambda it: -(it or -1))


def test_the_highest_occupation_is_of_all_beds_together(shown: Shown, view: str):
    seen = shown.view("/beds", view)
    hours = by(
        [
            row | {"day": row["hour_starts_at"].date()}
            for row in shown.mart(HOURLY)
            if seen.date_from <= row["hour_starts_at"].date() <= seen.date_to
            and seen.branch_key in (None, row["branch_key"])
            and seen.department_key in (None, row["department_key"])
        ],
        "hour_starts_at",
    )
    highest: dict = {}
    for hour, rows in hours.items():
        day = hour.date()
        highest[day] = max(highest.get(day, 0), total(rows, "occupied_beds"))
    panel = shown.panel("/beds", "peak", view)
    assert column(panel, "date_day", "peak_occupied_beds") == highest


def test_the_hours_of_the_week(shown: Shown, view: str):
    seen = shown.view("/beds", view)
    cells = by(
        [
            row
            for row in shown.mart(HOURLY)
            if seen.date_from <= row["hour_starts_at"].date() <= seen.date_to
            and seen.branch_key in (None, row["branch_key"])
            and seen.department_key in (None, row["department_key"])
        ],
        lambda row: (
            WEEKDAYS[row["hour_starts_at"].weekday()],
            row["hour_starts_at"].hour,
        ),
    )
    panel = shown.panel("/beds", "hours", view)
    assert {
        (row["weekday_name"], row["hour"]): row["occupancy_pct"] for row in panel.rows
    } == {
        cell: pct(
            total(rows, "occupied_bed_hours"),
            sum(row["available_beds"] * row["elapsed_hours"] for row in rows),
        )
        for cell, rows in cells.items()
    }


def stays_of(shown: Shown, view: str, convention: str):
    return [
        row | {"stay": row[CONVENTIONS[convention]]}
        for row in shown.kept("fct_admissions", "discharged_on", "/stay", view)
        if row["is_measurable"]
    ]


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize(
    ("key", "name", "group"),
    [
        ("department", "department_name", "department_name"),
        ("admission-type", "admission_type", "admission_type"),
        ("over-time", "period_start", lambda row: begin(row["discharged_on"], "month")),
    ],
)
def test_length_of_stay(shown: Shown, view: str, convention: str, key, name, group):
    search = f"{view or '?'}&convention={convention}&by=month"
    panel = shown.panel("/stay", key, search)
    groups = by(stays_of(shown, search, convention), group)
    assert column(panel, name, "discharges") == {
        it: len(rows) for it, rows in groups.items()
    }
    assert column(panel, name, "average_stay") == {
        it: rounded(Decimal(total(rows, "stay")) / len(rows), 2)
        for it, rows in groups.items()
    }
    for fraction, figure in ((0.5, "median_stay"), (0.9, "p90_stay")):
        for it, value in column(panel, name, figure).items():
            stays = [row["stay"] for row in groups[it]]
            assert float(value) == pytest.approx(
                percentile(stays, fraction), abs=0.0051
            )
    unit = {"nights": "nights", "hours": "hours", "days": "Medicare days"}[convention]
    assert panel.title.endswith(f", {unit}")


@pytest.mark.parametrize(
    ("convention", "width"), [("nights", 1), ("hours", 12), ("days", 1)]
)
def test_the_distribution_holds_every_discharge_once(shown, view, convention, width):
    search = f"{view or '?'}&convention={convention}"
    panel = shown.panel("/stay", "distribution", search)
    last = {"nights": 30, "hours": 480, "days": 30}[convention]
    classes = by(
        stays_of(shown, search, convention),
        lambda row: min(int(row["stay"] // width) * width, last),
    )
    found = column(panel, "bin_from", "discharges")
    assert {it: count for it, count in found.items() if count} == {
        it: len(rows) for it, rows in classes.items()
    }
    assert list(found) == list(range(0, max(found, default=-width) + width, width))


def test_long_stays(shown: Shown, view: str):
    seen = shown.view("/stay", view)
    places = [
        shown.named(row, seen)
        for row in shown.mart("fct_admissions")
        if row["is_measurable"]
        and seen.branch_key in (None, row["branch_key"])
        and seen.department_key in (None, row["department_key"])
    ]
    ended = by(
        [
            row
            for row in places
            if row["discharged_on"]
            and seen.date_from <= row["discharged_on"] <= seen.date_to
            and row["length_of_stay_nights"] >= 21
        ],
        "department_name",
    )
    as_of = shown.view("/stay", "").date_to
    still = by(
        [
            row
            for row in places
            if row["is_open"] and (as_of - row["admitted_on"]).days >= 21
        ],
        "department_name",
    )
    panel = shown.panel("/stay", "long-stays", view)
    names = ended.keys() | still.keys()
    assert column(panel, "department_name", "ended_long_stays") == {
        it: len(ended.get(it, ())) for it in names
    }
    assert column(panel, "department_name", "open_long_stays") == {
        it: len(still.get(it, ())) for it in names
    }


@pytest.mark.parametrize(
    ("as_of", "admitted_at", "hours", "is_long"),
    [
        (datetime(2026, 2, 28, 6), datetime(2026, 2, 7, 18), 492, True),
        (datetime(2026, 2, 28, 6), datetime(2026, 2, 8, 0, 10), 485.8333, False),
        # the clock skipped an hour in between
        (datetime(2026, 4, 1, 0, 30), datetime(2026, 3, 11, 10), 493.5, True),
        # the source was not heard of since the morning before
        (datetime(2026, 2, 28, 6), datetime(2026, 2, 7, 18), 468, False),
    ],
)
def test_a_stay_that_is_not_over_is_counted_by_nights(
    shown: Shown, as_of: datetime, admitted_at: datetime, hours: float, is_long: bool
):
    key = next(
        row["admission_key"]
        for row in shown.mart("fct_admissions")
        if row["is_open"] and row["is_measurable"]
    )
    with shown.changed(
        ("update marts.publication set as_of = %s", [as_of]),
        ("update marts.fct_admissions set is_open = admission_key = %s", [key]),
        (
            "update marts.fct_admissions set admitted_at = %s, admitted_on = %s,"
            " stay_to_date_hours = %s where admission_key = %s",
            [admitted_at, admitted_at.date(), hours, key],
        ),
    ) as read:
        panels = stay.panels(read, shown.view("/stay", ""))
    (panel,) = (it for it in panels if it.key == "long-stays")
    assert sum(row["open_long_stays"] for row in panel.rows) == is_long


def test_departments_side_by_side(shown: Shown, view: str):
    def parts(mart, day):
        return by(shown.kept(mart, day, "/departments", view), "department_name")

    panel = shown.panel("/departments", "all", view)
    flow = parts("patient_flow_daily", "date_day")
    beds = parts(DAILY, "date_day")
    booked = parts("appointment_activity_daily", "date_day")
    bills = parts("fct_bills", "billed_on")
    stays = by(
        [
            row
            for row in shown.kept(
                "fct_admissions", "discharged_on", "/departments", view
            )
            if row["is_measurable"]
        ],
        "department_name",
    )
    assert {row["department_name"] for row in panel.rows} == set().union(
        flow, beds, booked, bills, stays
    )
    for row in panel.rows:
        name = row["department_name"]
        left = stays.get(name, [])
        assert row["admissions"] == total(flow.get(name, []), "admissions")
        assert row["bed_days"] == total(beds.get(name, []), "occupied_beds_midnight")
        assert row["occupancy_pct"] == occupancy(beds.get(name, []))
        assert row["appointments"] == total(booked.get(name, []), "booked")
        assert row["billed_amount"] == total(bills.get(name, []), "billed_amount")
        assert row["collected_amount"] == total(bills.get(name, []), "collected_amount")
        assert (row["discharges"] or 0) == len(left)
        nights = total(left, "length_of_stay_nights")
        average = Decimal(nights) / len(left) if left else None
        assert row["average_length_of_stay_nights"] == rounded(average, 2)
        deaths = sum(it["is_death"] for it in left)
        if row["deaths"] == WITHHELD:
            assert row["mortality_pct"] == WITHHELD
        else:
            assert not 1 <= deaths <= 10
            assert (row["deaths"] or 0) == deaths
            assert row["mortality_pct"] == pct(deaths, len(left), 2)


def test_deaths_and_readmissions_of_departments_before_any_is_withheld(shown, view):
    left = by(
        [
            row
            for row in shown.kept(
                "fct_admissions", "discharged_on", "/departments", view
            )
            if row["is_measurable"]
        ],
        "department_name",
    )
    for row in shown.asked("departments_compared", "/departments", view):
        stays = left.get(row["department_name"], [])
        live = [it for it in stays if it["is_index_for_readmission"]]
        back = [it for it in live if it["is_followed_by_readmission_30d"]]
        assert (row["deaths"] or 0) == sum(it["is_death"] for it in stays)
        assert (row["readmissions_30d"] or 0) == len(back)
        assert row["readmission_30d_pct"] == pct(len(back), len(live), 2)


def test_those_without_a_department_are_withheld_as_their_cell_is(shown: Shown):
    """They hide how few died in the smallest department, so they are no row to show."""
    left = by(
        [
            row
            for row in shown.mart("fct_admissions")
            if row["discharged_on"] and row["is_measurable"]
        ],
        "department_key",
    )
    large, unplaced, small = sorted(left, key=lambda it: -len(left[it]))[:3]
    died = {large: 40, unplaced: 15, small: 3}
    dead = {
        place: [row["admission_key"] for row in left[place][:count]]
        for place, count in died.items()
    }
    view = shown.view("/departments", "")
    with shown.changed(
        (
            "update marts.fct_admissions set is_death = admission_key = any(%s)",
            [[key for keys in dead.values() for key in keys]],
        ),
        (
            "update marts.fct_admissions set department_key = null,"
            " department_name = null where admission_key = any(%s)",
            [dead[unplaced]],
        ),
    ) as read:
        (table,) = (it for it in departments.panels(read, view) if it.key == "all")
    found = {row["department_key"]: row["deaths"] for row in table.rows}
    assert found[large] == 40
    assert found[None] == found[small] == WITHHELD


def test_all_panels_of_departments_stand_in_one_order(shown: Shown):
    orders = {
        tuple(row["department_name"] for row in panel.rows)
        for panel in shown.panels("/departments", "")
    }
    assert len(orders) == 1
