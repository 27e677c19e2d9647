"""What SQL over the marts says of some panels, in the words that a page has for it.

It shares nothing with the pages' own queries. An answer has columns of its panel's
table by their headings, and its rows in the table's order.
"""

from collections.abc import Mapping
from typing import Any

from orchestration.settings import Settings
from orchestration.warehouse import Role, open_warehouse
from serving.dashboard.view import View
from tests.browser.screen import Table

_NUMBER = "'FM999,999,999,990'"
_AMOUNT = "'FM999,999,999,990.00'"
_PLACE = """
    (%(branch_key)s::text is null or branch_key = %(branch_key)s)
    and (%(department_key)s::text is null or department_key = %(department_key)s)
"""
_BRANCH = "(%(branch_key)s::text is null or branch_key = %(branch_key)s)"
_PERIOD = "between %(date_from)s and %(date_to)s"

# page: (panel, SQL)
FIGURES: Mapping[str, tuple[str, str]] = {
    "/": (
        "days",
        f"""
        select
            date_day::text as "Day",
            to_char(sum(admissions), {_NUMBER}) as "Admissions",
            to_char(sum(discharges), {_NUMBER}) as "Discharges",
            to_char(sum(census_midnight), {_NUMBER}) as "In house",
            coalesce(to_char(sum(billed_amount), {_AMOUNT}), '-') as "Billed, EUR"
        from marts.hospital_overview_daily
        where date_day {_PERIOD} and {_BRANCH}
        group by date_day
        order by date_day
        """,
    ),
    "/beds": (
        "bed-types",
        f"""
        select
            bed_type as "Bed type",
            to_char(sum(occupied_beds_midnight), {_NUMBER}) as "Bed-days",
            to_char(sum(available_beds), {_NUMBER}) as "Available bed-days",
            to_char(
                100.0 * sum(occupied_beds_midnight) / sum(available_beds),
                'FM990.0" %%"'
            ) as "Occupancy"
        from marts.bed_occupancy_daily
        where date_day {_PERIOD} and {_PLACE} and available_beds is not null
        group by bed_type
        order by 1.0 * sum(occupied_beds_midnight) / sum(available_beds) desc
        """,
    ),
    "/stay": (
        "admission-type",
        f"""
        select
            admission_type as "Admission type",
            to_char(count(*), {_NUMBER}) as "Discharges",
            to_char(avg(length_of_stay_nights), 'FM990.00') as "Average, nights",
            to_char(
                percentile_cont(0.5) within group (order by length_of_stay_nights),
                'FM990.00'
            ) as "Median, nights",
            to_char(count(*) filter (where is_long_stay), {_NUMBER})
                as "21 nights or more"
        from marts.fct_admissions
        where discharged_on {_PERIOD} and {_PLACE} and is_measurable
        group by admission_type
        order by count(*) desc, admission_type
        """,
    ),
    "/departments": (
        "bed-days",
        f"""
        select
            case
                when
                    %(branch_key)s::text is null
                    and (select count(*) from marts.dim_branch) > 1
                    then department_name || ', ' || branch_name
                else department_name
            end as "Department",
            to_char(sum(occupied_beds_midnight), {_NUMBER}) as "Bed-days"
        from marts.bed_occupancy_daily
        where date_day {_PERIOD} and {_PLACE}
        group by department_key, department_name, branch_name
        having sum(occupied_beds_midnight) > 0
        order by sum(occupied_beds_midnight) desc, (
            select sum(booked)
            from marts.appointment_activity_daily as outpatients
            where
                outpatients.department_key = bed_occupancy_daily.department_key
                and date_day between %(date_from)s and %(date_to)s
        ) desc nulls last, 1
        """,
    ),
    "/appointments": (
        "weekday",
        f"""
        select
            to_char(date_day, 'Dy') as "Weekday",
            to_char(sum(booked), {_NUMBER}) as "All booked",
            to_char(sum(completed), {_NUMBER}) as "Completed",
            to_char(sum(no_show), {_NUMBER}) as "No-show"
        from marts.appointment_activity_daily
        where date_day {_PERIOD} and {_PLACE}
        group by to_char(date_day, 'Dy'), extract(isodow from date_day)
        having sum(booked) > 0
        order by extract(isodow from date_day)
        """,
    ),
    "/doctors": (
        "appointments",
        f"""
        select
            coalesce(max(doctor_name), doctor_key) as "Doctor",
            to_char(sum(appointments), {_NUMBER}) as "Appointments",
            to_char(sum(no_shows), {_NUMBER}) as "No-show",
            to_char(sum(treatments), {_NUMBER}) as "Treatments"
        from marts.doctor_load_daily
        where date_day {_PERIOD} and {_PLACE}
        group by doctor_key
        having sum(appointments) > 0
        order by
            sum(appointments) desc, coalesce(max(doctor_name), doctor_key) collate "C"
        """,
    ),
    "/money": (
        "methods",
        f"""
        select
            coalesce(payment_method, 'not known') as "Payment method",
            to_char(count(*), {_NUMBER}) as "Bills",
            to_char(sum(billed_amount), {_AMOUNT}) as "Billed, EUR",
            to_char(sum(outstanding_amount), {_AMOUNT}) as "Outstanding"
        from marts.fct_bills
        where billed_on {_PERIOD} and {_PLACE}
        group by payment_method
        order by count(*) desc, sum(billed_amount) desc
        """,
    ),
    # numbers below 11 are withheld, and others that would give those away
    "/patients": (
        "mortality-month",
        f"""
        select
            month_start::text as "Month of discharge",
            case when sum(discharges) between 1 and 10 then 'withheld'
                else to_char(sum(discharges), {_NUMBER}) end as "Discharges"
        from marts.outcomes_monthly
        where
            month_start between date_trunc('month', %(date_from)s::date) and %(date_to)s
            and {_PLACE}
        group by month_start
        order by month_start
        """,
    ),
}


def asked(settings: Settings, path: str, view: View) -> Table:
    """What the marts say of a page's panel in `FIGURES`."""
    parameters: dict[str, Any] = {
        "date_from": view.date_from,
        "date_to": view.date_to,
        "branch_key": view.branch_key,
        "department_key": view.department_key,
    }
    with open_warehouse(settings).connect(Role.READER) as connection:
        answer = connection.execute(FIGURES[path][1].encode(), parameters)
        names = [it.name for it in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer]


def seen(table: Table, answer: Table) -> Table:
    """A page's table in the columns of an answer, less what is withheld in it."""
    columns = answer[0].keys() if answer else ()
    return [
        {
            name: row[name] if row[name] != "withheld" else expected[name]
            for name in columns
        }
        for row, expected in zip(table, answer, strict=True)
    ]
