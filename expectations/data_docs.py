"""Writes a run's Data Docs: what was expected, what was found, for a person to read.

Great Expectations renders each suite; the frame around it is ours, because the stock
page loads scripts, styles and an image from six sites on the internet, which a hospital
network blocks. Only stripped results may come here (see verdicts).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.verdicts import Verdict

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult

_TEMPLATES = Path(__file__).parent / "templates"

# The renderer links to a page of the suite alone, which says no more than this one.
_SUITE_LINK = re.compile(r'<a href="(?:\.\./)+expectations/[^>]*>(.*?)</a>')


def write_data_docs(
    folder: Path,
    verdicts: Sequence[Verdict],
    results: Sequence[ExpectationSuiteValidationResult],
) -> Path:
    """Writes `index.html` and one page per suite into `folder`; returns the index."""
    from great_expectations.render.renderer.page_renderer import (
        ValidationResultsPageRenderer,
    )
    from great_expectations.render.view import DefaultJinjaPageView

    view = DefaultJinjaPageView(custom_views_directory=str(_TEMPLATES))
    renderer = ValidationResultsPageRenderer()
    folder.mkdir(parents=True, exist_ok=True)
    pages = set()
    for result in results:
        result.meta.pop("batch_markers", None)  # the moment of reading, of no use
        _escape(result)
        html = view.render(renderer.render(result), template="suite_page.j2")
        page = folder / f"{result.suite_name}.html"
        page.write_text(_SUITE_LINK.sub(r"\1", html), encoding="utf-8")
        pages.add(result.suite_name)
    index = folder / "index.html"
    template = view.env.get_template("verdicts_page.j2")
    index.write_text(
        template.render(verdicts=sorted(verdicts, key=_urgency), pages=pages),
        encoding="utf-8",
    )
    return index


def _escape(result: ExpectationSuiteValidationResult) -> None:
    # Great Expectations writes descriptions into the page as they are.
    for one in result.results:
        if one.expectation_config is not None:
            text = one.expectation_config.description or ""
            one.expectation_config.description = escape(text, quote=False)


def _urgency(verdict: Verdict) -> tuple[bool, bool]:
    return verdict.success, verdict.severity != "critical"
