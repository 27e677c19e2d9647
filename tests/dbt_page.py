"""dbt's page of all models, read as a browser would."""

import json
from typing import Any

_START = "n={manifest:"


def inlined(html: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifest and the catalogue that the page has in its script."""
    decoder = json.JSONDecoder()
    manifest, end = decoder.raw_decode(html, html.index(_START) + len(_START))
    assert html[end:].startswith(",catalog:")
    catalog, end = decoder.raw_decode(html, end + len(",catalog:"))
    assert html[end:].startswith("}")
    return manifest, catalog
