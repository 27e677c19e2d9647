"""The pages, in the order of the menu; a module each asks its questions and draws."""

from serving.dashboard.pages import beds, today
from serving.dashboard.panels import Page

PAGES: tuple[Page, ...] = (today.PAGE, beds.PAGE)
