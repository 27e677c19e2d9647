"""The pages, in the order of the menu; a module each asks its questions and draws."""

from serving.dashboard.pages import (
    appointments,
    beds,
    departments,
    doctors,
    money,
    patients,
    quality,
    stay,
    today,
)
from serving.dashboard.panels import Page

PAGES: tuple[Page, ...] = (
    today.PAGE,
    beds.PAGE,
    stay.PAGE,
    departments.PAGE,
    appointments.PAGE,
    doctors.PAGE,
    money.PAGE,
    patients.PAGE,
    quality.PAGE,
)
